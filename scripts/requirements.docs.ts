// Generates docs/reference/requirements.md from spec/requirements.json.

import { dirname } from "node:path";
import type { ReferencePage } from "./docs.ts";
import { requirementWordings } from "./requirement-ids.ts";

const familyTitles: Readonly<Record<string, string>> = {
  GEN: "Scope and principles",
  TOP: "Topologies",
  TRU: "Trust",
  REP: "Usage reports and acknowledgements",
  POL: "Policy",
  TRN: "Transports and addresses",
  CLI: "Commands",
  SHO: "Show commands",
  MSG: "Messages on the wire",
  LOG: "Log lines and events",
  RLY: "Relay",
  TOK: "Tokens",
  SEC: "Certificates",
  CLS: "Classic mode",
  CNV: "Conversion of old licences",
  CNT: "Counting",
  DIA: "Diagnostics: captures, debugs and traces",
  ONP: "On-premises manager",
  MGR: "Manager",
  FAIL: "Failures and their remedies",
  HW: "Hardware",
  BET: "Better than the original",
  I: "Invariants",
};

const introduction = `# Requirements

What Countersign promises, one line per requirement. The id stands in brackets at the start of the title of every test
that proves it; \`npm run requirements\` prints which tests of the last run did.

This page is generated from \`spec/requirements.json\` by \`npm run docs\`.
`;

function render(): string {
  const wordings = requirementWordings(dirname(import.meta.dirname));
  const families = Map.groupBy(wordings, ([id]) => id.replace(/-?\d+[a-z]?$/, ""));
  const sections = [...families].map(([family, entries]) => {
    const title = familyTitles[family];
    if (title === undefined) throw new Error(`name the family ${family} in scripts/requirements.docs.ts`);
    return `\n## ${title}\n\n${entries.map(([id, wording]) => `- **${id}** ${wording}\n`).join("")}`;
  });
  return introduction + sections.join("");
}

export const pages: readonly ReferencePage[] = [{ name: "requirements.md", render }];
