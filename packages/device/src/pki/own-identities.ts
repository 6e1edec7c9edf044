// The certificates that a device shows of itself, as an HTTPS server and as a client of the manager (SEC-1 to SEC-4): one that it
// issues to itself, and on hardware that has it the one of its manufacturer. Made at the first start and never running out, so
// that none of them can be refused for its dates (SEC-2).

import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { join } from "node:path";
import type { Udi } from "@countersign/protocol";
import { manufacturerTrustpoint, selfSignedPrefix } from "../network-settings.ts";
import { readKeyFile, readOrMakeKeyFile } from "./key-file.ts";
import { issuedCertificate, selfSignedCertificate } from "./self-signed-certificate.ts";

export type OwnIdentity = {
  readonly trustpoint: string;
  readonly kind: "self-signed" | "manufacturer";
  /** PEM of the private key and of the certificates, the device's first, in one text as TLS takes it. */
  readonly pem: string;
};

export type IdentityWish = {
  /** Of the device that gives the installation its name. */
  readonly udi: Udi;
  /** Names and addresses at which its HTTPS server is reached. */
  readonly names: readonly string[];
  readonly hasManufacturerCertificate: boolean;
};

const selfSignedFile = "https-identity.pem";
const manufacturerFile = "manufacturer-identity.pem";

/** Those of a state folder, made where they are missing; without a folder they last as long as the process. */
export async function openIdentities(
  stateDirectory: string | null,
  wish: IdentityWish,
): Promise<readonly OwnIdentity[]> {
  const open = async (file: string, make: () => string): Promise<string> =>
    stateDirectory === null ? make() : readOrMakeKeyFile(join(stateDirectory, file), make);
  return identitiesFrom(wish, [
    wish.hasManufacturerCertificate ? await open(manufacturerFile, () => makeManufactured(wish.udi)) : null,
    await open(selfSignedFile, () => makeSelfSigned(wish.names)),
  ]);
}

/** Those that are there, of a device that does not run; nothing is written. */
export async function readIdentities(
  stateDirectory: string,
  wish: Omit<IdentityWish, "names">,
): Promise<readonly OwnIdentity[]> {
  const read = (file: string): Promise<string | null> => readKeyFile(join(stateDirectory, file));
  return identitiesFrom(wish, [
    wish.hasManufacturerCertificate ? await read(manufacturerFile) : null,
    await read(selfSignedFile),
  ]);
}

/** The manufacturer's first: it is the one that is shown where none is chosen. */
function identitiesFrom(
  { udi }: Pick<IdentityWish, "udi">,
  [manufactured, selfSigned]: readonly [string | null, string | null],
): readonly OwnIdentity[] {
  return [
    ...(manufactured === null
      ? []
      : [{ trustpoint: manufacturerTrustpoint, kind: "manufacturer", pem: manufactured } as const]),
    ...(selfSigned === null
      ? []
      : [{ trustpoint: selfSignedTrustpoint(udi), kind: "self-signed", pem: selfSigned } as const]),
  ];
}

/** Ten digits that stay with the hardware. */
function selfSignedTrustpoint({ serialNumber }: Udi): string {
  const number = createHash("sha256").update(serialNumber).digest().readUIntBE(0, 6) % 10_000_000_000;
  return `${selfSignedPrefix}${String(number).padStart(10, "0")}`;
}

/** The identity of this trustpoint; with null the first. Null where the trustpoint has no key of the device. */
export function identityOf(identities: readonly OwnIdentity[], trustpoint: string | null): OwnIdentity | null {
  if (trustpoint === null) return identities[0] ?? null;
  return identities.find((one) => one.trustpoint === trustpoint) ?? null;
}

/** PEM of the device's own certificate. */
export function certificateIn({ pem }: OwnIdentity): string {
  return /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(pem)?.[0] ?? "";
}

function makeSelfSigned(names: readonly string[]): string {
  const key = newKey();
  return pemOf(key, [selfSignedCertificate(key, names)]);
}

/** The key of the simulated manufacturer is forgotten at once: it issues this one certificate. */
function makeManufactured(udi: Udi): string {
  const [key, manufacturerKey] = [newKey(), newKey()];
  // As the field's certificates write it: a comma would end the part of the name.
  const serialNumber = `PID:${udi.pid} SN:${udi.serialNumber}`;
  const manufacturer = { name: "Simulated Manufacturing CA", key: manufacturerKey };
  return pemOf(key, [issuedCertificate(key, `${udi.pid}-${udi.serialNumber}`, serialNumber, manufacturer)]);
}

function newKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

function pemOf(key: KeyObject, certificates: readonly Buffer[]): string {
  const blocks = certificates.map((certificate) => {
    const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
  });
  return `${key.export({ type: "pkcs8", format: "pem" }).toString()}${blocks.join("")}`;
}
