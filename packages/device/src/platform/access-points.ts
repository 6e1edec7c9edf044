// Access points of simulated controllers: identities that are made in one order, so that a controller never has one twice.

import { formatUdi, type Udi } from "@countersign/protocol";

const pid = "C9130AXI-B";

function accessPoint(number: number): Udi {
  return { pid, serialNumber: `FJC26${String(number).padStart(6, "0")}` };
}

/** The next ones that are not there yet, lowest numbers first. */
export function nextAccessPoints(present: readonly Udi[], count: number): readonly Udi[] {
  const taken = new Set(present.map(formatUdi));
  const next: Udi[] = [];
  for (let number = 1; next.length < count; number += 1) {
    const udi = accessPoint(number);
    if (!taken.has(formatUdi(udi))) next.push(udi);
  }
  return next;
}
