// spec/verify-vectors.py reads the vectors by the specification alone, with Python's standard library and openssl. Where
// it and our own code agree, no wrong form can hide in code that both writes and reads it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";

const specFolder = join(dirname(dirname(import.meta.dirname)), "spec");
const vectorFolder = join(specFolder, "vectors");

type Summary = {
  readonly checked: number;
  readonly failed: number;
  readonly opensslRuns: number;
  readonly failures: readonly { readonly name: string }[];
};

function runVerifier(folder: string): { readonly exitCode: number | null; readonly summary: Summary } {
  const script = join(specFolder, "verify-vectors.py");
  const { status, stdout, stderr } = spawnSync("python3", [script, folder], {
    encoding: "utf8",
    maxBuffer: 64_000_000,
  });
  assert.equal(stderr, "");
  return { exitCode: status, summary: JSON.parse(stdout) };
}

/** The verifier's result on one file of vectors after a change to it. */
function runOnAltered(file: string, change: (text: string) => string) {
  const folder = mkdtempSync(join(tmpdir(), "countersign-vectors-"));
  try {
    cpSync(join(vectorFolder, file), join(folder, file));
    writeFileSync(join(folder, file), change(readFileSync(join(folder, file), "utf8")));
    return runVerifier(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the second verifier", () => {
  it("reads every vector as it is expected to be read", () => {
    const { exitCode, summary } = runVerifier(vectorFolder);
    assert.deepEqual(summary.failures, []);
    assert.equal(exitCode, 0);
    assert.ok(summary.checked > 400 && summary.opensslRuns > 200, JSON.stringify(summary));
  });

  it("fails when a certificate of a chain is another, when a merge is wrong, and when there is nothing to read", () => {
    const otherTime = runOnAltered("chains.json", (text) => text.replaceAll(/"now": \d+/g, '"now": 4102444800000'));
    assert.equal(otherTime.exitCode, 1);
    assert.ok(otherTime.summary.failed >= 5);
    const otherMerge = runOnAltered("policies.json", (text) => text.replace('"value": 365', '"value": 366'));
    assert.equal(otherMerge.summary.failed, 1);
    const nothing = runOnAltered("json.json", () => '{"vectors":[]}');
    assert.equal(nothing.exitCode, 1);
  });
});
