// A private key and its certificate in one PEM file, so that a renewal replaces both in one atomic step.
// Files are readable by the owner only.

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { writeFileAtomically } from "@countersign/terminal";

export type KeyWithCertificate = { readonly privateKey: KeyObject; readonly certificate: X509Certificate };

const everybodyReads = 0o644;

/** Reads one identity; throws when a part is missing, unreadable, or the key is not the certificate's. */
export async function readIdentityFile(path: string): Promise<KeyWithCertificate> {
  const pem = await readFile(path, "utf8");
  const privateKey = createPrivateKey(pemBlock(pem, "PRIVATE KEY"));
  const certificate = new X509Certificate(pemBlock(pem, "CERTIFICATE"));
  if (!certificate.checkPrivateKey(privateKey)) throw new Error(`the key in ${path} is not its certificate's`);
  return { privateKey, certificate };
}

/** The certificate of an identity; its key is not looked at. */
export async function readCertificateOf(path: string): Promise<X509Certificate> {
  return new X509Certificate(pemBlock(await readFile(path, "utf8"), "CERTIFICATE"));
}

/** Replaces the file as a whole: a reader or a crash sees the old or the new one, nothing between. */
export async function writeIdentityFile(path: string, identity: KeyWithCertificate): Promise<void> {
  const key = identity.privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  await writeFileAtomically(path, `${key}${identity.certificate.toString()}`);
}

/** A private key with whatever belongs to it, for its owner only; replaced as a whole. */
export async function writePrivateFile(path: string, pem: string): Promise<void> {
  await writeFileAtomically(path, pem);
}

/** The certificates of a PEM text, in its order. */
export function certificatesIn(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** Certificates without their keys, for people and devices to trust. */
export async function writeCertificateFile(path: string, ...certificates: readonly X509Certificate[]): Promise<void> {
  await writeFileAtomically(path, certificates.map(String).join(""), everybodyReads);
}

function pemBlock(pem: string, label: string): string {
  const begin = `-----BEGIN ${label}-----`;
  const end = `-----END ${label}-----`;
  const from = pem.indexOf(begin);
  const to = pem.indexOf(end, from);
  if (from === -1 || to === -1) throw new Error(`the file holds no ${label}`);
  return pem.slice(from, to + end.length);
}
