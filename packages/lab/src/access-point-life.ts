// Access points come and go at a wireless controller, decided by a seed: within a few of where they began.

import type { Udi } from "@countersign/protocol";
import type { SeededRandomness } from "@countersign/simulation";

export type AccessPointChange = { readonly join: readonly Udi[]; readonly leave: readonly Udi[] };

const accessPointPid = "C9130AXI-B";
const wanderMax = 4;

export function accessPoint(number: number): Udi {
  return { pid: accessPointPid, serialNumber: `FJC26${String(number).padStart(6, "0")}` };
}

export function firstAccessPoints(count: number): readonly Udi[] {
  return Array.from({ length: count }, (_, index) => accessPoint(index + 1));
}

/** One step: one joins or one leaves; never more than four away from the number that the fleet names. */
export function nextAccessPointChange(
  present: readonly Udi[],
  usual: number,
  randomness: SeededRandomness,
): AccessPointChange {
  const joins =
    present.length <= usual - wanderMax || (present.length < usual + wanderMax && randomness.nextBelow(2) === 0);
  if (!joins) return { join: [], leave: [randomness.pick(present)] };
  const taken = new Set(present.map((udi) => udi.serialNumber));
  let number = 1;
  while (taken.has(accessPoint(number).serialNumber)) number += 1;
  return { join: [accessPoint(number)], leave: [] };
}
