import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { encodeBundle, encodeLicenseFile } from "@countersign/protocol";
import { authority, foreignAuthority, managerObject } from "@countersign/protocol/test-support/parties";
import { dispatch } from "../dispatch.ts";
import { root } from "../root.ts";

async function call(...words: string[]) {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const exitCode = await dispatch(root, ["inspect", ...words], streams, new AbortController().signal);
  return { exitCode, out: String(streams.stdout.read() ?? ""), err: String(streams.stderr.read() ?? "") };
}

test("countersign inspect says what a file is, in words and as JSON, with an exit code that fits the verdict", async () => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-inspect-"));
  const put = (name: string, text: string | Uint8Array) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  try {
    const head = put("head.json", JSON.stringify(await managerObject("tree-head")));
    const own = put("own.pem", authority.root.certificate.toString());
    const other = put("other.pem", foreignAuthority.root.certificate.toString());
    const verified = await call(head, "--root", own);
    assert.equal(verified.exitCode, 0, verified.err);
    assert.match(verified.out, /^Tree head of a ledger: VERIFIED\n/);
    assert.match(verified.out, / ledger size +12\n/);
    const unchecked = await call(head, "--json");
    assert.deepEqual([unchecked.exitCode, JSON.parse(unchecked.out).parts[0].code], [0, "root_needed"]);
    const refused = await call(head, "--root", other);
    assert.equal(refused.exitCode, 3);
    assert.match(refused.out, /REFUSED \(certificate_foreign\)/);
    assert.equal((await call(head, "--root", other, "--root", own)).exitCode, 0);
    assert.equal((await call(put("x", "hello"))).exitCode, 3);
    assert.deepEqual([(await call(join(folder, "none"))).exitCode, (await call()).exitCode], [1, 2]);
    assert.match((await call(head, "--root", head)).err, /certificate_malformed/);
    const acknowledged = encodeLicenseFile({
      ...{ reports: [], systemInfo: null },
      managerObjects: [await managerObject("ack"), await managerObject("policy")],
    });
    const bundle = encodeBundle({
      manifest: { createdBy: "test", smartAccount: "A", smartAccountId: "1" },
      archive: { name: "ACK_UD_VA_1.tar.gz", virtualAccount: "B", virtualAccountId: "2" },
      files: ["ACK_dev_1.txt", "ACK_dev_2.txt"].map((name) => ({ name, bytes: Buffer.from(acknowledged) })),
      writtenAtMs: 0,
    });
    const carried = await call(put("carried", bundle), "--root", own);
    assert.equal(carried.exitCode, 0, carried.out);
    assert.match(carried.out, /^Offline bundle with 4 objects\n\nAcknowledgement: VERIFIED\n/);
    assert.match(carried.out, / file +ACK_UD_VA_1\.tar\.gz\/ACK_dev_2\.txt\n/);
    assert.match((await call(put("cut", bundle.subarray(0, 300)))).err, /bundle_malformed/);
    assert.match((await call("--help")).out, /Usage: countersign inspect FILE/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
