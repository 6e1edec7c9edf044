// Certificates for tests, of every kind and age. The real ones are the manager's business.

import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify, X509Certificate } from "node:crypto";
import { distinguishedName, signatureAlgorithm } from "../keys/certificate-request.ts";
import { bits, der, integer, objectIdentifier, octets, sequence } from "../keys/der.ts";

const dayMs = 86_400_000;

export type TestIdentity = {
  readonly name: string;
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
};

export type CertificateWish = {
  readonly name: string;
  /** Itself when left out. */
  readonly issuer?: TestIdentity;
  /** A new P-256 key when left out. */
  readonly publicKey?: KeyObject;
  readonly isAuthority?: boolean;
  readonly extendedKeyUsage?: string;
  readonly names?: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
};

let serialNumber = 0x1000;

export function issueTestCertificate(wish: CertificateWish): TestIdentity {
  const own = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const issuerKey = wish.issuer?.privateKey ?? own.privateKey;
  serialNumber += 1;
  const content = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.from(serialNumber.toString(16).padStart(8, "0"), "hex")),
    signatureAlgorithm(issuerKey),
    distinguishedName(wish.issuer?.name ?? wish.name),
    sequence(time(wish.notBeforeMs), time(wish.notAfterMs)),
    distinguishedName(wish.name),
    (wish.publicKey ?? own.publicKey).export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensionsOf(wish))),
  );
  const certificate = sequence(content, signatureAlgorithm(issuerKey), bits(sign("sha256", content, issuerKey)));
  return { name: wish.name, certificate: new X509Certificate(certificate), privateKey: own.privateKey };
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280, section 4.1.2.5). */
function time(atMs: number): Buffer {
  const text = `${new Date(atMs).toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`;
  return Number(text.slice(0, 4)) < 2050 ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text));
}

function extensionsOf(wish: CertificateWish): Buffer[] {
  const isAuthority = wish.isAuthority ?? false;
  const extensions = [extension("2.5.29.19", isAuthority ? sequence(der(0x01, Buffer.from([0xff]))) : sequence())];
  if (wish.extendedKeyUsage !== undefined) {
    extensions.push(extension("2.5.29.37", sequence(objectIdentifier(wish.extendedKeyUsage))));
  }
  if (wish.names !== undefined) extensions.push(extension("2.5.29.17", sequence(...wish.names.map(alternativeName))));
  return extensions;
}

function extension(identifier: string, value: Buffer): Buffer {
  return sequence(objectIdentifier(identifier), octets(value));
}

function alternativeName(name: string): Buffer {
  return /^[\d.]+$/.test(name) ? der(0x87, Buffer.from(name.split(".").map(Number))) : der(0x82, Buffer.from(name));
}

export type TestAuthority = {
  readonly root: TestIdentity;
  readonly issuing: TestIdentity;
  readonly signing: TestIdentity;
};

/** Root, issuing CA and signing certificate, valid from a day before `now` for thirty years. */
export function createTestAuthority(now: number): TestAuthority {
  const validity = { notBeforeMs: now - dayMs, notAfterMs: now + 30 * 365 * dayMs };
  const root = issueTestCertificate({ name: "Test Root", isAuthority: true, ...validity });
  const issuing = issueTestCertificate({ name: "Test Issuing CA", isAuthority: true, issuer: root, ...validity });
  const extendedKeyUsage = "1.3.6.1.5.5.7.3.36";
  const signing = issueTestCertificate({ name: "Test Signing", issuer: issuing, extendedKeyUsage, ...validity });
  return { root, issuing, signing };
}

/** The public key of a PKCS#10 request in base64; throws when its own signature is wrong. */
export function publicKeyOfRequest(csr: string): KeyObject {
  const [request] = read(Buffer.from(csr, "base64"));
  const [information, , signature] = read(request?.content ?? Buffer.alloc(0));
  const key = read(information?.content ?? Buffer.alloc(0))[2];
  if (information === undefined || key === undefined || signature === undefined)
    throw new Error("not a certificate request");
  const publicKey = createPublicKey({ key: key.whole, format: "der", type: "spki" });
  const isValid = verify("sha256", information.whole, publicKey, signature.content.subarray(1));
  if (!isValid) throw new Error("the certificate request does not verify");
  return publicKey;
}

type Item = { readonly whole: Buffer; readonly content: Buffer };

/** The items of one level. */
function read(bytes: Buffer): Item[] {
  const items: Item[] = [];
  for (let at = 0; at < bytes.length; ) {
    const short = bytes[at + 1] ?? 0;
    const lengthBytes = short < 0x80 ? 0 : short & 0x7f;
    const length = lengthBytes === 0 ? short : bytes.readUIntBE(at + 2, lengthBytes);
    const start = at + 2 + lengthBytes;
    items.push({ whole: bytes.subarray(at, start + length), content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return items;
}
