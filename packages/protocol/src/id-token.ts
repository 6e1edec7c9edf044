// The ID token: percent-encoded base64, wrapped at 60 columns, of `<uuid>-<expiry ms>|<base64 of 32 bytes>` (TOK-6).
// A manager stores only its hash; randomness comes in from the caller.

import { timingSafeEqual } from "node:crypto";
import { ProtocolError } from "./errors.ts";
import { sha256Hex } from "./signature.ts";

export const tokenSecretBytes = 32;
const wrapColumns = 60;

export type IdToken = { readonly uuid: string; readonly expiresAtMs: number; readonly secret: Uint8Array };

export function encodeIdToken(token: IdToken): string {
  const plain = `${token.uuid}-${token.expiresAtMs}|${Buffer.from(token.secret).toString("base64")}`;
  const lines = Buffer.from(plain).toString("base64").match(new RegExp(`.{1,${wrapColumns}}`, "g")) ?? [];
  return encodeURIComponent(`${lines.join("\n")}\n`);
}

/** Reads a token with or without percent encoding and wrapping; throws `token_malformed`. Never quotes the text. */
export function parseIdToken(text: string): IdToken {
  const plain = Buffer.from(decodePercent(text).replace(/\s/g, ""), "base64").toString("latin1");
  const match = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})-(\d{13})\|([A-Za-z0-9+/]{43}=)$/.exec(plain);
  if (match === null) throw new ProtocolError("token_malformed");
  const [, uuid = "", expiry = "", secret = ""] = match;
  return { uuid, expiresAtMs: Number(expiry), secret: Buffer.from(secret, "base64") };
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text.trim());
  } catch (cause) {
    throw new ProtocolError("token_malformed", "", [], { cause });
  }
}

/** The same for every spelling of one token; lower-case hex. */
export function hashIdToken(token: IdToken): string {
  return sha256Hex(`${token.uuid}-${token.expiresAtMs}|${Buffer.from(token.secret).toString("base64")}`);
}

export function isSameTokenHash(one: string, other: string): boolean {
  const a = Buffer.from(one, "hex");
  const b = Buffer.from(other, "hex");
  return a.length === b.length && timingSafeEqual(a, b);
}
