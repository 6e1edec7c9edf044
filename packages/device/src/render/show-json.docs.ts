// Generates docs/reference/show-json.md: what each show command answers as JSON, on an invented device.

import {
  failingRouter,
  freshChassis,
  history,
  reportDetail,
  reportRows,
  trustedAtMs,
  trustedRouter,
  wireless,
} from "../test-support/fixture-views.ts";
import {
  airEntitiesJson,
  allJson,
  authorizationJson,
  eventLogJson,
  historyJson,
  rumDetailJson,
  rumListJson,
  statusJson,
  summaryJson,
  techSupportJson,
  udiJson,
  usageJson,
} from "./show-json.ts";

const events = [
  { atMs: trustedAtMs, name: "HA_ROLE", details: { udi: "PID:C8000V,SN:CSL2705E001", haRole: "Active" } },
];

const examples: readonly (readonly [command: string, value: unknown])[] = [
  ["show license status", statusJson(failingRouter)],
  ["show license summary", summaryJson(trustedRouter)],
  ["show license usage", usageJson(trustedRouter)],
  ["show license udi", udiJson(freshChassis)],
  ["show license authorization", authorizationJson(trustedRouter)],
  ["show license all", allJson(trustedRouter)],
  ["show license tech support", techSupportJson(trustedRouter)],
  ["show license history message", historyJson(history)],
  ["show license eventlog", eventLogJson(events)],
  ["show license rum id all", rumListJson(reportRows)],
  ["show license rum id <id> detail", rumDetailJson(reportDetail)],
  ["show license air entities summary", airEntitiesJson(wireless)],
];

const introduction = `# Show commands as JSON

Every show command answers as JSON with \`| json\` on the console or \`--json\` on the command line. Members may be added;
none is renamed or removed. Instants are ISO 8601 in UTC and \`null\` where nothing is; every number has its unit in its
name. A failure stands with its stage and code, a date with the rule that made it.

This page is generated from the code by \`npm run docs\`; devices and dates are invented.
`;

function render(): string {
  const sections = examples.map(
    ([command, value]) => `\n## ${command}\n\n\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\`\n`,
  );
  return introduction + sections.join("");
}

export const pages = [{ name: "show-json.md", render }] as const;
