// Issuing CAs that were replaced, and those of managers below this one. Their keys are gone or elsewhere; their certificates stay as
// long as a report that was signed below them can be asked about: a proof and `ledger verify` need the whole chain.

import type { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { certificatesIn, writeCertificateFile } from "./identity-file.ts";

const fileName = "former-issuing.pem";

/** Newest first; none where there is no file. `directory` is that of the certificates. */
export async function readFormerIssuing(directory: string): Promise<readonly X509Certificate[]> {
  const text = await readFile(join(directory, fileName), "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return "";
    throw cause;
  });
  return certificatesIn(text);
}

/** Before it is replaced: a crash between the two leaves it here as well as there. */
export async function keepFormerIssuing(directory: string, certificate: X509Certificate): Promise<void> {
  const others = (await readFormerIssuing(directory)).filter(
    (one) => one.fingerprint256 !== certificate.fingerprint256,
  );
  await writeCertificateFile(join(directory, fileName), certificate, ...others);
}

/** What stands between a certificate and the root, of the issuing CA and those before it. */
export function issuingOf(
  certificate: X509Certificate,
  issuing: readonly [X509Certificate, ...X509Certificate[]],
): X509Certificate {
  return issuing.find((one) => certificate.checkIssued(one) && certificate.verify(one.publicKey)) ?? issuing[0];
}
