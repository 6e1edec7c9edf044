import assert from "node:assert/strict";
import { test } from "node:test";
import { wordingViolations } from "./wording-rules.ts";

// The hostile texts are put together here, so that this file passes the rule it tests.
const slash = "/";
const up = "../";

for (const [text, problem] of [
  [`see ${slash}home${slash}someone/notes.md`, "a path of somebody's machine"],
  [`"${slash}work${slash}main/packages"`, "a path of somebody's machine"],
  [`fetched from https:${slash}${slash}registry.example.org/x`, "the address of a package registry"],
  ["// TO" + "DO: later", "a note that something is unfinished"],
  [`[the notes](${up}${up}${up}notes.md)`, `${up}${up}${up}notes.md leads out of the project`],
] as const) {
  test(`refuses ${problem}: ${text}`, () => {
    const violations = wordingViolations("docs/start/first.md", `first line\n${text}\n`);
    assert.deepEqual(
      violations.map((found) => [found.place, found.problem]),
      [["docs/start/first.md:2", problem]],
    );
  });
}

for (const text of [
  `[concepts](${up}concepts/glossary.md) and ${up}${up}README.md`,
  ["https://example.com", "work", "home/x and .", "work", "x and a", "home/b"].join(slash),
  "a TO" + "DO(#12) with its issue",
]) {
  test(`accepts ${text}`, () => {
    assert.deepEqual(wordingViolations("docs/start/first.md", text), []);
  });
}

test("accepts hostile paths where tests and vectors need them", () => {
  const text = `{ "entry": "${up}${up}${up}${up}etc/passwd" }`;
  assert.deepEqual(wordingViolations("spec/vectors/bundle.json", text), []);
  assert.deepEqual(wordingViolations("packages/protocol/src/files/offline-bundle.test.ts", text), []);
  assert.equal(wordingViolations("docs/start/first.md", text).length, 1);
});
