// Where the authority's files lie, how they come into being in one step, and when each is renewed.

import { randomBytes as systemRandomBytes, X509Certificate } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { requireCertificateValidAt } from "@countersign/protocol";
import { syncDirectory } from "@countersign/terminal";
import type { LicensingAuthorities } from "../ports.ts";
import {
  type AuthorityMaterial,
  type AuthorityPorts,
  createAuthority,
  createIssuing,
  createSigning,
  createTls,
  type LicensingRoot,
} from "./certificate-authority.ts";
import { renewBeforeMs, type ServerIdentity } from "./certificate-profiles.ts";
import { keepFormerIssuing, readFormerIssuing } from "./former-issuing.ts";
import {
  type KeyWithCertificate,
  readCertificateOf,
  readIdentityFile,
  writeCertificateFile,
  writeIdentityFile,
} from "./identity-file.ts";
import {
  certificateRequestOf,
  pendingRequest,
  readUpstreamAuthority,
  writeUpstreamAuthority,
} from "./upstream-authority.ts";

const directoryName = "certificates";
const creationPrefix = "certificates.new-";
const fileOf = { root: "root-ca.pem", issuing: "issuing-ca.pem", signing: "signing.pem", tls: "tls.pem" } as const;
/** The licensing root without its key: what devices get as their trustpoint. */
const rootCertificateFile = "licensing-root.pem";

export type AuthorityQuestion = {
  readonly dataDirectory: string;
  /** Host names and addresses that the HTTPS certificate must cover. */
  readonly serverNames: readonly string[];
  /** Where devices find the list of revoked certificates; left out, the HTTPS certificate names none. */
  readonly revocationListUrl?: string | null;
  readonly now: number;
};

/** Thrown when certificates are there but cannot be used; they are never made anew, because every device trusts the old root. */
export class AuthorityDamagedError extends Error {
  override readonly name = "AuthorityDamagedError";
  readonly code = "certificates_damaged";
  readonly remedy = "Restore the folder `certificates` of the data directory from a backup.";
}

/** Loads the installation's certificates, or makes them when there are none. */
export async function openAuthorityDirectory(
  question: AuthorityQuestion,
  ports: AuthorityPorts,
): Promise<AuthorityMaterial> {
  const { dataDirectory, now } = question;
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  const present = await readdir(dataDirectory);
  if (!present.includes(directoryName))
    return create(dataDirectory, present, await createAuthority(serverOf(question), now, ports));
  return load(join(dataDirectory, directoryName));
}

/** The certificates that devices' certificates stem from, without any key. Throws `AuthorityDamagedError`. */
export async function readLicensingAuthorities(dataDirectory: string): Promise<LicensingAuthorities> {
  const directory = join(dataDirectory, directoryName);
  try {
    const upstream = await readUpstreamAuthority(directory);
    const root = upstream?.root ?? new X509Certificate(await readFile(join(directory, rootCertificateFile)));
    const issuing = upstream?.issuing ?? (await readCertificateOf(join(directory, fileOf.issuing)));
    return { root, issuing: [issuing, ...(await readFormerIssuing(directory))] };
  } catch (cause) {
    throw new AuthorityDamagedError("The manager's certificates cannot be read.", { cause });
  }
}

/** A crash while creating leaves only a folder with another name, which the next start removes. */
async function create(
  dataDirectory: string,
  present: readonly string[],
  material: AuthorityMaterial & { readonly root: KeyWithCertificate },
): Promise<AuthorityMaterial> {
  for (const name of present) {
    if (name.startsWith(creationPrefix)) await rm(join(dataDirectory, name), { recursive: true });
  }
  const building = join(dataDirectory, `${creationPrefix}${systemRandomBytes(6).toString("hex")}`);
  await mkdir(building, { mode: 0o700 });
  for (const role of Object.keys(fileOf) as (keyof typeof fileOf)[])
    await writeIdentityFile(join(building, fileOf[role]), material[role]);
  await writeCertificateFile(join(building, rootCertificateFile), material.root.certificate);
  await rename(building, join(dataDirectory, directoryName));
  await syncDirectory(dataDirectory);
  return material;
}

async function load(directory: string): Promise<AuthorityMaterial> {
  try {
    const upstream = await readUpstreamAuthority(directory);
    return {
      root: upstream === null ? await loadRoot(directory) : await publishRoot(directory, upstream.root),
      issuing:
        upstream === null
          ? await readIdentityFile(join(directory, fileOf.issuing))
          : { privateKey: upstream.privateKey, certificate: upstream.issuing },
      signing: await readIdentityFile(join(directory, fileOf.signing)),
      tls: await readIdentityFile(join(directory, fileOf.tls)),
    };
  } catch (cause) {
    throw new AuthorityDamagedError("The manager's certificates cannot be read.", { cause });
  }
}

async function loadRoot(directory: string): Promise<KeyWithCertificate> {
  const root = await readIdentityFile(join(directory, fileOf.root));
  const published = new X509Certificate(await readFile(join(directory, rootCertificateFile)));
  if (published.fingerprint256 !== root.certificate.fingerprint256) throw new Error("the published root is another");
  return root;
}

/** The file for devices follows the authority from above, also after a crash between the two. */
async function publishRoot(directory: string, certificate: X509Certificate): Promise<LicensingRoot> {
  const path = join(directory, rootCertificateFile);
  const published = new X509Certificate(await readFile(path));
  if (published.fingerprint256 !== certificate.fingerprint256) await writeCertificateFile(path, certificate);
  return { privateKey: null, certificate };
}

/** A request for the issuing CA below the manager above: for a new key before there is one, later for the one in use. */
export async function requestUpstreamAuthority(dataDirectory: string, isRenewal: boolean): Promise<Buffer> {
  const directory = join(dataDirectory, directoryName);
  const upstream = await readUpstreamAuthority(directory);
  if (isRenewal && upstream !== null) return certificateRequestOf(upstream.privateKey);
  return pendingRequest(directory);
}

/** From now on this installation stands below that root. What it issued as its own CA before stays provable. */
export async function adoptUpstreamAuthority(
  { dataDirectory, now }: Pick<AuthorityQuestion, "dataDirectory" | "now">,
  certificates: { readonly issuing: X509Certificate; readonly root: X509Certificate },
): Promise<AuthorityMaterial> {
  const { issuing, root } = certificates;
  requireCertificateValidAt(issuing, now);
  if (!issuing.ca || !issuing.checkIssued(root) || !issuing.verify(root.publicKey))
    throw new Error("the certificate is not one of an issuing CA below the root");
  const directory = join(dataDirectory, directoryName);
  await keepFormerIssuing(directory, (await load(directory)).issuing.certificate);
  await writeUpstreamAuthority(directory, certificates);
  return load(directory);
}

/** Issuing CAs of managers below, beside the former ones: devices' certificates stem from them too. */
export async function rememberLowerAuthorities(
  dataDirectory: string,
  certificates: readonly X509Certificate[],
): Promise<void> {
  for (const certificate of certificates) await keepFormerIssuing(join(dataDirectory, directoryName), certificate);
}

/** Renews what is near its end, or covers other server names than wanted, and keeps everything else as it is. */
export async function renewAuthority(
  material: AuthorityMaterial,
  question: AuthorityQuestion,
  ports: AuthorityPorts,
): Promise<AuthorityMaterial> {
  const { dataDirectory, now } = question;
  const server = serverOf(question);
  const keep = async (role: keyof typeof renewBeforeMs, isDue: boolean, make: () => Promise<KeyWithCertificate>) => {
    if (!isDue) return material[role];
    const made = await make();
    const directory = join(dataDirectory, directoryName);
    if (role === "issuing") await keepFormerIssuing(directory, material.issuing.certificate);
    await writeIdentityFile(join(directory, fileOf[role]), made);
    return made;
  };
  const { root } = material;
  const isDue = (role: keyof typeof renewBeforeMs) =>
    Date.parse(material[role].certificate.validTo) - now < renewBeforeMs[role];
  const { privateKey } = root;
  // Below another manager's root it is renewed by synchronising with that one.
  const issuing =
    privateKey === null
      ? material.issuing
      : await keep("issuing", isDue("issuing"), () => createIssuing({ ...root, privateKey }, now, ports));
  const signing = await keep("signing", isDue("signing") || !isFrom(material.signing, issuing), () =>
    createSigning(issuing, root.certificate, now, ports),
  );
  const isTlsDue = isDue("tls") || !isFrom(material.tls, issuing) || !says(material.tls.certificate, server);
  const tls = await keep("tls", isTlsDue, () => createTls(issuing, root.certificate, server, now, ports));
  return { root, issuing, signing, tls };
}

/** False after a crash between the renewal of the issuing CA and that of its leaves. */
function isFrom(leaf: KeyWithCertificate, issuing: KeyWithCertificate): boolean {
  const { certificate } = leaf;
  return certificate.checkIssued(issuing.certificate) && certificate.verify(issuing.certificate.publicKey);
}

function serverOf({ serverNames, revocationListUrl = null }: AuthorityQuestion): ServerIdentity {
  return { names: serverNames, revocationListUrl };
}

function says(certificate: X509Certificate, { names, revocationListUrl }: ServerIdentity): boolean {
  const hasPoint = certificate.raw.includes(distributionPointsId);
  const isNamed = revocationListUrl === null ? !hasPoint : hasPoint && certificate.raw.includes(revocationListUrl);
  return isNamed && covers(certificate, names);
}

/** DER of the extension's identifier; nothing else of our certificates holds these bytes but by chance, which costs a renewal. */
const distributionPointsId = Buffer.from("0603551d1f", "hex");

function covers(certificate: X509Certificate, names: readonly string[]): boolean {
  return names.every(
    (name) => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined,
  );
}
