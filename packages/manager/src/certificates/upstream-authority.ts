// The authority of a manager on premises that has another manager above it: the licensing root is that one's, without its key,
// and the issuing CA stands below it. One file, so that a crash sees the old authority or the new one, nothing between. The root
// that this installation made for itself stays beside it, unused.

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  sign,
  type X509Certificate,
} from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { bitString, element, objectIdentifier, positiveInteger, sequence } from "./der.ts";
import { certificatesIn, writePrivateFile } from "./identity-file.ts";

const authorityFile = "upstream-ca.pem";
const pendingFile = "upstream-ca.key.pending";

export type UpstreamAuthority = {
  readonly privateKey: KeyObject;
  readonly issuing: X509Certificate;
  readonly root: X509Certificate;
};

/** Null where there is no manager above. `directory` is that of the certificates. */
export async function readUpstreamAuthority(directory: string): Promise<UpstreamAuthority | null> {
  const pem = await readIfThere(join(directory, authorityFile));
  if (pem === null) return null;
  const privateKey = createPrivateKey(pem);
  const [issuing, root] = certificatesIn(pem);
  if (issuing === undefined || root === undefined || !issuing.checkPrivateKey(privateKey))
    throw new Error("the authority from above is not whole");
  return { privateKey, issuing, root };
}

/** Its key is the pending one, or the one in use where the certificate is another for that. Throws when it is for neither. */
export async function writeUpstreamAuthority(
  directory: string,
  { issuing, root }: { readonly issuing: X509Certificate; readonly root: X509Certificate },
): Promise<void> {
  const keys = [await readPendingKey(directory), (await readUpstreamAuthority(directory))?.privateKey ?? null];
  const privateKey = keys.find((key) => key !== null && issuing.checkPrivateKey(key));
  if (privateKey === undefined || privateKey === null) throw new Error("the certificate is for another key");
  const key = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  await writePrivateFile(join(directory, authorityFile), `${key}${issuing}${root}`);
  await rm(join(directory, pendingFile), { force: true });
}

/** A request for the pending key, which is made once: asking again asks for the same, so a lost answer costs nothing. */
export async function pendingRequest(directory: string): Promise<Buffer> {
  const known = await readPendingKey(directory);
  if (known !== null) return certificateRequestOf(known);
  const made = await generateKey();
  await writePrivateFile(join(directory, pendingFile), made.export({ type: "pkcs8", format: "pem" }) as string);
  return certificateRequestOf(made);
}

/** PKCS#10 (RFC 2986) without wishes: the key, and the proof that it is there. */
export function certificateRequestOf(privateKey: KeyObject): Buffer {
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const info = sequence(positiveInteger(Buffer.from([0])), sequence(), publicKey, element(0xa0));
  const proof = sign("sha256", info, privateKey);
  return Buffer.from(sequence(info, sequence(objectIdentifier("1.2.840.10045.4.3.2")), bitString(proof)));
}

async function readPendingKey(directory: string): Promise<KeyObject | null> {
  const pem = await readIfThere(join(directory, pendingFile));
  return pem === null ? null : createPrivateKey(pem);
}

async function readIfThere(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return null;
    throw cause;
  });
}

function generateKey(): Promise<KeyObject> {
  return new Promise((resolve, reject) => {
    generateKeyPair("ec", { namedCurve: "P-256" }, (error, _publicKey, privateKey) => {
      if (error === null) resolve(privateKey);
      else reject(error);
    });
  });
}
