// A list of revoked certificates (RFC 5280, section 5) that was read and found to be its issuer's, and where a certificate says
// that its list is (4.2.1.13).

import { type KeyObject, verify, type X509Certificate } from "node:crypto";
import { type DerElement, readElements, readOne, readTime } from "@countersign/protocol";

export type RevocationList = {
  readonly issuedAtMs: number;
  /** Not to be believed afterwards. */
  readonly nextUpdateMs: number;
  /** Upper-case hexadecimal without leading zeros, as node prints serial numbers. */
  readonly serialNumbers: ReadonlySet<string>;
};

const sequence = 0x30;
const distributionPoints = Buffer.from("0603551d1f", "hex");
/** DER of the signature algorithms that are believed. */
const algorithms: Readonly<Record<string, string>> = {
  "2a8648ce3d040302": "sha256",
  "2a8648ce3d040303": "sha384",
  "2a8648ce3d040304": "sha512",
  "2a864886f70d01010b": "sha256",
  "2a864886f70d01010c": "sha384",
  "2a864886f70d01010d": "sha512",
};

/** PEM or DER. Throws `RangeError` or `Error` for what is no list, or not signed by this key. */
export function readRevocationList(bytes: Uint8Array, issuerKey: KeyObject): RevocationList {
  const [body, algorithm, signature, ...more] = readElements(readOne(derOf(bytes), sequence).content);
  if (
    body === undefined ||
    algorithm === undefined ||
    more.length > 0 ||
    signature?.tag !== 0x03 ||
    signature.content[0] !== 0
  )
    throw new RangeError("no revocation list");
  const [identifier] = readElements(algorithm.content);
  const digest = algorithms[Buffer.from(identifier?.content ?? []).toString("hex")];
  if (digest === undefined) throw new RangeError("the list is signed in an unknown way");
  if (!verify(digest, body.whole, issuerKey, signature.content.subarray(1)))
    throw new Error("the list is not signed by the issuer of the certificate");
  const elements = readElements(body.content);
  const content = elements[0]?.tag === 0x02 ? elements.slice(1) : elements;
  // The algorithm stands twice, and only one of the two is signed.
  if (content[0] === undefined || !Buffer.from(content[0].whole).equals(algorithm.whole))
    throw new RangeError("the list names two ways of signing");
  return contentOf(content);
}

function derOf(bytes: Uint8Array): Uint8Array {
  const pem = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/.exec(
    Buffer.from(bytes).toString("latin1"),
  );
  return pem === null ? bytes : Buffer.from(pem[1] ?? "", "base64");
}

/** signature, issuer, thisUpdate, nextUpdate?, revokedCertificates?, extensions? */
function contentOf(elements: readonly DerElement[]): RevocationList {
  const [, , thisUpdate, nextUpdate, revoked] = elements;
  if (thisUpdate === undefined || nextUpdate === undefined)
    throw new RangeError("the list does not say until when it stands");
  const entries = revoked?.tag === sequence ? readElements(revoked.content) : [];
  const serialNumbers = entries.map(({ content }) => serialOf(readElements(content)[0]));
  return {
    issuedAtMs: readTime(thisUpdate),
    nextUpdateMs: readTime(nextUpdate),
    serialNumbers: new Set(serialNumbers),
  };
}

function serialOf(element: DerElement | undefined): string {
  if (element?.tag !== 0x02) throw new RangeError("an entry has no serial number");
  return normalized(Buffer.from(element.content).toString("hex"));
}

function normalized(hexadecimal: string): string {
  return hexadecimal.toUpperCase().replace(/^0+(?=.)/, "");
}

export function isRevoked(list: RevocationList, certificate: X509Certificate): boolean {
  return list.serialNumbers.has(normalized(certificate.serialNumber));
}

/** URLs of http and https, in the order of the certificate; empty where it names none or they cannot be read. */
export function revocationListsOf(certificate: X509Certificate): readonly string[] {
  try {
    const body = readElements(readOne(certificate.raw, sequence).content)[0];
    const extensions = readElements(body?.content ?? new Uint8Array()).find(({ tag }) => tag === 0xa3);
    if (extensions === undefined) return [];
    const all = readElements(readOne(extensions.content, sequence).content);
    const found = all.find(({ content }) => Buffer.from(content).subarray(0, 5).equals(distributionPoints));
    const value = found === undefined ? undefined : readElements(found.content).at(-1);
    return value === undefined ? [] : urlsIn(readOne(value.content, sequence).content);
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** DistributionPoint → [0] DistributionPointName → [0] GeneralNames → [6] URI. */
function urlsIn(points: Uint8Array): readonly string[] {
  return readElements(points).flatMap(({ content }) =>
    readElements(content)
      .filter(({ tag }) => tag === 0xa0)
      .flatMap((name) => readElements(name.content).filter(({ tag }) => tag === 0xa0))
      .flatMap((names) => readElements(names.content).filter(({ tag }) => tag === 0x86))
      .map((uri) => Buffer.from(uri.content).toString("latin1"))
      .filter((url) => /^https?:\/\//.test(url) && URL.canParse(url)),
  );
}
