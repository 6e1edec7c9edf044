// Access points come and go at a wireless controller, decided by a seed: within a few of where they began.

import { nextAccessPoints } from "@countersign/device";
import type { Udi } from "@countersign/protocol";
import type { SeededRandomness } from "@countersign/simulation";

export type AccessPointChange = { readonly join: readonly Udi[]; readonly leave: readonly Udi[] };

const wanderMax = 4;

export function firstAccessPoints(count: number): readonly Udi[] {
  return nextAccessPoints([], count);
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
  return { join: nextAccessPoints(present, 1), leave: [] };
}
