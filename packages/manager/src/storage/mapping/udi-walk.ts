// What a walk through the index of serial numbers found. The database orders them, which PostgreSQL may do by the rules of a
// language: in every such order a text comes before those that start with it, and those that start with it are close. So
// what belongs to it is decided here, and the end of the walk in whichever case the letters are.

import type { SerialNumberQuery, SerialNumberWalk } from "../../storage-ports.ts";
import type { ProductInstance } from "../../trust/product-instance.ts";

export function serialNumberWalk(query: SerialNumberQuery, walked: readonly ProductInstance[]): SerialNumberWalk {
  const { virtualAccountIds, serialNumber, walkedMax } = query;
  const last = walked.length < walkedMax ? undefined : walked.at(-1);
  return {
    instances: walked.filter(
      (one) =>
        one.removedAtMs === null &&
        one.udi.serialNumber.startsWith(serialNumber) &&
        (virtualAccountIds === null || virtualAccountIds.includes(one.virtualAccountId)),
    ),
    // Narrowed, it says nothing of what it left out.
    isComplete:
      virtualAccountIds !== null || !last?.udi.serialNumber.toUpperCase().startsWith(serialNumber.toUpperCase()),
  };
}
