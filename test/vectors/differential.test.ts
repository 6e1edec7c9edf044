// Our code and the second verifier on random input: they must agree on what is taken, on every fact and on every code.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { it } from "node:test";
import { ProtocolError } from "@countersign/protocol";
import { checkVector, type Vector } from "./check-vector.ts";
import { randomInputs } from "./random-vectors.ts";

const script = join(dirname(dirname(import.meta.dirname)), "spec", "verify-vectors.py");
const inputsOfEachKind = 250;

async function outcomeOf(input: Vector): Promise<object> {
  try {
    return { outcome: "accepted", ...(await checkVector(input)) };
  } catch (error) {
    if (error instanceof ProtocolError) return { outcome: "refused", code: error.code };
    throw error;
  }
}

it("two readings of the protocol agree on random input", async () => {
  const seed = Number(process.env.COUNTERSIGN_SEED ?? randomInt(2 ** 31));
  const inputs = await randomInputs(seed, inputsOfEachKind);
  const vectors = await Promise.all(
    inputs.map(async (input) => ({ ...input, expected: await outcomeOf(input as unknown as Vector) })),
  );
  const folder = mkdtempSync(join(tmpdir(), "countersign-differential-"));
  try {
    writeFileSync(join(folder, "random.json"), JSON.stringify({ vectors }));
    const { stdout, stderr } = spawnSync("python3", [script, folder], { encoding: "utf8", maxBuffer: 64_000_000 });
    assert.equal(stderr, "");
    const { failures, checked } = JSON.parse(stdout);
    const shown = failures
      .slice(0, 3)
      .map((failure: { name: string }) => ({ ...failure, input: inputs.find(({ name }) => name === failure.name) }));
    assert.deepEqual(shown, [], `seed ${seed}: set COUNTERSIGN_SEED to repeat`);
    assert.equal(checked, inputs.length);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
