// countersign manager ledger verify: reads the database beside the manager and needs nothing of it.

import type { Command, CommandInput } from "@countersign/terminal";
import { databaseUrlOf } from "../configuration/database-url.ts";
import type { AuditVerdict, LedgerAudit } from "../use-cases/ledger-audit/audit-ledger.ts";
import { findingCodes, type Progress } from "../use-cases/ledger-audit/findings.ts";
import { configurationOf, dataDirectoryOptions } from "./configuration-options.ts";
import { failWith, renderFacts, requireWords, show } from "./output.ts";

export const verifyLedgerCommand: Command = {
  name: "verify",
  summary:
    "Recompute leaves, tree, heads, acknowledgements and usage from the raw reports; exit code 3 if anything differs",
  options: dataDirectoryOptions,
  run: async (input) => {
    try {
      requireWords(input);
      const verdict = await verify(input);
      show(input, verdict, render);
      return verdict.isSound ? 0 : 3;
    } catch (error) {
      return failWith(error, input);
    }
  },
};

async function verify(input: CommandInput): Promise<AuditVerdict> {
  const { values } = configurationOf(input);
  const { verifyLedger } = await import("../program/verify-ledger.ts");
  const progress: Progress = (done, what) => input.stderr.write(`${done} ${what}\n`);
  const { dataDirectory } = values;
  return verifyLedger({ dataDirectory, databaseUrl: databaseUrlOf(values) }, progress);
}

function render({ isSound, ledgers, findings, findingsCount }: AuditVerdict): string {
  const facts = ledgers.map((ledger) => renderFacts(factsOf(ledger))).join("\n");
  if (isSound) return `${facts}\nEverything is as the raw reports say.\n`;
  const lines = findings.map(({ code, where }) => `  ${code}: ${where}. ${findingCodes[code]}\n`).join("");
  const more = findingsCount > findings.length ? `  … and ${findingsCount - findings.length} more\n` : "";
  return `${facts}\n${findingsCount} things are not as the raw reports say:\n${lines}${more}`;
}

function factsOf(ledger: LedgerAudit): readonly (readonly [string, string])[] {
  return [
    ["Smart account", ledger.smartAccount],
    ["Ledger", ledger.ledgerId],
    ["Entries", `${ledger.size}, root ${ledger.rootSha256}`],
    ["Reports", `${ledger.reports} from their bodies, ${ledger.provedWithoutBody} proved without body`],
    [
      "Device signatures",
      `${ledger.signatures.verified} verified, ${ledger.signatures.unverifiable} of before trust, ${ledger.signatures.purged} purged`,
    ],
    ["Device certificates", String(ledger.certificates)],
    ["Administrative acts", String(ledger.acts)],
    ["Tree heads", String(ledger.treeHeads)],
    ["Acknowledgements", String(ledger.acknowledgements)],
    ["In use", `${ledger.inUse} by ${ledger.installations} installations`],
  ];
}
