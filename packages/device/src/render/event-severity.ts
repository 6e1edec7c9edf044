// How grave an event of the licensing event log is, on the scale of syslog. The log of the field has no grades: most of it is how a
// device starts, and one line in a hundred wants somebody (BET-21).

import type { EventLineView } from "../license-view.ts";
import { severityNames } from "../logging-configuration.ts";

export type EventSeverity = "errors" | "warnings" | "notifications" | "informational";

type GradedEvent = Pick<EventLineView, "name"> & Partial<Pick<EventLineView, "details">>;

/** Everything else is informational, among it all that a device writes while it starts (FAIL-30). */
const severityOfName: Readonly<Record<string, EventSeverity>> = {
  // Something is lost, or somebody lies.
  STORAGE_DAMAGE: "errors",
  UTILITY_RUM_LOST: "errors",
  LEDGER_REWRITTEN: "errors",
  CALLBACK_FAILED: "errors",
  // It goes on, but not by itself for ever.
  ACK_OVERDUE: "warnings",
  ACK_REPLAYED: "warnings",
  AUTHORIZATION_FAIL: "warnings",
  AUTH_EXPIRED: "warnings",
  AUTH_RENEW_FAIL: "warnings",
  COMM_FAIL: "warnings",
  EVAL_EXPIRED: "warnings",
  EVAL_WILL_EXPIRE: "warnings",
  ID_CERT_EXPIRED: "warnings",
  ID_CERT_RENEW_FAIL: "warnings",
  LEDGER_UNPROVED: "warnings",
  OUT_OF_COMPLIANCE: "warnings",
  POLICY_REFUSED: "warnings",
  REGISTER_FAIL: "warnings",
  REGISTER_LOST: "warnings",
  REKEY: "warnings",
  TAG_NOT_AUTHORIZED: "warnings",
  TRUST_FAIL: "warnings",
  TRUST_LOST: "warnings",
  UTILITY_RUM_FAIL: "warnings",
  // A person did it, or what was wrong is over.
  AUTHORIZATION_REMOVE: "notifications",
  CLOCK_CHANGE: "notifications",
  DEREGISTER_STATUS: "notifications",
  IN_COMPLIANCE: "notifications",
  MODEL_CHANGE: "notifications",
  REGISTER_SUCCESS: "notifications",
  COMM_RESTORED: "notifications",
  FACTORY_RESET: "notifications",
  HOSTNAME_CHANGE: "notifications",
  LEDGER_CHANGED: "notifications",
  POLICY_REMOVED: "notifications",
  POLL_DROPPED: "notifications",
  PRIVACY_CHANGED: "notifications",
  SOFTWARE_CHANGE: "notifications",
  TRUST_INSTALL: "notifications",
  UTILITY_RUM_MERGE: "notifications",
};

/** From the gravest to the mildest. */
export const eventSeverities: readonly EventSeverity[] = ["errors", "warnings", "notifications", "informational"];

/** Cryptography may be refused twice while a device starts, as in the field's log; it is no longer harmless then. */
function isLastingRefusal({ name, details = {} }: GradedEvent): boolean {
  return name.endsWith("INIT_CRYPTO") && details.success === "False" && Number(details.attempt) > 2;
}

export function severityOf(event: GradedEvent): EventSeverity {
  const { name } = event;
  if (isLastingRefusal(event)) return "warnings";
  return severityOfName[name.replace(/^SAEVT_/, "")] ?? "informational";
}

/** Whether an event is as grave as `severity`, or graver. */
export function isAtLeast(event: GradedEvent, severity: EventSeverity): boolean {
  return severityNames.indexOf(severityOf(event)) <= severityNames.indexOf(severity);
}
