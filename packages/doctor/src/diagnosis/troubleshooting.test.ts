// The page for people and the table of rules name the same findings.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pages } from "./findings.docs.ts";
import { findingCodes } from "./rule-table.ts";

const docs = join(import.meta.dirname, "../../../../docs");

test("every finding has its place in the manual and its section in the reference, and there are no others", () => {
  const text = readFileSync(join(docs, "operating/troubleshooting.md"), "utf8");
  const named = [...text.matchAll(/\[(\w+)\]\(\.\.\/reference\/findings\.md#(\w+)\)/g)];
  for (const [, name, anchor] of named) assert.equal(name, anchor);
  assert.deepEqual(named.map(([, name]) => name).sort(), [...findingCodes].sort());
  const reference = pages[0]?.render() ?? "";
  for (const code of findingCodes) assert.ok(reference.includes(`\n## ${code}\n`), code);
});
