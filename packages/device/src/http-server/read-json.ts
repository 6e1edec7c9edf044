// A body as checked data: bytes, strict UTF-8, strict JSON, then the schema. What is wrong is named with its place, never with
// its value, which may be a secret.

import { decodeText, ProtocolError, parseJson } from "@countersign/protocol";
import * as v from "valibot";
import { HttpProblem } from "./http-problem.ts";

/** Throws `request_malformed` and `value_invalid`. */
export function readJson<const Schema extends v.GenericSchema>(
  bytes: Uint8Array,
  schema: Schema,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, parseBody(bytes));
  if (result.success) return result.output;
  const [first] = result.issues;
  throw new HttpProblem("value_invalid", { message: `${v.getDotPath(first) ?? "The body"} is not as it should be.` });
}

/** Throws `request_malformed`. */
export function parseBody(bytes: Uint8Array): unknown {
  try {
    return parseJson(decodeText(bytes, bytes.byteLength));
  } catch (error) {
    if (error instanceof ProtocolError) throw new HttpProblem("request_malformed", { message: "The body is no JSON." });
    throw error;
  }
}
