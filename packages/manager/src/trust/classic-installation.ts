// What the manager keeps of an installation in classic Smart Licensing: when it was heard last, until when its ID certificates are
// valid, and when something is due without it (spec/protocol.md, section 15).

import { classicAuthorizationMs } from "@countersign/protocol";

export type ClassicInstallation = {
  readonly smartAccountId: number;
  readonly installationId: number;
  readonly lastContactAtMs: number;
  /** The device's own time in the newest authorization that was counted; 0 before the first. */
  readonly askedAtMs: number;
  /** When the first of its registered members is without a valid ID certificate. */
  readonly certificateEndsAtMs: number;
  /** When silence gave back what it used; null while it is counted. */
  readonly releasedAtMs: number | null;
};

/** The silence after which what is used counts as free, and the instant from which it does. */
export function releaseDueAtMs({ lastContactAtMs }: Pick<ClassicInstallation, "lastContactAtMs">): number {
  return lastContactAtMs + classicAuthorizationMs;
}

/** When a manager has to look at it next, if it stays silent. */
export function dueAtMs(one: ClassicInstallation): number {
  return one.releasedAtMs === null ? Math.min(releaseDueAtMs(one), one.certificateEndsAtMs) : one.certificateEndsAtMs;
}
