// The ID token: percent-encoded base64, wrapped at 60 columns, of `<uuid>-<expiry ms>|<base64 of 32 bytes>` (TOK-6).
// A manager stores only its hash; randomness comes in from the caller.

import { timingSafeEqual } from "node:crypto";
import { assert, ProtocolError } from "./errors.ts";
import { tokenCharactersMax } from "./limits.ts";
import { decodeBase64, sha256Hex } from "./signature.ts";

export const tokenSecretBytes = 32;
const wrapColumns = 60;
const plainPattern =
  /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})-([1-9]\d{12})\|([A-Za-z0-9+/]{43}=)$/;

export type IdToken = { readonly uuid: string; readonly expiresAtMs: number; readonly secret: Uint8Array };

/** The expiry must be an epoch in milliseconds of thirteen digits (2001 to 2286), the uuid in lower case. */
export function encodeIdToken(token: IdToken): string {
  const plain = plainTextOf(token);
  assert(plainPattern.test(plain), "an ID token has a lower-case uuid, a 13-digit expiry and 32 bytes of secret");
  const lines =
    Buffer.from(plain)
      .toString("base64")
      .match(new RegExp(`.{1,${wrapColumns}}`, "g")) ?? [];
  return encodeURIComponent(`${lines.join("\n")}\n`);
}

/** Reads a token with or without percent encoding and wrapping; throws `token_malformed`. Never quotes the text. */
export function parseIdToken(text: string): IdToken {
  if (text.length > tokenCharactersMax) throw new ProtocolError("token_malformed");
  const plain = decodeStrictly(decodePercent(text).replace(/[ \t\r\n]/g, "")).toString("latin1");
  const match = plainPattern.exec(plain);
  if (match === null) throw new ProtocolError("token_malformed");
  const [, uuid = "", expiry = "", secret = ""] = match;
  return { uuid, expiresAtMs: Number(expiry), secret: decodeStrictly(secret) };
}

function decodeStrictly(text: string): Buffer {
  try {
    return decodeBase64(text);
  } catch (cause) {
    throw new ProtocolError("token_malformed", "", [], { cause });
  }
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new ProtocolError("token_malformed", "", [], { cause });
  }
}

/** The same for every spelling of one token; lower-case hex. */
export function hashIdToken(token: IdToken): string {
  return sha256Hex(plainTextOf(token));
}

function plainTextOf(token: IdToken): string {
  return `${token.uuid}-${token.expiresAtMs}|${Buffer.from(token.secret).toString("base64")}`;
}

export function isSameTokenHash(one: string, other: string): boolean {
  const a = Buffer.from(one, "hex");
  const b = Buffer.from(other, "hex");
  return a.length === b.length && timingSafeEqual(a, b);
}
