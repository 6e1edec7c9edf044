// npm run requirements [-- --json]: which passing tests of the last run prove which requirement.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { requirementWordings } from "./requirement-ids.ts";
import type { RunRecord } from "./requirements-reporter.ts";

const projectRoot = dirname(import.meta.dirname);
const recordFile = join(projectRoot, "test-results", "requirements.json");

/** The passing tests by requirement id, ids in the order of the wording file, ids without a wording last. */
export function provedRequirements(record: RunRecord, ids: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const proofs = new Map<string, string[]>([...ids].map((id) => [id, []]));
  for (const test of record.tests.filter((each) => each.outcome === "passed")) {
    for (const id of test.requirements) {
      const titles = proofs.get(id) ?? [];
      titles.push(test.title.join(" > "));
      proofs.set(id, titles);
    }
  }
  return proofs;
}

/** The table for people: each id with its wording and its tests, then what no test proves. */
export function requirementsTable(record: RunRecord, wordings: ReadonlyMap<string, string>): string {
  const proofs = [...provedRequirements(record, wordings.keys())];
  const proved = proofs.filter(([, titles]) => titles.length > 0);
  const unproved = proofs.filter(([, titles]) => titles.length === 0);
  const lines = proved.flatMap(([id, titles]) => [
    `${id.padEnd(8)}${wordings.get(id) ?? "(no wording in spec/requirements.json)"}`,
    ...titles.map((title) => `          ${title}`),
  ]);
  const scope = record.selection.length > 0 ? ` The last run was partial: ${record.selection.join(" ")}.` : "";
  lines.push("", `${proved.length} of ${proofs.length} requirements proved by a passing test.${scope}`);
  if (unproved.length > 0) lines.push("Without a test:");
  lines.push(...unproved.map(([id]) => `${id.padEnd(8)}${wordings.get(id)}`));
  return `${lines.join("\n")}\n`;
}

function readRecord(): RunRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile, "utf8")) as RunRecord;
  } catch {
    return undefined;
  }
}

function main(): number {
  const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
  const record = readRecord();
  if (record === undefined) {
    process.stderr.write("No finished test run is recorded. Run `npm test` first.\n");
    return 1;
  }
  const wordings = requirementWordings(projectRoot);
  const proved = [...provedRequirements(record, wordings.keys())].filter(([, titles]) => titles.length > 0);
  const json = () => `${JSON.stringify(Object.fromEntries(proved), undefined, 2)}\n`;
  process.stdout.write(values.json ? json() : requirementsTable(record, wordings));
  return 0;
}

if (import.meta.main) process.exitCode = main();
