import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileLinePattern, patternCharactersMax } from "./line-pattern.ts";

const atom = fc.constantFrom("a", "b", "-", ".", "[ab]", "[^a]", "[a-c]", "\\.", "\\d", "^", "$", " ");
const pattern = fc
  .letrec<{ pattern: string }>((tie) => ({
    pattern: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      atom,
      fc.tuple(tie("pattern"), tie("pattern")).map(([one, other]) => one + other),
      fc.tuple(tie("pattern"), tie("pattern")).map(([one, other]) => `(${one}|${other})`),
      fc.tuple(tie("pattern"), fc.constantFrom("*", "+", "?")).map(([one, sign]) => `(${one})${sign}`),
    ),
  }))
  .pattern.filter((text) => text.length <= 40);
const line = fc.string({ unit: fc.constantFrom("a", "b", "c", "-", ".", "1", " "), maxLength: 12 });

test("a pattern finds what the engine of the language finds", () => {
  fc.assert(
    fc.property(pattern, line, (text, subject) => {
      assert.equal(compileLinePattern(text)?.test(subject), new RegExp(text).test(subject));
    }),
  );
});

test("no pattern, however it goes back and forth elsewhere, takes more than its length times that of the line", () => {
  for (const text of ["(.*)*(.*)*(.*)*x$", "(a+)+$", "(a|a)*b", `${"(a?)".repeat(60)}${"a".repeat(10)}z`]) {
    assert.equal(compileLinePattern(text)?.test(`${"a".repeat(2000)}!`), false, text);
  }
});

test("what is no pattern is told from one that finds nothing", () => {
  for (const text of ["[", "[a", "(", "(a", "a)", "*", "+a", "a|*", "^*", "\\", "[b-a]", "a**"]) {
    assert.equal(compileLinePattern(text), null, text);
  }
  assert.equal(compileLinePattern("[]a]")?.test("]"), true);
  assert.equal(compileLinePattern("{2}")?.test("a{2}"), true);
});

test("a pattern has at most 256 characters", () => {
  assert.notEqual(compileLinePattern("a".repeat(patternCharactersMax)), null);
  assert.equal(compileLinePattern("a".repeat(patternCharactersMax + 1)), null);
});
