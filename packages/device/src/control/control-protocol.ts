// What is said over a device's control socket: one JSON object a line, an answer for each in the same order.

import * as v from "valibot";
import { DeviceError } from "../device-error.ts";

/** Bytes of one request, line feed included. */
export const controlRequestBytesMax = 64 * 1024;
/** Bytes of one answer: the largest output is a full event log as JSON. */
export const controlAnswerBytesMax = 64 * 1024 * 1024;

const requestSchema = v.strictObject({
  command: v.pipe(v.string(), v.maxLength(controlRequestBytesMax)),
});
export type ControlRequest = v.InferOutput<typeof requestSchema>;

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

function decode<T>(schema: v.GenericSchema<unknown, T>, line: string): T {
  try {
    return v.parse(schema, JSON.parse(line));
  } catch (cause) {
    throw new DeviceError("control_request_invalid", "", { cause });
  }
}
