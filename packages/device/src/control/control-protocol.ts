// What is said over a device's control socket: one JSON object a line, an answer for each in the same order.

import * as v from "valibot";
import { DeviceError } from "../device-error.ts";

/** Bytes of one request, line feed included. */
export const controlRequestBytesMax = 64 * 1024;
/** Bytes of one answer: the largest output is a full event log as JSON. */
export const controlAnswerBytesMax = 64 * 1024 * 1024;

const screenSize = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(10_000));
const screenSchema = v.strictObject({ columns: screenSize, rows: screenSize });

/** `attach` begins a session: from then on the connection carries what is typed, and new sizes of the screen. */
const requestSchema = v.union([
  v.strictObject({ command: v.pipe(v.string(), v.maxLength(controlRequestBytesMax)) }),
  v.strictObject({ attach: screenSchema }),
]);
export type ControlRequest = v.InferOutput<typeof requestSchema>;

/** What is typed, as base64, so that a character may be cut anywhere. */
const sessionInputSchema = v.union([
  v.strictObject({ input: v.pipe(v.string(), v.base64()) }),
  v.strictObject({ resize: screenSchema }),
]);
export type SessionInput = v.InferOutput<typeof sessionInputSchema>;

const answerSchema = v.strictObject({
  outcome: v.picklist(["done", "mistake", "refused", "failed"]),
  text: v.string(),
  json: v.unknown(),
});
export type ControlAnswer = v.InferOutput<typeof answerSchema>;

/** Throws `control_request_invalid`. */
export function decodeControlRequest(line: string): ControlRequest {
  return decode(requestSchema, line);
}

/** Throws `control_request_invalid`: whoever answers there is no device. */
export function decodeControlAnswer(line: string): ControlAnswer {
  return decode(answerSchema, line);
}

/** Throws `control_request_invalid`. */
export function decodeSessionInput(line: string): SessionInput {
  return decode(sessionInputSchema, line);
}

function decode<T>(schema: v.GenericSchema<unknown, T>, line: string): T {
  try {
    return v.parse(schema, JSON.parse(line));
  } catch (cause) {
    throw new DeviceError("control_request_invalid", "", { cause });
  }
}
