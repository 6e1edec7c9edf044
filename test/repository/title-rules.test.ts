import assert from "node:assert/strict";
import { test } from "node:test";
import { factsOfPlanted } from "./source-facts.ts";
import { titleViolations } from "./title-rules.ts";

const cite = (id: string) => `[${id}]`;

function problemsOf(text: string): readonly string[] {
  const sources = factsOfPlanted({ "packages/agent/src/a.test.ts": text });
  return titleViolations(sources, new Set(["TRU-4", "I9"])).map(({ problem }) => problem);
}

for (const text of [
  `test("${cite("TRU-4")} ${cite("I9")} force replaces an installed trust", () => {});`,
  `describe("${cite("I9")} enrolment", () => { it("gives the same result", () => {}); });`,
  'test("accepts an array such as [1, 2]", () => {});',
  "test(computed, () => {});",
]) {
  test(`accepts ${text}`, () => assert.deepEqual(problemsOf(text), []));
}

for (const [text, problem] of [
  [`test("${cite("TRU-99")} x", () => {});`, "the title cites TRU-99, which has no wording"],
  [`suite("${cite("TRU-4")} ${cite("XYZ-1")} x", () => {});`, "the title cites XYZ-1, which has no wording"],
  [`test("force ${cite("TRU-4")} replaces", () => {});`, "[TRU-4] is not read as a citation"],
  [`test("${cite("TRU 4")} x", () => {});`, "[TRU 4] is not read as a citation"],
  [`test("x", async (t) => { await t.test("${cite("TRU-5")} y"); });`, "the title cites TRU-5, which has no wording"],
  [`test(\`${cite("TRU-5")} \${1} y\`, () => {});`, "the title cites TRU-5, which has no wording"],
] as const) {
  test(`refuses ${text}`, () => assert.deepEqual(problemsOf(text), [problem]));
}
