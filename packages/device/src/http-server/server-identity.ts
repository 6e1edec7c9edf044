// The key and certificate of a device's HTTPS server: made at the first start, kept for the life of its state folder.

import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { selfSignedCertificate } from "../pki/self-signed-certificate.ts";

const fileName = "https-identity.pem";

/** Private key and certificate as PEM in one text. The file is readable by its owner only. */
export async function serverIdentity(stateDirectory: string, names: readonly string[]): Promise<string> {
  const path = join(stateDirectory, fileName);
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const made = makeIdentity(names);
  const file = await open(`${path}.new`, "w", 0o600);
  try {
    await file.writeFile(made);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  return made;
}

function makeIdentity(names: readonly string[]): string {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const certificate = selfSignedCertificate(createPrivateKey(key), names).toString("base64");
  const lines = certificate.match(/.{1,64}/g) ?? [];
  return `${key}-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
