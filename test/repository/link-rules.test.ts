import assert from "node:assert/strict";
import { test } from "node:test";
import { linkViolations } from "./link-rules.ts";

const files = new Set([
  "README.md",
  "docs/README.md",
  "docs/start/first.md",
  "spec/protocol.md",
  "spec/vectors/a.json",
]);

const firstPage = "# First\n\n## Trust, at `once`\n\n```\n# not a heading\n```\n";

function targetsOf(path: string, text: string): readonly string[] {
  return linkViolations(path, text, files, () => firstPage).map(({ place, problem }) => `${place}: ${problem}`);
}

test("refuses a Markdown link to a file that is not there", () => {
  const text = "See\n[first](start/first.md#first), [second](start/second.md).";
  assert.deepEqual(targetsOf("docs/README.md", text), ["docs/README.md:2: docs/start/second.md does not exist"]);
});

test("a link to a heading leads to one, on another page and on the same", () => {
  const text = "# Here\n[a](start/first.md#trust-at-once) [b](#here) [c](#there) [d](start/first.md#not-a-heading)";
  assert.deepEqual(targetsOf("docs/README.md", text), [
    "docs/README.md:2: docs/README.md has no heading #there",
    "docs/README.md:2: docs/start/first.md has no heading #not-a-heading",
  ]);
});

test("accepts links to files, folders and addresses", () => {
  const text = "[a](../README.md) [b](start/) [c](start) [d](https://example.com/x.md) [f](../spec/vectors)";
  assert.deepEqual(targetsOf("docs/README.md", text), []);
});

test("refuses the mention of a document that is not there, in any file", () => {
  const text = "// Section 4 of spec/protocol.md, see docs/decisions/0001-nothing.md\n";
  assert.deepEqual(targetsOf("packages/agent/src/a.ts", text), [
    "packages/agent/src/a.ts:1: docs/decisions/0001-nothing.md does not exist",
  ]);
});
