// The authority as the rest of the manager sees it: issues ID certificates, signs, and renews itself while running.

import type { X509Certificate } from "node:crypto";
import { decodeBase64, ProtocolError, type SigningIdentity } from "@countersign/protocol";
import type { CertificateIssuer, Clock, FloorAuthority, Randomness, SigningIdentitySource } from "../ports.ts";
import {
  adoptUpstreamAuthority,
  openAuthorityDirectory,
  readLicensingAuthorities,
  rememberLowerAuthorities,
  renewAuthority,
  requestUpstreamAuthority,
} from "./authority-directory.ts";
import {
  type AuthorityMaterial,
  issueIdCertificate,
  issueLowerAuthority,
  issuingAuthorityOf,
  signingIdentityOf,
} from "./certificate-authority.ts";
import { verifyCertificateRequest } from "./certificate-request.ts";
import { issuingOf } from "./former-issuing.ts";
import { createRevocationLists } from "./revocation-list.ts";

export type InstallationAuthorityOptions = {
  readonly dataDirectory: string;
  /** Host names and addresses that the HTTPS certificate must cover. */
  readonly serverNames: readonly string[];
  /** Where devices find the list of revoked certificates; null names none. */
  readonly revocationListUrl: string | null;
  readonly clock: Clock;
  readonly randomness: Randomness;
};

export type CertificateRole = keyof AuthorityMaterial;

export interface InstallationAuthority {
  readonly issuer: CertificateIssuer;
  readonly signing: SigningIdentitySource;
  /** Towards the managers above and below. */
  readonly floors: FloorAuthority;
  /** Told when certificates in use have changed, by renewal or from above. */
  onChange(listener: () => void): void;
  /** Certificates in use now, by role. */
  certificates(): Readonly<Record<CertificateRole, X509Certificate>>;
  /** Key and chain of the HTTPS server, PEM. */
  tlsIdentity(): { readonly key: string; readonly cert: string };
  /** DER of the issuing CA's list of revoked certificates, in time. */
  revocationList(): Promise<Buffer>;
  /** Renews what is near its end; answers which roles were. Called on start and daily. */
  renew(): Promise<readonly CertificateRole[]>;
}

/** Opens or makes the installation's authority. Throws `AuthorityDamagedError`. */
export async function openInstallationAuthority(options: InstallationAuthorityOptions): Promise<InstallationAuthority> {
  const { dataDirectory, serverNames, revocationListUrl, clock } = options;
  const revocationLists = createRevocationLists();
  const ports = { randomBytes: (size: number) => options.randomness.bytes(size) };
  const question = () => ({ dataDirectory, serverNames, revocationListUrl, now: clock.now() });
  let material = await openAuthorityDirectory(question(), ports);
  let former = await readFormer(dataDirectory);
  let signing: SigningIdentity = signingIdentityOf(material);
  let authority = issuingAuthorityOf(material.issuing);
  const listeners: (() => void)[] = [];

  async function take(next: AuthorityMaterial): Promise<readonly CertificateRole[]> {
    const before = material;
    material = await renewAuthority(next, question(), ports);
    if (material.issuing !== before.issuing) former = await readFormer(dataDirectory);
    signing = signingIdentityOf(material);
    authority = issuingAuthorityOf(material.issuing);
    const changed = (Object.keys(material) as CertificateRole[]).filter((role) => material[role] !== before[role]);
    if (changed.length > 0) for (const listener of listeners) listener();
    return changed;
  }

  return {
    issuer: {
      readRequest: (certificateRequest) => verifyCertificateRequest(decodeRequest(certificateRequest)),
      issue: (wish) => issueIdCertificate(authority, wish, ports),
      chainOf: (certificate) => [issuingOf(certificate, [material.issuing.certificate, ...former])],
      root: () => material.root.certificate,
    },
    signing: { current: () => signing },
    certificates() {
      const { root, issuing, signing: signer, tls } = material;
      return {
        root: root.certificate,
        issuing: issuing.certificate,
        signing: signer.certificate,
        tls: tls.certificate,
      };
    },
    tlsIdentity: () => ({
      key: material.tls.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
      cert: `${material.tls.certificate.toString()}${material.issuing.certificate.toString()}`,
    }),
    revocationList: () => revocationLists.current(material.issuing, clock.now()),
    renew: () => take(material),
    onChange: (listener) => void listeners.push(listener),
    floors: {
      async issueLower(publicKey) {
        const { certificate, privateKey } = material.root;
        return privateKey === null
          ? null
          : issueLowerAuthority({ certificate, privateKey }, publicKey, clock.now(), ports);
      },
      async rememberLower(certificates) {
        const known = new Set(former.map(({ fingerprint256 }) => fingerprint256));
        if (certificates.every(({ fingerprint256 }) => known.has(fingerprint256))) return;
        await rememberLowerAuthorities(dataDirectory, certificates);
        former = await readFormer(dataDirectory);
      },
      requestFromAbove: (isRenewal) => requestUpstreamAuthority(dataDirectory, isRenewal),
      async adopt(certificates) {
        await take(await adoptUpstreamAuthority({ dataDirectory, now: clock.now() }, certificates));
      },
    },
  };
}

async function readFormer(dataDirectory: string): Promise<readonly X509Certificate[]> {
  return (await readLicensingAuthorities(dataDirectory)).issuing.slice(1);
}

function decodeRequest(certificateRequest: string): Buffer {
  try {
    return decodeBase64(certificateRequest);
  } catch (cause) {
    throw new ProtocolError("certificate_request_invalid", "It is not base64.", [], { cause });
  }
}
