// `show crypto pki trustpoints [status]`, `show crypto pki certificates`, and what is asked when one is pasted (SEC-12).

import type { CertificateView, TrustpointView } from "../network-view.ts";
import { indentedLine, type ShowOptions, showClock } from "./show-text.ts";

/** `CN=Root\nO=Example` as the field writes it, one part a line. */
function nameLines(name: string, indent: string): readonly string[] {
  return name
    .split("\n")
    .map((part) => indentedLine(`${indent}${part.replace(/^[^=]+/, (type) => type.toLowerCase())}`));
}

export function renderTrustpoints(trustpoints: readonly TrustpointView[]): string {
  return trustpoints.map(renderTrustpoint).join("\n\n");
}

function renderTrustpoint({ name, own, authorities, revocationCheck }: TrustpointView): string {
  if (own !== null) return renderOwnTrustpoint(name, own);
  const configured = authorities.flatMap(({ subject, serialNumber }) => [
    "    Subject Name: ",
    ...nameLines(subject, "    "),
    `          Serial Number (hex): ${serialNumber}`,
    "    Certificate configured.",
  ]);
  const checked = `    Revocation check: ${revocationCheck}`;
  return [`Trustpoint ${name}:`, ...(configured.length === 0 ? ["    Not authenticated."] : configured), checked].join(
    "\n",
  );
}

/** SEC-3, SEC-5: under these names they are chosen for the HTTP client. */
function renderOwnTrustpoint(name: string, { kind, certificate }: NonNullable<TrustpointView["own"]>): string {
  const { subject, serialNumber } = certificate;
  const made =
    kind === "manufacturer"
      ? ["    Certificate configured."]
      : ["    Persistent self-signed certificate trust point", `    Using key label ${name}`];
  return [
    `Trustpoint ${name}:`,
    "    Subject Name: ",
    ...nameLines(subject, "    "),
    `          Serial Number (hex): ${serialNumber}`,
    ...made,
  ].join("\n");
}

export function renderTrustpointStatus(trustpoints: readonly TrustpointView[]): string {
  return trustpoints.map(renderStatus).join("\n\n");
}

const ownCaptions = {
  "self-signed": "  Router Self-Signed General Purpose certificate configured:",
  manufacturer: "  Router General Purpose certificate configured:",
} as const;

function renderOwnStatus(name: string, { kind, certificate }: NonNullable<TrustpointView["own"]>): string {
  const { subject, fingerprintMd5, fingerprintSha1 } = certificate;
  return [
    `Trustpoint ${name}:`,
    ownCaptions[kind],
    "    Subject Name:",
    indentedLine(`     ${nameLines(subject, "").join(",")}`),
    `    Fingerprint MD5: ${inWords(fingerprintMd5)} `,
    `    Fingerprint SHA1: ${inWords(fingerprintSha1)} `,
    "  State:",
    `    Keys generated ............. Yes (${name}, not exportable)`,
    `    Issuing CA authenticated ....... ${kind === "self-signed" ? "Yes" : "No"}`,
    "    Certificate request(s) ..... Yes",
  ].join("\n");
}

function renderStatus({ name, own, authorities, hasKeys }: TrustpointView): string {
  if (own !== null) return renderOwnStatus(name, own);
  const certificates = authorities.flatMap(({ subject, fingerprintMd5, fingerprintSha1 }) => [
    "  Issuing CA certificate configured:",
    "    Subject Name:",
    indentedLine(`     ${nameLines(subject, "").join(",")}`),
    `    Fingerprint MD5: ${inWords(fingerprintMd5)} `,
    `    Fingerprint SHA1: ${inWords(fingerprintSha1)} `,
  ]);
  return [
    `Trustpoint ${name}:`,
    ...certificates,
    "  State:",
    `    Keys generated ............. ${hasKeys ? "Yes (SLA-KeyPair, not exportable)" : "No"}`,
    `    Issuing CA authenticated ....... ${authorities.length > 0 ? "Yes" : "No"}`,
    "    Certificate request(s) ..... None",
  ].join("\n");
}

/** A certificate that several trustpoints have is shown once. */
export function renderCertificates(trustpoints: readonly TrustpointView[], { zone }: ShowOptions): string {
  const all = trustpoints.flatMap(({ name, authorities }) => authorities.map((certificate) => ({ name, certificate })));
  const distinct = new Map(all.map(({ certificate }) => [certificate.fingerprintSha1, certificate]));
  const blocks = [...distinct.values()].map((certificate) => {
    const names = all.filter((one) => one.certificate.fingerprintSha1 === certificate.fingerprintSha1);
    return renderCertificate(
      certificate,
      names.map(({ name }) => name),
      zone,
    );
  });
  const own = trustpoints.flatMap(({ name, own }) =>
    own === null ? [] : [renderCertificate(own.certificate, [name], zone, ownTitles[own.kind])],
  );
  return [...own, ...blocks].join("\n\n");
}

const ownTitles = { "self-signed": "Router Self-Signed Certificate", manufacturer: "Certificate" } as const;

function renderCertificate(
  certificate: CertificateView,
  names: readonly string[],
  zone: ShowOptions["zone"],
  title = "CA Certificate",
): string {
  const { serialNumber, issuer, subject, validFromMs, validToMs, revocationLists } = certificate;
  return [
    title,
    "  Status: Available",
    `  Certificate Serial Number (hex): ${serialNumber}`,
    `  Certificate Usage: ${title === "CA Certificate" ? "Signature" : "General Purpose"}`,
    "  Issuer: ",
    ...nameLines(issuer, "    "),
    "  Subject: ",
    ...nameLines(subject, "    "),
    ...(revocationLists.length === 0
      ? []
      : ["  CRL Distribution Points: ", ...revocationLists.map((url) => indentedLine(`    ${url}`))]),
    "  Validity Date: ",
    `    start date: ${validityDate(validFromMs, zone)}`,
    `    end   date: ${validityDate(validToMs, zone)}`,
    `  Associated Trustpoints: ${names.join(" ")} `,
  ].join("\n");
}

/** `20:48:47 UTC May 30 2013` */
function validityDate(atMs: number, zone: ShowOptions["zone"]): string {
  const [clock = "", label = "", , ...day] = showClock(atMs, zone).split(" ");
  return `${clock.slice(0, 8)} ${label} ${day.join(" ")}`;
}

/** Groups of eight, as they are compared by eye. */
function inWords(fingerprint: string): string {
  return (fingerprint.match(/.{1,8}/g) ?? []).join(" ");
}

export function renderPastedCertificate({ fingerprintMd5, fingerprintSha1 }: CertificateView): string {
  return [
    "Certificate has the following attributes:",
    `       Fingerprint MD5: ${inWords(fingerprintMd5)} `,
    `      Fingerprint SHA1: ${inWords(fingerprintSha1)} `,
    "",
  ].join("\n");
}
