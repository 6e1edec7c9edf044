// Every vector of spec/vectors against our own code. The second, independent reading is verify-vectors.py.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, it } from "node:test";
import { ProtocolError } from "@countersign/protocol";
import { checkVector, type Vector } from "./check-vector.ts";

const specFolder = join(dirname(dirname(import.meta.dirname)), "spec");
const files = globSync("vectors/*.json", { cwd: specFolder }).filter((file) => basename(file) !== "keys.json");

/** What came of a vector, in the words of its `expected`. */
async function outcomeOf(vector: Vector): Promise<unknown> {
  try {
    return { outcome: "accepted", ...(await checkVector(vector)) };
  } catch (error) {
    if (error instanceof ProtocolError) return { outcome: "refused", code: error.code };
    throw error;
  }
}

for (const file of files.sort()) {
  const { vectors } = JSON.parse(readFileSync(join(specFolder, file), "utf8")) as { vectors: readonly Vector[] };
  describe(`spec/${file}`, () => {
    it("names each vector once", () => {
      assert.equal(new Set(vectors.map(({ kind, name }) => `${kind} ${name}`)).size, vectors.length);
    });
    for (const vector of vectors) {
      it(`${vector.kind}: ${vector.name}`, async () => assert.deepEqual(await outcomeOf(vector), vector.expected));
    }
  });
}

it("spec/vectors/README.md describes each kind that there is, and no other", () => {
  const text = readFileSync(join(specFolder, "vectors", "README.md"), "utf8");
  const described = [...text.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, kind]) => kind);
  const kinds = files.flatMap((file) => {
    const { vectors } = JSON.parse(readFileSync(join(specFolder, file), "utf8")) as { vectors: readonly Vector[] };
    return vectors.map(({ kind }) => kind);
  });
  assert.deepEqual(new Set(described), new Set(kinds));
});
