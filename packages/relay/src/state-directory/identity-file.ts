// Who the relay is: its key, the certificate that the manager gave it, and the licensing root that it believes. One file, readable
// by its owner alone.

import { createPrivateKey } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createSigner, managerCapabilities, parseCertificate, serialNumberOf } from "@countersign/protocol";
import { writeFileAtomically } from "@countersign/terminal";
import * as v from "valibot";
import type { GivenCertificate, IdentityStore, RelayIdentity } from "../ports.ts";
import { RelayError } from "../relay-error.ts";
import { isMissing } from "./missing-file.ts";

const fileName = "identity.json";

const storedSchema = v.strictObject({
  udi_pid: v.string(),
  udi_serial_number: v.string(),
  product_instance_identifier: v.string(),
  smart_account_name: v.string(),
  virtual_account_name: v.string(),
  private_key: v.string(),
  certificate: v.string(),
  chain: v.array(v.string()),
  licensing_root: v.string(),
});
export type StoredIdentity = v.InferOutput<typeof storedSchema>;

export function hasIdentity(directory: string): boolean {
  return existsSync(join(directory, fileName));
}

/** Throws `relay_not_initialised` or `relay_state_damaged`, or what the system says of a file that is there. */
export function readIdentity(directory: string): StoredIdentity {
  let text: string;
  try {
    text = readFileSync(join(directory, fileName), "utf8");
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new RelayError("relay_not_initialised", directory, { cause });
  }
  try {
    return v.parse(storedSchema, JSON.parse(text));
  } catch (cause) {
    throw new RelayError("relay_state_damaged", fileName, { cause });
  }
}

/** A loss of power leaves the file before or this one; a command may write beside the relay that serves. */
export function writeIdentity(directory: string, identity: StoredIdentity): Promise<void> {
  return writeFileAtomically(join(directory, fileName), `${JSON.stringify(identity)}\n`);
}

export const relayPeer = {
  name: "RELAY",
  version: "1.0",
  production: true,
  additional_info: "",
  // What stands behind it: a device goes on to name its tree head to the manager.
  capabilities: [...managerCapabilities],
};

/** Throws what `readIdentity` throws. */
function loadIdentity(directory: string): { readonly stored: StoredIdentity; readonly identity: RelayIdentity } {
  const stored = readIdentity(directory);
  try {
    return { stored, identity: identityOf(stored) };
  } catch (cause) {
    throw new RelayError("relay_state_damaged", fileName, { cause });
  }
}

function identityOf(stored: StoredIdentity): RelayIdentity {
  const certificate = parseCertificate(stored.certificate);
  const signer = createSigner(createPrivateKey(stored.private_key));
  return {
    request: {
      sudi: { udi_pid: stored.udi_pid, udi_serial_number: stored.udi_serial_number },
      productInstanceIdentifier: stored.product_instance_identifier,
      key: { certificateSerial: serialNumberOf(certificate), signer },
    },
    signing: { signer, certificate, chain: stored.chain.map(parseCertificate) },
    connectInfo: relayPeer,
    anchors: [parseCertificate(stored.licensing_root)],
  };
}

/** The identity that is in use now: whoever has it signs with the newest certificate. */
export class KeptIdentity implements RelayIdentity, IdentityStore {
  readonly #directory: string;
  #stored: StoredIdentity;
  #identity: RelayIdentity;

  constructor(directory: string) {
    this.#directory = directory;
    const { stored, identity } = loadIdentity(directory);
    this.#stored = stored;
    this.#identity = identity;
  }

  get stored(): StoredIdentity {
    return this.#stored;
  }

  get request(): RelayIdentity["request"] {
    return this.#identity.request;
  }

  get signing(): RelayIdentity["signing"] {
    return this.#identity.signing;
  }

  get connectInfo(): RelayIdentity["connectInfo"] {
    return this.#identity.connectInfo;
  }

  get anchors(): RelayIdentity["anchors"] {
    return this.#identity.anchors;
  }

  validUntilMs(): number {
    return Date.parse(this.signing.certificate.validTo);
  }

  reload(): boolean {
    let loaded: ReturnType<typeof loadIdentity>;
    try {
      loaded = loadIdentity(this.#directory);
    } catch {
      // Whatever is wrong with it: what serves has what it needs in memory, and the next certificate writes the file anew.
      return false;
    }
    const { stored, identity } = loaded;
    if (stored.private_key !== this.#stored.private_key) return false;
    if (Date.parse(identity.signing.certificate.validTo) <= this.validUntilMs()) return false;
    this.#stored = stored;
    this.#identity = identity;
    return true;
  }

  /** On the disk before it is used: an answer signed with it may be a device's only one. */
  async take({ certificate, chain }: GivenCertificate): Promise<boolean> {
    const stored = { ...this.#stored, certificate, chain: [...chain] };
    const identity = identityOf(stored);
    if (Date.parse(identity.signing.certificate.validTo) <= this.validUntilMs()) return false;
    await writeIdentity(this.#directory, stored);
    this.#stored = stored;
    this.#identity = identity;
    return true;
  }
}
