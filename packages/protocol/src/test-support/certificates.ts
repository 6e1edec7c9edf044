// Certificates of every kind for tests, right and wrong ones alike. Real keys, real signatures, a fixed clock.

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  X509Certificate,
} from "node:crypto";
import { extendedKeyUsageOf } from "../certificate.ts";
import { formatUdi, type Sudi, udiOf } from "../identity.ts";
import { createSigner, type Signer } from "../signature.ts";
import type { SigningIdentity } from "../signed-object.ts";
import * as der from "./der.ts";

/** The moment at which tests happen: 15 January 2026, noon UTC. */
export const testNow = Date.UTC(2026, 0, 15, 12);
export const yearMs = 365 * 86_400_000;

export const serverAuthUsage = "1.3.6.1.5.5.7.3.1";

export type KeyKind = "p-256" | "rsa-2048";
export type TestKeys = { readonly privateKey: KeyObject; readonly publicKey: KeyObject; readonly signer: Signer };

export function createKeys(kind: KeyKind = "p-256"): TestKeys {
  const { privateKey } =
    kind === "p-256"
      ? generateKeyPairSync("ec", { namedCurve: "prime256v1" })
      : generateKeyPairSync("rsa", { modulusLength: 2048 });
  return keysOf(privateKey);
}

/** The same keys again from a PKCS#8 PEM, as vectors store them. */
export function importKeys(privatePem: string): TestKeys {
  return keysOf(createPrivateKey(privatePem));
}

function keysOf(privateKey: KeyObject): TestKeys {
  return { privateKey, publicKey: createPublicKey(privateKey), signer: createSigner(privateKey) };
}

/** A certificate with the keys it certifies. */
export type TestIdentity = { readonly keys: TestKeys; readonly name: string; readonly certificate: X509Certificate };

export type CertificateWish = {
  /** The common name. */
  readonly name: string;
  /** Null signs itself. */
  readonly issuer: TestIdentity | null;
  readonly keys?: TestKeys;
  /** In place of `keys`: a public key (DER, SPKI) for which nobody here has the private one. */
  readonly publicKeyDer?: Uint8Array;
  readonly isAuthority?: boolean;
  readonly usages?: readonly string[];
  readonly notBefore?: number;
  readonly notAfter?: number;
  /** Content octets of the INTEGER. */
  readonly serialNumber?: Uint8Array;
};

let certificatesIssued = 0x10_0000;

/** Issues as `issueCertificateDer` and reads the result; throws what OpenSSL throws for a certificate it cannot read. */
export function issueCertificate(wish: CertificateWish): TestIdentity {
  const keys = wish.keys ?? createKeys();
  return { keys, name: wish.name, certificate: new X509Certificate(issueCertificateDer({ ...wish, keys })) };
}

export function issueCertificateDer(wish: CertificateWish & { readonly keys: TestKeys }): Buffer {
  const signingKeys = wish.issuer?.keys ?? wish.keys;
  const algorithm = algorithmIdentifier(signingKeys.signer);
  certificatesIssued += 1;
  const content = der.sequence(
    der.element(0xa0, der.integer(Buffer.from([2]))),
    wish.serialNumber === undefined ? der.unsignedInteger(BigInt(certificatesIssued)) : der.integer(wish.serialNumber),
    algorithm,
    commonName(wish.issuer?.name ?? wish.name),
    der.sequence(der.time(wish.notBefore ?? testNow - yearMs), der.time(wish.notAfter ?? testNow + 8 * yearMs)),
    commonName(wish.name),
    wish.publicKeyDer ?? wish.keys.publicKey.export({ type: "spki", format: "der" }),
    der.element(0xa3, der.sequence(...extensionsOf(wish))),
  );
  return der.sequence(content, algorithm, der.bitString(sign("sha256", content, signingKeys.privateKey)));
}

function algorithmIdentifier(signer: Signer): Buffer {
  if (signer.algorithm === "ES256") return der.sequence(der.objectIdentifier("1.2.840.10045.4.3.2"));
  return der.sequence(der.objectIdentifier("1.2.840.113549.1.1.11"), der.element(0x05));
}

function commonName(name: string): Buffer {
  return der.sequence(der.set(der.sequence(der.objectIdentifier("2.5.4.3"), der.utf8String(name))));
}

function extensionsOf(wish: CertificateWish): Buffer[] {
  const critical = (id: string, value: Uint8Array) =>
    der.sequence(der.objectIdentifier(id), der.trueValue, der.octetString(value));
  const isAuthority = wish.isAuthority === true;
  const usages = (wish.usages ?? []).map(der.objectIdentifier);
  return [
    critical("2.5.29.19", isAuthority ? der.sequence(der.trueValue) : der.sequence()),
    // keyCertSign, or digitalSignature.
    critical("2.5.29.15", isAuthority ? der.bitString(Buffer.from([0x04]), 2) : der.bitString(Buffer.from([0x80]), 7)),
    ...(usages.length > 0 ? [critical("2.5.29.37", der.sequence(...usages))] : []),
  ];
}

/** One installation's authority with a signing certificate, and a TLS certificate that must not sign. */
export type TestAuthority = {
  readonly root: TestIdentity;
  readonly issuing: TestIdentity;
  readonly signing: TestIdentity;
  readonly tls: TestIdentity;
};

export function createAuthority(name = "Test"): TestAuthority {
  const root = issueCertificate({
    name: `${name} Root`,
    issuer: null,
    isAuthority: true,
    notAfter: testNow + 29 * yearMs,
  });
  const issuing = issueCertificate({
    name: `${name} CA`,
    issuer: root,
    isAuthority: true,
    notAfter: testNow + 14 * yearMs,
  });
  const signing = issueSigning(issuing);
  const tls = issueCertificate({ name: "localhost", issuer: issuing, usages: [serverAuthUsage] });
  return { root, issuing, signing, tls };
}

export function issueSigning(issuer: TestIdentity, wish: Partial<CertificateWish> = {}): TestIdentity {
  return issueCertificate({ name: "Signing", issuer, usages: [extendedKeyUsageOf["manager-signing"]], ...wish });
}

export function issueIdCertificate(
  issuer: TestIdentity,
  sudi: Sudi,
  wish: Partial<CertificateWish> = {},
): TestIdentity {
  const usages = [extendedKeyUsageOf["product-instance"]];
  return issueCertificate({ name: formatUdi(udiOf(sudi)), issuer, usages, ...wish });
}

/** A relay's certificate: it carries messages, and signs none of a manager's. */
export function issueRelayCertificate(issuer: TestIdentity, wish: Partial<CertificateWish> = {}): TestIdentity {
  return issueCertificate({ name: "PID:RELAY,SN:1", issuer, usages: [extendedKeyUsageOf.relay], ...wish });
}

/** What signs in the name of `leaf`, with the chain that goes along. */
export function signingIdentity(leaf: TestIdentity, ...chain: readonly TestIdentity[]): SigningIdentity {
  return {
    signer: leaf.keys.signer,
    certificate: leaf.certificate,
    chain: chain.map((identity) => identity.certificate),
  };
}
