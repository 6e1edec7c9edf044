import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPublicKey, verify } from "node:crypto";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { AgentError } from "../agent-error.ts";
import type { KeyType } from "../ports.ts";
import { FileDisk } from "../storage/file-disk.ts";
import { MemoryDisk } from "../storage/memory-disk.ts";
import { udi } from "../test-support/example-state.ts";
import { temporaryDirectory } from "../test-support/temporary-directory.ts";
import { publicKeyOfRequest } from "../test-support/test-certificates.ts";
import { DiskKeyStore } from "./key-store.ts";

const keyTypes: readonly KeyType[] = ["rsa-2048", "p-256"];

for (const keyType of keyTypes) {
  test(`a ${keyType} key signs, and is the same after a restart`, async () => {
    const disk = new MemoryDisk();
    await new DiskKeyStore(disk).create("key-1", keyType);
    const keys = new DiskKeyStore(disk);
    const signer = await keys.signer("key-1");
    assert.equal(signer.algorithm, keyType === "rsa-2048" ? "SHA256" : "ES256");
    const publicKey = createPublicKey({ key: Buffer.from(await keys.publicKey("key-1")), format: "der", type: "spki" });
    const bytes = Buffer.from("signed");
    const encoding = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
    assert.ok(verify("sha256", bytes, encoding, await signer.sign(bytes)));
  });

  test(`openssl reads and verifies a certificate request for a ${keyType} key`, async (t) => {
    const directory = temporaryDirectory(t);
    const keys = new DiskKeyStore(new MemoryDisk());
    await keys.create("key-1", keyType);
    const request = await keys.certificateRequest("key-1", udi);
    await writeFile(join(directory, "request.der"), Buffer.from(request, "base64"));
    const parameters = [
      "req",
      "-inform",
      "DER",
      "-in",
      join(directory, "request.der"),
      "-noout",
      "-verify",
      "-subject",
    ];
    const output = execFileSync("openssl", parameters, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    assert.match(output, /CN = "?PID:EDGE-24,SN:EXA00000001/);
    assert.deepEqual(
      publicKeyOfRequest(request).export({ type: "spki", format: "der" }),
      await keys.publicKey("key-1"),
    );
  });
}

test("[BET-35] a private key is on the disk, whole and for its owner alone, before anything is built on it", async (t) => {
  const directory = temporaryDirectory(t);
  const keys = new DiskKeyStore(await FileDisk.open(directory));
  await keys.create("key-1", "p-256");
  assert.equal((await stat(join(directory, "keys"))).mode & 0o777, 0o700);
  assert.equal((await stat(join(directory, "keys", "key-1.pem"))).mode & 0o777, 0o600);
  assert.deepEqual(await new DiskKeyStore(await FileDisk.open(directory)).list(), ["key-1"]);
});

test("a key that is gone is a named error", async () => {
  const keys = new DiskKeyStore(new MemoryDisk());
  await keys.create("key-1", "p-256");
  await keys.delete("key-1");
  assert.equal(await keys.has("key-1"), false);
  await assert.rejects(keys.signer("key-1"), (error) => error instanceof AgentError && error.code === "key_missing");
});
