// X.509 version 3 certificates (RFC 5280) as this manager issues them: P-256 issuers, few extensions, nothing optional.

import { createHash, createPublicKey, type KeyObject, sign, type X509Certificate } from "node:crypto";
import { assert, readElements } from "@countersign/protocol";
import {
  bitString,
  boolean,
  type Der,
  element,
  explicit,
  implicit,
  objectIdentifier,
  octetString,
  positiveInteger,
  sequence,
  setOf,
  text,
  time,
} from "./der.ts";

const ecdsaWithSha256 = sequence(objectIdentifier("1.2.840.10045.4.3.2"));
const version3 = explicit(0, positiveInteger(Buffer.from([2])));

/** Attribute types of names (X.520). */
const attribute = {
  organization: objectIdentifier("2.5.4.10"),
  serialNumber: objectIdentifier("2.5.4.5"),
  commonName: objectIdentifier("2.5.4.3"),
};
export type NameAttributes = Partial<Record<keyof typeof attribute, string>>;

/** A distinguished name, in the fixed order organization, serialNumber, commonName. */
export function encodeName(attributes: NameAttributes): Der {
  const parts = (Object.keys(attribute) as (keyof typeof attribute)[]).flatMap((kind) => {
    const value = attributes[kind];
    return value === undefined ? [] : [setOf(sequence(attribute[kind], text(value)))];
  });
  return sequence(...parts);
}

/** What a certificate is for. Each leaf has exactly one extended key usage. */
export type CertificateProfile =
  | { readonly kind: "authority"; readonly pathLength: number }
  | {
      readonly kind: "leaf";
      readonly extendedKeyUsage: string;
      readonly names?: readonly string[];
      /** Where the issuer's list of revoked certificates is (CRL distribution point). */
      readonly revocationListUrl?: string;
    };

export type CertificateContent = {
  readonly serial: Uint8Array;
  readonly subject: Der;
  readonly publicKey: KeyObject;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly profile: CertificateProfile;
};

/** Issuer with its key and what stands in every certificate that it issues. */
export type Issuer = { readonly subject: Der; readonly keyIdentifier: Uint8Array; readonly privateKey: KeyObject };

/** The issuer as which a name and its key act, before there is a certificate: a root issues itself. */
export function selfIssuer(subject: Der, privateKey: KeyObject): Issuer {
  return { subject, keyIdentifier: keyIdentifierOf(spkiOf(createPublicKey(privateKey))), privateKey };
}

/** The issuer as which a CA certificate and its key act. */
export function issuerOf(certificate: X509Certificate, privateKey: KeyObject): Issuer {
  return selfIssuer(subjectOf(certificate), privateKey);
}

/** The subject as it stands in the certificate, byte for byte: an issuer's name must match exactly. */
function subjectOf(certificate: X509Certificate): Der {
  const [whole] = readElements(certificate.raw);
  const [body] = readElements(whole?.content ?? new Uint8Array());
  const subject = readElements(body?.content ?? new Uint8Array())[5];
  assert(subject !== undefined, "a parsed certificate has a subject");
  return subject.whole;
}

/** Builds and signs one certificate on the thread pool; answers its DER. */
export async function issueCertificate(content: CertificateContent, issuer: Issuer): Promise<Buffer> {
  const spki = spkiOf(content.publicKey);
  const body = sequence(
    version3,
    positiveInteger(content.serial),
    ecdsaWithSha256,
    issuer.subject,
    sequence(time(content.notBeforeMs), time(content.notAfterMs)),
    content.subject,
    spki,
    explicit(3, sequence(...extensionsOf(content.profile, keyIdentifierOf(spki), issuer))),
  );
  return signed(body, issuer);
}

async function signed(body: Der, { privateKey }: Issuer): Promise<Buffer> {
  const signature = await new Promise<Uint8Array>((resolve, reject) => {
    sign("sha256", body, privateKey, (error, value) => (error === null ? resolve(value) : reject(error)));
  });
  return Buffer.from(sequence(body, ecdsaWithSha256, bitString(signature)));
}

/** `number`: greater than that of every list before. */
export type CertificateList = { readonly number: number; readonly issuedAtMs: number; readonly nextUpdateMs: number };

const version2 = positiveInteger(Buffer.from([1]));

/** Builds and signs a list of no revoked certificates (RFC 5280, 5.1); answers its DER. */
export function certificateListOf(
  { number, issuedAtMs, nextUpdateMs }: CertificateList,
  issuer: Issuer,
): Promise<Buffer> {
  const digits = Buffer.alloc(8);
  digits.writeBigUInt64BE(BigInt(number));
  const extensions = sequence(
    extension(extensionId.authorityKeyIdentifier, sequence(implicit(0, issuer.keyIdentifier))),
    extension(extensionId.listNumber, positiveInteger(digits)),
  );
  const body = sequence(
    version2,
    ecdsaWithSha256,
    issuer.subject,
    time(issuedAtMs),
    time(nextUpdateMs),
    explicit(0, extensions),
  );
  return signed(body, issuer);
}

function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" });
}

/** RFC 5280, 4.2.1.2: any unique value will do; the SHA-256 of the key, cut to 20 bytes. */
function keyIdentifierOf(spki: Uint8Array): Buffer {
  return createHash("sha256").update(spki).digest().subarray(0, 20);
}

const extensionId = {
  subjectKeyIdentifier: objectIdentifier("2.5.29.14"),
  keyUsage: objectIdentifier("2.5.29.15"),
  subjectAlternativeName: objectIdentifier("2.5.29.17"),
  basicConstraints: objectIdentifier("2.5.29.19"),
  listNumber: objectIdentifier("2.5.29.20"),
  distributionPoints: objectIdentifier("2.5.29.31"),
  authorityKeyIdentifier: objectIdentifier("2.5.29.35"),
  extendedKeyUsage: objectIdentifier("2.5.29.37"),
};

function extensionsOf(profile: CertificateProfile, keyIdentifier: Uint8Array, issuer: Issuer): Der[] {
  const identifiers = [
    extension(extensionId.subjectKeyIdentifier, octetString(keyIdentifier)),
    extension(extensionId.authorityKeyIdentifier, sequence(implicit(0, issuer.keyIdentifier))),
  ];
  if (profile.kind === "authority") {
    const constraints = sequence(boolean(true), positiveInteger(Buffer.from([profile.pathLength])));
    return [
      critical(extensionId.basicConstraints, constraints),
      critical(extensionId.keyUsage, keyCertSignAndCrlSign),
      ...identifiers,
    ];
  }
  const names = profile.names ?? [];
  return [
    critical(extensionId.basicConstraints, sequence()),
    critical(extensionId.keyUsage, digitalSignature),
    extension(extensionId.extendedKeyUsage, sequence(objectIdentifier(profile.extendedKeyUsage))),
    ...identifiers,
    ...(names.length === 0 ? [] : [extension(extensionId.subjectAlternativeName, sequence(...names.map(generalName)))]),
    ...(profile.revocationListUrl === undefined
      ? []
      : [extension(extensionId.distributionPoints, distributionPoint(profile.revocationListUrl))]),
  ];
}

/** RFC 5280, 4.2.1.13: one point, its full name a URI. */
function distributionPoint(url: string): Der {
  return sequence(sequence(explicit(0, explicit(0, element(0x86, Buffer.from(url))))));
}

const digitalSignature = bitString(Buffer.from([0x80]), 7);
const keyCertSignAndCrlSign = bitString(Buffer.from([0x06]), 1);

function extension(id: Der, value: Der): Der {
  return sequence(id, octetString(value));
}

function critical(id: Der, value: Der): Der {
  return sequence(id, boolean(true), octetString(value));
}

function generalName(name: string): Der {
  const address = addressBytes(name);
  return address === null ? element(0x82, Buffer.from(name)) : element(0x87, address);
}

/** Bytes of an IPv4 or IPv6 address, or null for a host name. */
function addressBytes(name: string): Uint8Array | null {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(name)) return Buffer.from(name.split(".").map(Number));
  if (!name.includes(":")) return null;
  const [head = "", tail] = name.split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  const first = groups(head);
  const last = tail === undefined ? [] : groups(tail);
  const filled = [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
  return Buffer.from(filled.flatMap((group) => [group >> 8, group & 0xff]));
}
