// The installation's own certificate authority: made once on first start, kept in the data directory, renewed in time.
// root CA → issuing CA → ID certificates, manager signing certificate, TLS server certificate.

import { createHash, createPublicKey, generateKeyPair, type KeyObject, X509Certificate } from "node:crypto";
import { createSigner, createSignerNow, formatUdi, type SigningIdentity, type Udi } from "@countersign/protocol";
import { prefersCallerThread } from "../manager-options.ts";
import { encodeName, type Issuer, issueCertificate, issuerOf, selfIssuer } from "./certificate-encoding.ts";
import {
  authorityName,
  lifetimeMs,
  notBeforeMarginMs,
  profiles,
  type ServerIdentity,
  serialBytes,
  tlsProfile,
} from "./certificate-profiles.ts";
import type { KeyWithCertificate } from "./identity-file.ts";

export type AuthorityPorts = {
  /** Source of serial numbers; keys come from the operating system's generator always. */
  readonly randomBytes: (size: number) => Uint8Array;
};

/** The licensing root; its key is with the manager above where there is one. */
export type LicensingRoot = { readonly privateKey: KeyObject | null; readonly certificate: X509Certificate };

/** Everything that holds a private key of this installation. */
export type AuthorityMaterial = {
  readonly root: LicensingRoot;
  readonly issuing: KeyWithCertificate;
  readonly signing: KeyWithCertificate;
  readonly tls: KeyWithCertificate;
};

/** Makes all keys and certificates of a new installation. */
export async function createAuthority(
  server: ServerIdentity,
  now: number,
  ports: AuthorityPorts,
): Promise<AuthorityMaterial & { readonly root: KeyWithCertificate }> {
  const root = await createRoot(now, ports);
  const issuing = await createIssuing(root, now, ports);
  const signing = await createSigning(issuing, root.certificate, now, ports);
  const tls = await createTls(issuing, root.certificate, server, now, ports);
  return { root, issuing, signing, tls };
}

async function createRoot(now: number, ports: AuthorityPorts): Promise<KeyWithCertificate> {
  const privateKey = await generateKey();
  const publicKey = createPublicKey(privateKey);
  const subject = authorityName("Licensing Root", installationOf(publicKey));
  const validity = validityFrom(now, lifetimeMs.root);
  const content = { serial: newSerial(ports), subject, publicKey, ...validity, profile: profiles.root };
  const der = await issueCertificate(content, selfIssuer(subject, privateKey));
  return { privateKey, certificate: new X509Certificate(der) };
}

/** A new issuing CA below the root. */
export async function createIssuing(
  root: KeyWithCertificate,
  now: number,
  ports: AuthorityPorts,
): Promise<KeyWithCertificate> {
  const privateKey = await generateKey();
  const subject = authorityName("Licensing CA", installationOf(root.certificate.publicKey));
  return issueFor(privateKey, {
    issuer: root,
    subject,
    lifetime: lifetimeMs.issuing,
    profile: profiles.issuing,
    now,
    ports,
  });
}

/** The issuing CA of a manager below this one: its key is its own, its name is made from that. */
export async function issueLowerAuthority(
  root: KeyWithCertificate,
  publicKey: KeyObject,
  now: number,
  ports: AuthorityPorts,
): Promise<X509Certificate> {
  const { issuer, notAfterMs } = issuingAuthorityOf(root);
  const subject = authorityName("Licensing CA", installationOf(publicKey));
  const validity = validityFrom(now, lifetimeMs.issuing, notAfterMs);
  const content = { serial: newSerial(ports), subject, publicKey, ...validity, profile: profiles.issuing };
  return new X509Certificate(await issueCertificate(content, issuer));
}

/** A new key and certificate that sign answers, acknowledgements, policies and trust codes. */
export async function createSigning(
  issuing: KeyWithCertificate,
  rootCertificate: X509Certificate,
  now: number,
  ports: AuthorityPorts,
): Promise<KeyWithCertificate> {
  const subject = authorityName("Manager Signing", installationOf(rootCertificate.publicKey));
  const wish = { issuer: issuing, subject, lifetime: lifetimeMs.signing, profile: profiles.signing, now, ports };
  return issueFor(await generateKey(), wish);
}

/** A new key and certificate of the HTTPS server. */
export async function createTls(
  issuing: KeyWithCertificate,
  rootCertificate: X509Certificate,
  server: ServerIdentity,
  now: number,
  ports: AuthorityPorts,
): Promise<KeyWithCertificate> {
  const subject = authorityName("Manager", installationOf(rootCertificate.publicKey));
  const wish = { issuer: issuing, subject, lifetime: lifetimeMs.tls, profile: tlsProfile(server), now, ports };
  return issueFor(await generateKey(), wish);
}

/** A CA ready to issue: what is the same for every certificate is prepared once. */
export type IssuingAuthority = { readonly issuer: Issuer; readonly notAfterMs: number };

export function issuingAuthorityOf({ certificate, privateKey }: KeyWithCertificate): IssuingAuthority {
  return { issuer: issuerOf(certificate, privateKey), notAfterMs: Date.parse(certificate.validTo) };
}

export type IdCertificateRequest = {
  readonly publicKey: KeyObject;
  readonly productInstanceIdentifier: string;
  readonly udi: Udi;
  readonly purpose: "product-instance" | "relay";
  /** Epoch milliseconds. */
  readonly now: number;
  /** That of the policy model when left out. */
  readonly lifetimeMs?: number;
};

/** Issues an ID certificate for a key whose possession was proved (TRU-15): of one purpose, CN = product instance identifier. */
export async function issueIdCertificate(
  authority: IssuingAuthority,
  request: IdCertificateRequest,
  ports: AuthorityPorts,
): Promise<X509Certificate> {
  const { publicKey, productInstanceIdentifier, udi, purpose, now } = request;
  const subject = encodeName({ serialNumber: formatUdi(udi), commonName: productInstanceIdentifier });
  const validity = validityFrom(now, request.lifetimeMs ?? lifetimeMs.productInstance, authority.notAfterMs);
  const content = { serial: newSerial(ports), subject, publicKey, ...validity, profile: profiles[purpose] };
  return new X509Certificate(await issueCertificate(content, authority.issuer));
}

/** The identity with which protocol objects and answers are signed. */
export function signingIdentityOf(material: AuthorityMaterial): SigningIdentity {
  const { signing, issuing } = material;
  const signer = prefersCallerThread ? createSignerNow(signing.privateKey) : createSigner(signing.privateKey);
  return { signer, certificate: signing.certificate, chain: [issuing.certificate] };
}

type Wish = {
  readonly issuer: KeyWithCertificate;
  readonly subject: Uint8Array;
  readonly lifetime: number;
  readonly profile: Parameters<typeof issueCertificate>[0]["profile"];
  readonly now: number;
  readonly ports: AuthorityPorts;
};

async function issueFor(privateKey: KeyObject, wish: Wish): Promise<KeyWithCertificate> {
  const { subject, profile, now, ports } = wish;
  const { issuer, notAfterMs } = issuingAuthorityOf(wish.issuer);
  const validity = validityFrom(now, wish.lifetime, notAfterMs);
  const content = { serial: newSerial(ports), subject, publicKey: createPublicKey(privateKey), ...validity, profile };
  const der = await issueCertificate(content, issuer);
  return { privateKey, certificate: new X509Certificate(der) };
}

/** Nothing is issued that outlives its issuer. */
function validityFrom(now: number, lifetime: number, latestMs = Number.POSITIVE_INFINITY) {
  return { notBeforeMs: now - notBeforeMarginMs, notAfterMs: Math.min(now + lifetime, latestMs) };
}

/** Tells installations apart in names: the first bytes of the root key's hash. */
function installationOf(rootKey: KeyObject): string {
  const der = rootKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(der).digest("hex").slice(0, 16);
}

/** Positive, never zero, never shorter than the whole width, so that every serial number looks alike. */
function newSerial(ports: AuthorityPorts): Uint8Array {
  const serial = Uint8Array.from(ports.randomBytes(serialBytes));
  serial[0] = ((serial[0] as number) & 0x3f) | 0x40;
  return serial;
}

function generateKey(): Promise<KeyObject> {
  return new Promise((resolve, reject) => {
    generateKeyPair("ec", { namedCurve: "P-256" }, (error, _publicKey, privateKey) => {
      if (error === null) resolve(privateKey);
      else reject(error);
    });
  });
}
