// The authority as the rest of the manager sees it: issues ID certificates, signs, and renews itself while running.

import type { X509Certificate } from "node:crypto";
import { decodeBase64, ProtocolError, type SigningIdentity } from "@countersign/protocol";
import type { CertificateIssuer, Clock, Randomness, SigningIdentitySource } from "../ports.ts";
import { openAuthorityDirectory, readLicensingAuthorities, renewAuthority } from "./authority-directory.ts";
import {
  type AuthorityMaterial,
  issueIdCertificate,
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
    async renew() {
      const before = material;
      material = await renewAuthority(before, question(), ports);
      if (material.issuing !== before.issuing) former = await readFormer(dataDirectory);
      signing = signingIdentityOf(material);
      authority = issuingAuthorityOf(material.issuing);
      return (Object.keys(material) as CertificateRole[]).filter((role) => material[role] !== before[role]);
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
