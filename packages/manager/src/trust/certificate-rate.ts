// How many certificates a device gets by its own asking. Each one is kept for ever, because a report, a proof or an audit may name it;
// so it is the rate that is bounded, and with it what a device can make a manager store and look through.

import { dayMs } from "@countersign/protocol";
import type { DeviceCertificate } from "./product-instance.ts";

/** Valid ones of one product instance within a day. A device needs one or two in half a year. */
export const certificatesPerDayMax = 8;

/** A classic certificate that the same key got within this time is given again; after it a repetition gets a whole year. */
export const repeatedWithinMs = dayMs;

/** Ones that a token or a person has ended do not count: whoever begins anew may. */
export function mayBeCertified(certificates: readonly DeviceCertificate[], now: number): boolean {
  const recent = certificates.filter(({ state, issuedAtMs }) => state === "valid" && issuedAtMs > now - dayMs);
  return recent.length < certificatesPerDayMax;
}
