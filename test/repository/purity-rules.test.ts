import assert from "node:assert/strict";
import { test } from "node:test";
import { purityViolations } from "./purity-rules.ts";
import { factsOfPlanted } from "./source-facts.ts";

const pure = "packages/protocol/src/planted.ts";

/** What the rule says of one pure source: the problems, in the order of the text. */
function problemsOf(text: string, path = pure): readonly string[] {
  return purityViolations(factsOfPlanted({ [path]: text })).map(({ problem }) => problem);
}

const impureSources = [
  ["const at = Date.now();", "Date.now in pure code"],
  ['const at = Date["now"]();', "Date.now in pure code"],
  ["const at = new Date();", "new Date() in pure code"],
  ["const at = Date();", "Date() in pure code"],
  ["const clock = Date; clock.now();", "Date in pure code"],
  ["const { now } = Date;", "Date in pure code"],
  ["const dice = Math.random();", "Math.random in pure code"],
  ["const { random } = Math;", "Math in pure code"],
  ['const name = "random" as string as "random"; Math[name]();', "Math.? in pure code"],
  ["const took = performance.now();", "performance.now in pure code"],
  ["setTimeout(() => {}, 10);", "setTimeout() in pure code"],
  ["const later = setImmediate;", "setImmediate in pure code"],
  ["setInterval(() => {}, 10);", "setInterval() in pure code"],
  ["export const home = process.env;", "process.env in pure code"],
  ["export const all = { process };", "process in pure code"],
  ['void fetch("https://example.com");', "fetch() in pure code"],
  ["const id = crypto.randomUUID();", "crypto.randomUUID in pure code"],
  ['console.log("seen");', "console.log in pure code"],
  ["globalThis.setTimeout(() => {}, 1);", "globalThis.setTimeout in pure code"],
  ['import { readFileSync } from "node:fs";', "node:fs is imported by pure code"],
  ['import type { Socket } from "node:net";', "node:net is imported by pure code"],
  ['export { request } from "node:http";', "node:http is imported by pure code"],
  ['const fs = await import("node:fs/promises");', "node:fs/promises is imported by pure code"],
  ['import { setTimeout } from "node:timers/promises";', "node:timers/promises is imported by pure code"],
  ['import { fetch } from "undici";', "undici is imported by pure code"],
  ['import { randomBytes } from "node:crypto";', "randomBytes of node:crypto is imported by pure code"],
  ['import { createHash, randomUUID as id } from "node:crypto";', "randomUUID of node:crypto is imported by pure code"],
  ['import { generateKeyPairSync } from "node:crypto";', "generateKeyPairSync of node:crypto is imported by pure code"],
  ['import * as crypto from "node:crypto";', "* of node:crypto is imported by pure code"],
  ['import { gunzip } from "node:zlib";', "gunzip of node:zlib is imported by pure code"],
] as const;

for (const [text, problem] of impureSources) {
  test(`refuses in pure code: ${text}`, () => {
    assert.deepEqual(problemsOf(text), [problem]);
  });
}

const pureSources = [
  "export const at = (nowMs: number) => new Date(nowMs).toISOString();",
  "export const midnight = Date.UTC(2026, 0, 1) + Date.parse('1970-01-02T00:00:00Z');",
  "export const isDate = (value: unknown) => value instanceof Date;",
  "export const when: Date | undefined = undefined;",
  "export const larger = Math.max(1, 2);",
  "export const run = (process: { exit(): void }) => process.exit();",
  "export const wait = (timer: { setTimeout(ms: number): void }) => timer.setTimeout(1);",
  "export const shape = { process: 1, fetch: 2 };",
  "export interface Ports { fetch(url: string): void }",
  "// Date.now() and process.env stand in this comment only\nexport const text = 'Math.random()';",
  'import { createHash, type KeyObject, verify } from "node:crypto";',
  'import { gunzipSync } from "node:zlib";',
  'import * as v from "valibot";',
  'import { parseUdi } from "./identity.ts";',
];

for (const text of pureSources) {
  test(`accepts in pure code: ${text.split("\n")[0]}`, () => {
    assert.deepEqual(problemsOf(text), []);
  });
}

test("leaves code outside the pure folders and what is not shipped alone", () => {
  const text = "export const at = Date.now();";
  assert.deepEqual(problemsOf(text, "packages/agent/src/storage/clock.ts"), []);
  assert.deepEqual(problemsOf(text, "packages/protocol/src/planted.test.ts"), []);
});

test("says where the violation stands and what to use instead", () => {
  const [violation] = purityViolations(factsOfPlanted({ [pure]: "export const a = 1;\nexport const b = Date.now();" }));
  assert.equal(violation?.place, `${pure}:2`);
  assert.match(violation?.instead ?? "", /argument `now`/);
});
