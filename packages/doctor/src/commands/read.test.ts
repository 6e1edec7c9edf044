import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { called } from "../test-support/called.ts";
import { read } from "./read.ts";

test("doctor read ends with 0 for nothing to do, 1 for findings that need someone, 2 for what it cannot read", async () => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-doctor-"));
  const put = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  try {
    const well = put("well", "Reporting push interval: 0 (no reporting)\n");
    const ill = put("ill", "%PKI-3-CRL_FETCH_FAIL: CRL fetch for trustpoint SLA-TrustPoint failed\n");
    const fine = await called(read, [well]);
    assert.deepEqual([fine.exitCode, fine.out.split("\n")[0]], [0, "1 note"]);
    const both = await called(read, [well, ill], { json: true });
    const { findings, leftOut } = JSON.parse(both.out);
    assert.equal(both.exitCode, 1);
    assert.deepEqual(leftOut, []);
    assert.deepEqual(
      findings.map(({ code, severity }: { code: string; severity: string }) => [severity, code]),
      [
        ["fault", "crl_unreachable"],
        ["note", "push_interval_zero"],
      ],
    );
    assert.deepEqual(findings[0].evidence[0].source, ill);
    assert.equal(
      findings[0].remedy.find(({ command }: { command: string }) => command === "revocation-check none").impact,
      "weakens",
    );
    const nothing = await called(read, [put("poem", "The sea is calm tonight.\n")]);
    assert.equal(nothing.exitCode, 2);
    assert.match(nothing.err, /Nothing of licensing is recognised/);
    const absent = await called(read, [join(folder, "absent")], { json: true });
    assert.deepEqual([absent.exitCode, JSON.parse(absent.err).error.code], [2, "unreadable"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
