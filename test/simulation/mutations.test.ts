import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { mutations } from "./mutations.ts";
import { type Found, findMutation, findMutations } from "./run-processes.ts";
import { mutationSeedsMax } from "./simulate.ts";

test("ten different mistakes stand exactly once where they are planted", () => {
  assert.equal(new Set(mutations.map(({ name }) => name)).size, 10);
  for (const { name, file, from, to, foundBy } of mutations) {
    assert.ok(foundBy >= 1 && foundBy <= mutationSeedsMax, name);
    const source = readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), "utf8");
    assert.equal(source.split(from).length, 2, name);
    assert.notEqual(from, to, name);
  }
});

test(`[I1] [I2] [I3] [I4] [I5] [I6] [I7] [I8] [I9] [I10] each of ten planted mistakes breaks an invariant within ${mutationSeedsMax} seeds`, async () => {
  const results = new Map<string, Found | null>();
  await findMutations(mutationSeedsMax, ({ name }, found) => results.set(name, found));
  assert.equal(results.size, mutations.length);
  assert.deepEqual(
    [...results].filter(([, found]) => found === null),
    [],
  );
  for (const [name, found] of results) assert.match(found?.violation ?? "", /^\[I\d+\] /, name);
});

test("a mistake whose place is gone is an error, not a pass", async () => {
  const [known] = mutations;
  assert.ok(known !== undefined);
  await assert.rejects(findMutation({ ...known, name: "no-such-mutation" }, 1), /ended with/);
});
