import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPublicKey, verify } from "node:crypto";
import { mkdir, rename, rmdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { SeededRandomness, SimulatedDisk } from "@countersign/simulation";
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

test("a key that is damaged is a named error, for another can take its place", async () => {
  const disk = new MemoryDisk();
  await disk.replace("keys/key-1.pem", Buffer.from("-----BEGIN PRIVATE KEY-----"));
  const keys = new DiskKeyStore(disk);
  await assert.rejects(keys.signer("key-1"), (error) => error instanceof AgentError && error.code === "key_missing");
});

test("[SEC-15] a store or a key that cannot be read is in the way until it can; one that is gone or damaged never is", async (t) => {
  const directory = temporaryDirectory(t);
  await new DiskKeyStore(await FileDisk.open(directory)).create("key-1", "p-256");
  await writeFile(join(directory, "keys", "key-3.pem"), "no key");
  const keys = new DiskKeyStore(await FileDisk.open(directory));
  const [key, aside] = [join(directory, "keys", "key-1.pem"), join(directory, "aside.pem")];
  await rename(key, aside);
  await mkdir(key);
  assert.equal(await keys.examine(["key-1"]), "key-1 cannot be read (EISDIR)");
  assert.equal(await keys.examine(["key-2", "key-3"]), null);
  await rmdir(key);
  await rename(aside, key);
  assert.equal(await keys.examine(["key-1"]), null);

  const disk = new SimulatedDisk(new SeededRandomness(1));
  await new DiskKeyStore(disk).create("key-1", "p-256");
  for (const [callsBefore, told] of [
    [0, "the key store cannot be read (EIO)"],
    [1, "key-1 cannot be read (EIO)"],
  ] as const) {
    disk.failCalls("EIO", callsBefore, 1);
    assert.equal(await new DiskKeyStore(disk).examine(["key-1"]), told);
    assert.equal(await new DiskKeyStore(disk).examine(["key-1"]), null);
  }
});
