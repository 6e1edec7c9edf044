// Private keys of the product instance: one file each, readable by the owner only, written atomically before anybody
// builds on them (BET-35). They never leave this file except as signatures.

import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { createSigner, type Signer, type Udi } from "@countersign/protocol";
import { AgentError } from "../agent-error.ts";
import type { Disk, KeyStore, KeyType } from "../ports.ts";
import { createCertificateRequest } from "./certificate-request.ts";

const folder = "keys";
const generate = promisify(generateKeyPair);

export class DiskKeyStore implements KeyStore {
  readonly #disk: Disk;
  /** Parsed keys; an agent has as many as it has devices. */
  readonly #keys = new Map<string, KeyObject>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  async examine(keyIds: readonly string[]): Promise<string | null> {
    try {
      await this.#disk.list(folder);
    } catch (error) {
      return `the key store cannot be read (${reasonOf(error)})`;
    }
    for (const keyId of keyIds) {
      try {
        await this.#load(keyId);
      } catch (error) {
        if (!(error instanceof AgentError)) return `${keyId} cannot be read (${reasonOf(error)})`;
      }
    }
    return null;
  }

  async create(keyId: string, keyType: KeyType): Promise<void> {
    const key = await generateKey(keyType);
    await this.#disk.replace(fileName(keyId), Buffer.from(key.export({ type: "pkcs8", format: "pem" })));
    this.#keys.set(keyId, key);
  }

  async has(keyId: string): Promise<boolean> {
    return this.#keys.has(keyId) || (await this.#disk.read(fileName(keyId))) !== null;
  }

  async list(): Promise<readonly string[]> {
    const names = await this.#disk.list(folder);
    return names.flatMap((name) => (name.endsWith(".pem") ? [name.slice(0, -4)] : []));
  }

  async signer(keyId: string): Promise<Signer> {
    return createSigner(await this.#load(keyId));
  }

  async publicKey(keyId: string): Promise<Uint8Array> {
    return createPublicKey(await this.#load(keyId)).export({ type: "spki", format: "der" });
  }

  async certificateRequest(keyId: string, udi: Udi): Promise<string> {
    return createCertificateRequest(await this.#load(keyId), udi);
  }

  async delete(keyId: string): Promise<void> {
    this.#keys.delete(keyId);
    await this.#disk.remove(fileName(keyId));
  }

  async #load(keyId: string): Promise<KeyObject> {
    const known = this.#keys.get(keyId);
    if (known !== undefined) return known;
    const bytes = await this.#disk.read(fileName(keyId));
    if (bytes === null) throw new AgentError("key_missing", keyId);
    const key = parseKey(keyId, bytes);
    this.#keys.set(keyId, key);
    return key;
  }
}

function parseKey(keyId: string, bytes: Uint8Array): KeyObject {
  try {
    return createPrivateKey(Buffer.from(bytes));
  } catch (cause) {
    throw new AgentError("key_missing", `${keyId} is not a private key`, { cause });
  }
}

async function generateKey(keyType: KeyType): Promise<KeyObject> {
  const pair =
    keyType === "rsa-2048"
      ? await generate("rsa", { modulusLength: 2048 })
      : await generate("ec", { namedCurve: "prime256v1" });
  return pair.privateKey;
}

function fileName(keyId: string): string {
  return `${folder}/${keyId}.pem`;
}

/** The system's word alone: its message names the path. */
function reasonOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
