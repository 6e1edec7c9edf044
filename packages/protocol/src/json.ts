// Bytes to text to JSON, with the refusals that JSON.parse does not make: depth, members named twice, and
// characters that have no UTF-8 form. Steps 1 to 3 of the order of acceptance (spec/protocol.md, section 2).

import { ProtocolError } from "./errors.ts";
import { jsonDepthMax } from "./limits.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Throws `message_too_large` or `invalid_utf8`. A byte order mark is refused later, as invalid JSON. */
export function decodeText(bytes: Uint8Array, bytesMax: number): string {
  if (bytes.byteLength > bytesMax) {
    throw new ProtocolError("message_too_large", `It has ${bytes.byteLength} bytes, the limit is ${bytesMax}.`);
  }
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new ProtocolError("invalid_utf8", "", [], { cause });
  }
}

/**
 * Parses one JSON text. Integers beyond 2^53 become strings, so that poll ids and nonces survive (section 1).
 * Throws `invalid_json`, `json_too_deep` or `duplicate_member`.
 */
export function parseJson(text: string): unknown {
  const members = countMembers(text);
  const value = parse(text);
  const census: Census = { members: 0, hasLongNumber: false };
  takeCensus(value, census);
  // Duplicates vanish silently in JSON.parse, so the parsed value has fewer members than the text.
  if (census.members !== members) throw new ProtocolError("duplicate_member");
  return census.hasLongNumber ? JSON.parse(text, keepLongIntegers) : value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ProtocolError("invalid_json", "", [], { cause });
  }
}

function keepLongIntegers(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && /^-?\d+$/.test(source) ? source : value;
}

type Census = { members: number; hasLongNumber: boolean };

/** One walk over the parsed value for everything that the text alone does not show cheaply. */
function takeCensus(value: unknown, census: Census): void {
  if (typeof value === "string") requireWellFormed(value);
  else if (typeof value === "number") countNumber(value, census);
  else if (Array.isArray(value)) for (const item of value) takeCensus(item, census);
  else if (value !== null && typeof value === "object") {
    for (const name in value) {
      census.members += 1;
      requireWellFormed(name);
      takeCensus((value as Readonly<Record<string, unknown>>)[name], census);
    }
  }
}

/** What no double can hold would be infinity here and something else to another reader. */
function countNumber(value: number, census: Census): void {
  if (!Number.isFinite(value)) throw new ProtocolError("invalid_json", "A number is too large.");
  census.hasLongNumber ||= Math.abs(value) > Number.MAX_SAFE_INTEGER;
}

/**
 * Half of a surrogate pair, written as an escape, has no UTF-8 form: every such half would be hashed and verified as
 * the same replacement character, so that different texts shared one signature.
 */
function requireWellFormed(text: string): void {
  if (!text.isWellFormed()) throw new ProtocolError("invalid_json", "A string holds half of a surrogate pair.");
}

const quote = 34;
const backslash = 92;
const colon = 58;
const openBrace = 123;
const closeBrace = 125;
const openBracket = 91;
const closeBracket = 93;

/** Counts members and checks the depth in one pass, without building anything. */
function countMembers(text: string): number {
  let members = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at);
        break;
      case colon:
        members += 1;
        break;
      case openBrace:
      case openBracket:
        depth += 1;
        if (depth > jsonDepthMax) throw new ProtocolError("json_too_deep", `The limit is ${jsonDepthMax}.`);
        break;
      case closeBrace:
      case closeBracket:
        depth -= 1;
        break;
      default:
    }
  }
  return members;
}

// indexOf runs in native code: with texts nested four times in each other, strings are nearly all of a message.
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === backslash) before -= 1;
  return (at - before) % 2 === 0;
}
