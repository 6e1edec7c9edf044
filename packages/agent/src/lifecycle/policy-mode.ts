// The policy in force on the device: installing it, the deadline it sets, and saying so in time. Nothing is ever throttled
// or stopped here; an embedding product may decide otherwise in its callback (POL-2, POL-3).

import {
  type AckDeadline,
  ackDeadline,
  type DeadlineFacts,
  dayMs,
  defaultPolicy,
  type Policy,
  type PushInterval,
  pushInterval,
} from "@countersign/protocol";
import { classesInUse } from "./metering.ts";
import type { AgentState } from "./state.ts";
import { syslog } from "./syslog.ts";
import { notify, recordEvent, type Transition, unchanged } from "./transition.ts";

/** How long before the deadline the first reminder comes (device-side fact: X - 30 days). */
export const reminderBeforeMs = 30 * dayMs;

/** Installs a policy unless one of a higher version was installed before (I10); the same version again changes nothing. */
export function installPolicy(state: AgentState, policy: Policy | null, now: number): Transition {
  if (policy === null || policy.policy_version === state.policy.newestVersion) return unchanged(state);
  const { policy_version: policyVersion, name } = policy;
  if (policyVersion < state.policy.newestVersion) {
    const reason = `version ${policyVersion} is older than the installed version ${state.policy.newestVersion}`;
    return { state, effects: [syslog.policyRefused(reason), recordEvent("POLICY_REFUSED", { reason })] };
  }
  return {
    state: { ...state, policy: { inForce: policy, installedAtMs: now, newestVersion: policyVersion } },
    effects: [
      syslog.policyInstalled(),
      recordEvent("POLICY_INSTALL", { name, version: String(policyVersion) }),
      notify({ type: "policy-installed", policyVersion, name }),
    ],
  };
}

/** The default applies again. The next policy may have any version: the person asked for it. */
export function removePolicy(state: AgentState): Transition {
  const wasInstalled = state.policy.installedAtMs !== null;
  return {
    state: { ...state, policy: { inForce: defaultPolicy, installedAtMs: null, newestVersion: -1 } },
    effects: wasInstalled ? [syslog.policyRemoved(), recordEvent("POLICY_REMOVED")] : [],
  };
}

/** The policy that holds on this product: where the product demands an ACK, no policy takes that back (POL-3). */
export function policyThatHolds({ policy, configuration }: AgentState): Policy {
  const { inForce } = policy;
  const isDemandedElsewhere = inForce.ack_required.value && inForce.ack_required.source !== "default";
  if (configuration.acknowledgementIsMandatory !== true || isDemandedElsewhere) return inForce;
  return { ...inForce, ack_required: { value: true, source: "product" } };
}

function deadlineFacts(state: AgentState): DeadlineFacts {
  const { metering, reporting } = state;
  const inUse = classesInUse(state);
  // Before the first ACK whatever was used must be reported, also when it was released again since.
  const used = reporting.lastAckAtMs === null ? [...new Set([...inUse, ...metering.classesChanged])] : inUse;
  return {
    policy: policyThatHolds(state),
    classesInUse: used,
    firstUseAtMs: metering.firstUseAtMs,
    lastAckAtMs: reporting.lastAckAtMs,
    // Until then a change only adds to the classes used.
    changedAtMs: reporting.lastAckAtMs === null ? null : metering.changedAtMs,
    classesChanged: metering.classesChanged,
  };
}

/** When the next ACK must have arrived and by which rule; null when nothing demands one. */
export function acknowledgementDeadline(state: AgentState): AckDeadline | null {
  return ackDeadline(deadlineFacts(state));
}

/** The push interval that policy and configuration give, with its rule; a platform's own rhythm is not in it. */
export function effectivePushInterval(state: AgentState): PushInterval {
  const { policy, classesInUse: inUse } = deadlineFacts(state);
  const configuredDays = state.configuration.usageIntervalDays;
  return pushInterval({ policy, classesInUse: inUse, hasAck: state.reporting.lastAckAtMs !== null, configuredDays });
}

/** A product that starts asks for one licence after the other; the strictest of them decides what is said. */
const firstReminderAfterMs = 1_000;

/** Right after first use, 30 days before the deadline, at the deadline, and daily from then on. Null when no ACK is demanded. */
export function nextReminderAtMs(state: AgentState): number | null {
  const deadline = acknowledgementDeadline(state);
  if (deadline === null) return null;
  const { reportingRequiredLoggedAtMs, lastAckAtMs } = state.reporting;
  if (reportingRequiredLoggedAtMs === null && lastAckAtMs === null) {
    const { firstUseAtMs } = state.metering;
    return firstUseAtMs === null ? null : firstUseAtMs + firstReminderAfterMs;
  }
  const spokenAtMs = Math.max(reportingRequiredLoggedAtMs ?? 0, lastAckAtMs ?? 0);
  if (spokenAtMs < deadline.atMs - reminderBeforeMs) return deadline.atMs - reminderBeforeMs;
  if (spokenAtMs < deadline.atMs) return deadline.atMs;
  return spokenAtMs + dayMs;
}

/** Says that an acknowledgement is required or overdue, if it is time to. */
export function remindWhenDue(state: AgentState, now: number): Transition {
  const remindAtMs = nextReminderAtMs(state);
  const deadline = acknowledgementDeadline(state);
  if (remindAtMs === null || deadline === null || remindAtMs > now) return unchanged(state);
  const reminded = { ...state, reporting: { ...state.reporting, reportingRequiredLoggedAtMs: now } };
  const { atMs: deadlineAtMs } = deadline;
  const isMandatory = state.configuration.acknowledgementIsMandatory === true;
  if (now >= deadlineAtMs) {
    const days = Math.floor((now - deadlineAtMs) / dayMs);
    return {
      state: reminded,
      effects: [
        isMandatory ? syslog.mandatoryReportingOverdue(days) : syslog.reportingOverdue(days),
        recordEvent("ACK_OVERDUE", { days: String(days) }),
        notify({ type: "acknowledgement-overdue", sinceMs: deadlineAtMs, deadlineAtMs, isMandatory }),
      ],
    };
  }
  const days = wholeDaysLeft(deadlineAtMs, now);
  return {
    state: reminded,
    effects: [syslog.reportingRequired(days), notify({ type: "acknowledgement-due", deadlineAtMs, days, isMandatory })],
  };
}

/** Whole days that are left after the running one, as the field counts them: 364 at the first use of a year. */
export function wholeDaysLeft(deadlineAtMs: number, now: number): number {
  return Math.max(0, Math.ceil((deadlineAtMs - now) / dayMs) - 1);
}
