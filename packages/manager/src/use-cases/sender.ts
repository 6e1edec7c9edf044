// Who sent a signed request: from the serial number of its certificate to the product instance, its installation and its key.
// Kept in a bounded cache; `trustEpoch` tells whether what is cached still holds.

import { createPublicKey, type KeyObject } from "node:crypto";
import {
  formatUdi,
  isSameUdi,
  ProtocolError,
  type RequestHeader,
  type UnverifiedRequest,
  udiOf,
  verifyRequest,
  verifySignatureNow,
} from "@countersign/protocol";
import { DeviceRefusal } from "../errors.ts";
import type { CertificateReader, TrustReader } from "../storage-ports.ts";
import { BoundedCache } from "../trust/bounded-cache.ts";
import type { LicensingModel, MemberRole, ProductInstance } from "../trust/product-instance.ts";
import { identityNotValidText } from "../trust/refusal-texts.ts";

export type Sender = {
  readonly instance: ProductInstance;
  readonly trustEpoch: number;
  readonly model: LicensingModel;
  readonly certificateSerial: string;
  readonly publicKey: KeyObject;
  readonly validUntilMs: number;
  /** `formatUdi` of every device that belongs or belonged to the installation. */
  readonly memberUdis: ReadonlySet<string>;
  /** Roles by `formatUdi`, of registered members. */
  readonly roles: ReadonlyMap<string, MemberRole>;
};

/** About 6 kB each with an RSA key. Serves bursts of one device; a fleet that reports daily comes back long after. */
const sendersMax = 4096;

export class SenderDirectory {
  readonly #trust: TrustReader & CertificateReader;
  readonly #senders = new BoundedCache<string, Sender>(sendersMax);

  constructor(trust: TrustReader & CertificateReader) {
    this.#trust = trust;
  }

  forget(certificateSerial: string): void {
    this.#senders.delete(certificateSerial);
  }

  /** What is cached, or else what is stored; undefined for a certificate that is unknown, replaced or withdrawn. */
  async find(certificateSerial: string): Promise<Sender | undefined> {
    const cached = this.#senders.get(certificateSerial);
    if (cached !== undefined) return cached;
    const sender = await this.#load(certificateSerial);
    if (sender !== undefined) this.#senders.set(certificateSerial, sender);
    return sender;
  }

  /** The same, never older than the database. */
  async findCurrent(certificateSerial: string): Promise<Sender | undefined> {
    const sender = await this.find(certificateSerial);
    if (sender === undefined) return undefined;
    const { smartAccountId, installationId } = sender.instance;
    const installation = await this.#trust.findInstallation(smartAccountId, installationId);
    if (installation?.trustEpoch === sender.trustEpoch) return sender;
    this.forget(certificateSerial);
    return this.find(certificateSerial);
  }

  /** What is known as of a state of the installation: what was cached at another is looked up again. */
  async findAsOf(certificateSerial: string, trustEpoch: number): Promise<Sender | undefined> {
    const sender = await this.find(certificateSerial);
    if (sender === undefined || sender.trustEpoch === trustEpoch) return sender;
    this.forget(certificateSerial);
    return this.find(certificateSerial);
  }

  async #load(certificateSerial: string): Promise<Sender | undefined> {
    const certificate = await this.#trust.findCertificate(certificateSerial);
    if (certificate === undefined || certificate.state !== "valid") return undefined;
    const instance = await this.#trust.findInstance(certificate.smartAccountId, certificate.instanceId);
    if (instance === undefined || instance.removedAtMs !== null) return undefined;
    const found = await this.#trust.findInModel(instance.smartAccountId, instance.installationId);
    if (found === undefined) return undefined;
    const members = await this.#trust.listMembers(instance.smartAccountId, instance.installationId);
    return {
      instance,
      trustEpoch: found.installation.trustEpoch,
      model: found.model,
      certificateSerial,
      publicKey: createPublicKey({ key: Buffer.from(certificate.publicKey), format: "der", type: "spki" }),
      validUntilMs: certificate.validUntilMs,
      memberUdis: new Set(members.map((member) => formatUdi(member.udi))),
      roles: new Map(
        members.filter((member) => member.removedAtMs === null).map((member) => [formatUdi(member.udi), member.role]),
      ),
    };
  }
}

export type SenderQuestion = {
  readonly directory: SenderDirectory;
  readonly now: number;
  /** True where a renewal is what an expired certificate needs. */
  readonly mayBeExpired: boolean;
  /** False where the transaction compares the trust epoch itself. */
  readonly mustBeCurrent: boolean;
  /** True to verify on the calling thread. */
  readonly isVerifiedHere?: boolean;
};

/**
 * Step 5 for a request that must be signed: finds the signer and verifies the signature over the received bytes.
 * Throws `signature_missing`, `signature_…`, `certificate_expired`, `identity_mismatch`, or the refusal `identity_not_valid`.
 */
export async function requireSender(request: UnverifiedRequest, question: SenderQuestion): Promise<Sender> {
  if (request.signature === null) throw new ProtocolError("signature_missing");
  const { directory } = question;
  const serial = request.signature.key;
  const sender = await (question.mustBeCurrent ? directory.findCurrent(serial) : directory.find(serial));
  if (sender === undefined) throw identityNotValid(request.header);
  if (question.isVerifiedHere) verifyRequestNow(request, sender.publicKey);
  else await verifyRequest(request, sender.publicKey);
  requireOwnIdentity(request.header, sender);
  if (!question.mayBeExpired && question.now > sender.validUntilMs) throw new ProtocolError("certificate_expired");
  return sender;
}

/**
 * Only what is in the policy model reports its usage. Looks again before it refuses: what is cached may be older than an upgrade.
 * The other way round the transaction notices, for each change of the model is a change of the trust epoch.
 * Throws `wrong_licensing_model`.
 */
export async function requireReporting(sender: Sender, directory: SenderDirectory): Promise<Sender> {
  if (sender.model === "policy") return sender;
  const current = await directory.findCurrent(sender.certificateSerial);
  if (current?.model === "classic") throw new DeviceRefusal("wrong_licensing_model");
  // Of one that is gone the transaction says so.
  return current ?? sender;
}

/** `verifyRequest` on the calling thread. */
function verifyRequestNow({ signature, signedText }: UnverifiedRequest, publicKey: KeyObject): void {
  if (signature === null || signedText === null) throw new ProtocolError("signature_missing");
  verifySignatureNow(signature.type, publicKey, Buffer.from(signedText), signature.value);
}

export function identityNotValid(header: RequestHeader): DeviceRefusal {
  return new DeviceRefusal("identity_not_valid", identityNotValidText(header.product_instance_identifier));
}

function requireOwnIdentity(header: RequestHeader, sender: Sender): void {
  if (header.product_instance_identifier !== sender.instance.productInstanceIdentifier) throw identityNotValid(header);
  if (!isSameUdi(udiOf(header.sudi), sender.instance.udi))
    throw new ProtocolError("identity_mismatch", "The UDI is another.");
}
