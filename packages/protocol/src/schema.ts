// The bridge between valibot and our errors, and the small schemas that many messages share.

import * as v from "valibot";
import { type Issue, ProtocolError, type ProtocolErrorCode } from "./errors.ts";
import { countMax, nameCharactersMax, nonceDigitsMax, serialDigitsMax, tagCharactersMax } from "./limits.ts";

/** Checks a value and throws the given code with every wrong path, not only the first. */
export function check<S extends v.GenericSchema>(schema: S, value: unknown, code: ProtocolErrorCode): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const issues = result.issues.map(describeIssue);
  throw new ProtocolError(code, issues.map((issue) => `${issue.path}: ${issue.message}`).join("; "), issues);
}

function describeIssue(issue: v.BaseIssue<unknown>): Issue {
  return { path: v.getDotPath(issue) ?? "(root)", message: issue.message };
}

export const text = v.pipe(v.string(), v.maxLength(nameCharactersMax));
export const nonEmptyText = v.pipe(text, v.nonEmpty());

/**
 * `regid.<yyyy-mm>.<reversed domain>.<Name>,<version>_<uuid>`: registration id, name, version and uuid in groups.
 * Printable ASCII only: languages disagree on what else is a blank or a letter.
 */
export const tagPattern =
  /^(regid\.\d{4}-\d{2}(?:\.[\x21-\x2b\x2d\x2f-\x7e]+)+)\.([\x21-\x2b\x2d\x2f-\x7e]+),([\x21-\x2b\x2d-\x7e]+)_([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$/;
export const tagText = v.pipe(v.string(), v.maxLength(tagCharactersMax), v.regex(tagPattern, "is not a tag"));
export const uuid = v.pipe(v.string(), v.uuid());
export const uuidOrEmpty = v.union([v.literal(""), uuid]);
export const base64 = v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/\r\n]*={0,2}[\r\n]*$/, "is not base64"));
/** Any text here: a wrong one is refused with its own code where it is verified, and without its whole message. */
export const signatureText = v.string();
export const decimalSerial = v.pipe(
  v.string(),
  v.regex(new RegExp(`^\\d{1,${serialDigitsMax}}$`), "is not a decimal serial number"),
);
/** Valibot takes an array for an object whose members are all optional. */
export const jsonObject = v.custom<object>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "is not an object",
);
export const sha256Hex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "is not a SHA-256 in lower-case hex"));
export const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const epochSeconds = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(253_402_300_799));
export const epochMs = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(253_402_300_799_999));

/** A decimal string of up to twenty digits, never a number (MSG-11); older peers send a number, so both are read. */
export const nonce = v.pipe(
  v.union([v.string(), v.pipe(v.number(), v.safeInteger())]),
  v.transform(String),
  v.regex(new RegExp(`^\\d{1,${nonceDigitsMax}}$`), "is not a nonce"),
);

/** Large integers that travel as strings and are read as string or number. */
export const decimalId = v.pipe(
  v.union([v.string(), v.pipe(v.number(), v.safeInteger())]),
  v.transform(String),
  v.regex(new RegExp(`^\\d{1,${nonceDigitsMax}}$`), "is not a decimal id"),
);

/** A count travels as a decimal string (`value.value`). */
export const countText = v.pipe(
  v.string(),
  v.regex(/^\d{1,16}$/, "is not a count"),
  v.check((value) => Number(value) <= countMax, "is larger than the limit"),
);
