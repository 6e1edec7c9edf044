// Signing and verifying bytes. Two algorithms, each pinned to its key type; nothing is negotiated.

import { hash, type KeyObject, sign, verify } from "node:crypto";
import { ecdsaSignatureFromDer, ecdsaSignatureToDer } from "./ecdsa-encoding.ts";
import { ProtocolError } from "./errors.ts";

/** `SHA256` is RSA PKCS#1 v1.5 with SHA-256, `ES256` is ECDSA P-256 with SHA-256 in IEEE P1363 form. */
export type SignatureAlgorithm = "SHA256" | "ES256";

/** A private key behind one method; where it lives (memory, file, PKCS#11) is nobody's business here. */
export interface Signer {
  readonly algorithm: SignatureAlgorithm;
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** Throws `signature_algorithm_unknown` for any key but RSA of 2048 bits or more and P-256. */
export function algorithmOf(key: KeyObject): SignatureAlgorithm {
  if (key.asymmetricKeyType === "rsa" && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048) return "SHA256";
  if (key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1") return "ES256";
  throw new ProtocolError("signature_algorithm_unknown", `The key is ${key.asymmetricKeyType ?? "symmetric"}.`);
}

/** Signs on the thread pool. The key object must be private. */
export function createSigner(privateKey: KeyObject): Signer {
  const algorithm = algorithmOf(privateKey);
  const toWire = algorithm === "ES256" ? ecdsaSignatureFromDer : (signature: Buffer) => signature;
  return {
    algorithm,
    sign: (bytes) =>
      new Promise((resolve, reject) => {
        sign("sha256", bytes, privateKey, (error, signature) => (error ? reject(error) : resolve(toWire(signature))));
      }),
  };
}

/** The same on the caller's thread: cheaper where waking the thread pool costs more than a signature. */
export function createSignerNow(privateKey: KeyObject): Signer {
  const algorithm = algorithmOf(privateKey);
  const toWire = algorithm === "ES256" ? ecdsaSignatureFromDer : (signature: Buffer) => signature;
  return { algorithm, sign: async (bytes) => toWire(sign("sha256", bytes, privateKey)) };
}

/** Verifies on the thread pool; throws `signature_mismatch` and its relatives, returns nothing else. */
export async function verifySignature(
  named: string,
  publicKey: KeyObject,
  bytes: Uint8Array,
  valueBase64: string,
): Promise<void> {
  const value = prepare(named, publicKey, valueBase64);
  const isValid = await new Promise<boolean>((resolve, reject) => {
    verify("sha256", bytes, publicKey, value, (error, result) => (error ? reject(error) : resolve(result)));
  });
  if (!isValid) throw new ProtocolError("signature_mismatch");
}

/** The same on the caller's thread, for code that is not asynchronous. */
export function verifySignatureNow(named: string, publicKey: KeyObject, bytes: Uint8Array, valueBase64: string): void {
  const value = prepare(named, publicKey, valueBase64);
  if (!verify("sha256", bytes, publicKey, value)) throw new ProtocolError("signature_mismatch");
}

/** The signature as the library wants it. */
function prepare(named: string, publicKey: KeyObject, valueBase64: string): Buffer {
  const algorithm = algorithmOf(publicKey);
  if (named !== "SHA256" && named !== "ES256")
    throw new ProtocolError("signature_algorithm_unknown", JSON.stringify(named.slice(0, 20)));
  if (named !== algorithm) throw new ProtocolError("signature_algorithm_mismatch", `The key needs ${algorithm}.`);
  const value = decodeBase64(valueBase64);
  if (value.length !== signatureBytes(publicKey, algorithm)) throw new ProtocolError("signature_malformed");
  return algorithm === "ES256" ? ecdsaSignatureToDer(value) : value;
}

/** r and s of P-256 side by side, or one number of the RSA modulus' length. */
function signatureBytes(key: KeyObject, algorithm: SignatureAlgorithm): number {
  return algorithm === "ES256" ? 64 : Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
}

/** Strict standard base64; servers of the field put line feeds inside (MSG-8), so those are skipped. */
export function decodeBase64(text: string): Buffer {
  const compact = text.replace(/[\r\n]/g, "");
  const bytes = Buffer.from(compact, "base64");
  // A second spelling of the same bytes (spare bits set, padding left out) would let one signature travel under two texts.
  if (compact === "" || bytes.toString("base64") !== compact) throw new ProtocolError("signature_malformed");
  return bytes;
}

export function sha256(bytes: Uint8Array | string): Buffer {
  return hash("sha256", bytes, "buffer");
}

export function sha256Hex(bytes: Uint8Array | string): string {
  return hash("sha256", bytes, "hex");
}
