// A request whose time is more than an hour off is refused, whichever of its two times says so (MSG-5, FAIL-3).

import {
  clockToleranceMs,
  decodeRequestData,
  type RequestData,
  type RequestType,
  type UnverifiedRequest,
} from "@countersign/protocol";
import { DeviceRefusal } from "../errors.ts";
import { clockOffsetText } from "../trust/refusal-texts.ts";
import type { DeviceRequestLimits } from "./use-cases.ts";

/** Throws the refusal `clock_offset`. */
export function requireNear(deviceTimeMs: number, now: number): void {
  if (Math.abs(deviceTimeMs - now) > clockToleranceMs)
    throw new DeviceRefusal("clock_offset", clockOffsetText(deviceTimeMs));
}

/** A relay may have taken a request long ago, but not in the future. Throws the refusal `clock_offset`. */
export function requireNotAhead(receivedAtMs: number, now: number): void {
  if (receivedAtMs - now > clockToleranceMs) throw new DeviceRefusal("clock_offset", clockOffsetText(receivedAtMs));
}

/** When a request reached us or our relay; only usage is held by relays. */
export function arrivedAtMs(requestType: RequestType, limits: DeviceRequestLimits, now: number): number {
  return requestType === "LICENSE_USAGE" ? (limits.carriedBy?.receivedAtMs ?? now) : now;
}

/** Step 6, then the time inside the data: older agents put it nowhere else (MSG-11). */
export function decodeTimely<T extends RequestType>(
  request: UnverifiedRequest & { readonly requestType: T },
  now: number,
): RequestData<T> {
  const data = decodeRequestData(request);
  requireNear(data.timestamp, now);
  return data;
}
