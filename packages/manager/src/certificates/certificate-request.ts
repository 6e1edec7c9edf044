// A certificate request (PKCS#10, RFC 2986): proof that the sender holds the private key, and that key's public half.
// Subject and attributes are the sender's wishes; none of them is taken.

import { createPublicKey, type KeyObject, verify } from "node:crypto";
import {
  algorithmOf,
  type DerElement,
  ProtocolError,
  readElements,
  type SignatureAlgorithm,
} from "@countersign/protocol";
import { derTag, objectIdentifier } from "./der.ts";

/** A request with a 4096-bit key has about 1.7 kB. */
export const certificateRequestBytesMax = 8192;
const rsaModulusBitsMax = 4096;
const rsaExponentMin = 65_537n;
const rsaExponentMax = 0xffff_ffffn;

/** The one signature algorithm that each kind of key may use in a request. */
const signatureIdentifier: Readonly<Record<SignatureAlgorithm, Uint8Array>> = {
  SHA256: objectIdentifier("1.2.840.113549.1.1.11"),
  ES256: objectIdentifier("1.2.840.10045.4.3.2"),
};

/**
 * Verifies a DER certificate request's own signature and answers its public key.
 * Throws `certificate_request_invalid` for everything else, and for keys outside RSA 2048–4096 and P-256.
 */
export async function verifyCertificateRequest(der: Uint8Array): Promise<KeyObject> {
  if (der.byteLength > certificateRequestBytesMax)
    throw invalid(`It is larger than ${certificateRequestBytesMax} bytes.`);
  const { info, algorithm, signature, publicKey } = parseRequest(der);
  const expected = signatureIdentifier[requireAllowedKey(publicKey)];
  if (!Buffer.from(algorithm).equals(expected)) throw invalid("Its signature algorithm does not fit its key.");
  const isValid = await new Promise<boolean>((resolve) => {
    verify("sha256", info, publicKey, signature, (error, result) => resolve(error === null && result));
  });
  if (!isValid) throw invalid("Its own signature is wrong.");
  return publicKey;
}

type ParsedRequest = {
  readonly info: Uint8Array;
  readonly algorithm: Uint8Array;
  readonly signature: Uint8Array;
  readonly publicKey: KeyObject;
};

function parseRequest(der: Uint8Array): ParsedRequest {
  try {
    const [outer] = exactly(readElements(der), [derTag.sequence]);
    const [info, algorithm, signature] = exactly(readElements(outer.content), [
      derTag.sequence,
      derTag.sequence,
      derTag.bitString,
    ]);
    const [version, , keyInfo] = readElements(info.content);
    if (version?.tag !== derTag.integer || keyInfo?.tag !== derTag.sequence || signature.content[0] !== 0) {
      throw new RangeError("not a certificate request");
    }
    return {
      info: info.whole,
      algorithm: readElements(algorithm.content)[0]?.whole ?? new Uint8Array(),
      signature: signature.content.subarray(1),
      publicKey: createPublicKey({ key: Buffer.from(keyInfo.whole), format: "der", type: "spki" }),
    };
  } catch (cause) {
    throw invalid("", cause);
  }
}

function exactly<const T extends readonly number[]>(
  elements: readonly DerElement[],
  tags: T,
): { readonly [K in keyof T]: DerElement } {
  if (elements.length !== tags.length || elements.some((found, at) => found.tag !== tags[at])) {
    throw new RangeError("unexpected DER structure");
  }
  return elements as { readonly [K in keyof T]: DerElement };
}

/** An oversized key or exponent would let one small request cost much computing time for years. */
function requireAllowedKey(key: KeyObject): SignatureAlgorithm {
  try {
    const algorithm = algorithmOf(key);
    const { modulusLength = 0, publicExponent = rsaExponentMin } = key.asymmetricKeyDetails ?? {};
    if (modulusLength > rsaModulusBitsMax || publicExponent < rsaExponentMin || publicExponent > rsaExponentMax) {
      throw new RangeError("RSA key outside the allowed sizes");
    }
    return algorithm;
  } catch (cause) {
    throw invalid("Its key is neither RSA of 2048 to 4096 bits nor P-256.", cause);
  }
}

function invalid(detail: string, cause?: unknown): ProtocolError {
  return new ProtocolError("certificate_request_invalid", detail, [], { cause });
}
