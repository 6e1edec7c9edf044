// Who the n-th filled product instance is: derived from its number, so that filler and load agree without a list.

import type { Sudi } from "@countersign/protocol";

export type FilledIdentity = {
  readonly sudi: Sudi;
  readonly productInstanceIdentifier: string;
  readonly installationIdentifier: string;
  /** Decimal, as long as those that a manager issues. */
  readonly certificateSerial: string;
};

const serialBase = 100_000_000_000_000_000_000_000_000_000_000_000_000n;

export function filledIdentity(index: number): FilledIdentity {
  const digits = index.toString(16).padStart(12, "0");
  return {
    sudi: { udi_pid: "C9300-48UXM", udi_serial_number: `FILL${index.toString().padStart(8, "0")}` },
    productInstanceIdentifier: `f1110000-0000-4000-8000-${digits}`,
    installationIdentifier: `f1110000-0000-4000-9000-${digits}`,
    certificateSerial: (serialBase + BigInt(index)).toString(),
  };
}
