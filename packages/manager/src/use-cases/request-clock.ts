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

/** Throws the refusal `clock_offset`. */
export function requireNear(deviceTimeMs: number, now: number): void {
  if (Math.abs(deviceTimeMs - now) > clockToleranceMs)
    throw new DeviceRefusal("clock_offset", clockOffsetText(deviceTimeMs));
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
