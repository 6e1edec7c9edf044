// The arithmetic of deadlines and push times. Pure dates; every date names the rule that made it (spec section 8).

import type { LicenseClass, Policy, PolicyDemand } from "./policy.ts";

export const dayMs = 86_400_000;
/** A report is pushed at least this often while anything demands reports (device-side fact: 30 days). */
export const pushIntervalDaysMax = 30;
export const firstPushDelayMs = 120_000;

export type Governing = { readonly days: number; readonly licenseClass: LicenseClass | null };

/** The smallest non-zero value among the classes in use; 0 and null when nothing demands anything. */
export function governingDays(policy: Policy, classesInUse: Iterable<LicenseClass>, demand: PolicyDemand): Governing {
  let governing: Governing = { days: 0, licenseClass: null };
  for (const licenseClass of classesInUse) {
    const days = policy.classes[licenseClass][demand].value;
    if (days > 0 && (governing.days === 0 || days < governing.days)) governing = { days, licenseClass };
  }
  return governing;
}

export type DeadlineRule = "first_report" | "reporting_frequency" | "report_on_change";
export type AckDeadline = {
  readonly atMs: number;
  readonly rule: DeadlineRule;
  readonly days: number;
  readonly licenseClass: LicenseClass;
};

export type DeadlineFacts = {
  readonly policy: Policy;
  readonly classesInUse: readonly LicenseClass[];
  /** First consumption of any licence; null if none was ever used. */
  readonly firstUseAtMs: number | null;
  readonly lastAckAtMs: number | null;
  /** Newest change 0→n or n→0 after the last ACK, with the classes it touched; null if none. */
  readonly changedAtMs: number | null;
  readonly classesChanged: readonly LicenseClass[];
};

/** When the next ACK must have arrived, or null when no rule demands one. */
export function ackDeadline(facts: DeadlineFacts): AckDeadline | null {
  if (!facts.policy.ack_required.value) return null;
  const candidates = [
    facts.lastAckAtMs === null
      ? candidate(facts, facts.firstUseAtMs, facts.classesInUse, "first_report_days", "first_report")
      : candidate(facts, facts.lastAckAtMs, facts.classesInUse, "reporting_frequency_days", "reporting_frequency"),
    candidate(facts, facts.changedAtMs, facts.classesChanged, "report_on_change_days", "report_on_change"),
  ];
  let earliest: AckDeadline | null = null;
  for (const deadline of candidates) {
    if (deadline !== null && (earliest === null || deadline.atMs < earliest.atMs)) earliest = deadline;
  }
  return earliest;
}

function candidate(
  facts: DeadlineFacts,
  startMs: number | null,
  classes: readonly LicenseClass[],
  demand: PolicyDemand,
  rule: DeadlineRule,
): AckDeadline | null {
  const { days, licenseClass } = governingDays(facts.policy, classes, demand);
  if (startMs === null || licenseClass === null) return null;
  return { atMs: startMs + days * dayMs, rule, days, licenseClass };
}

export type PushIntervalFacts = {
  readonly policy: Policy;
  readonly classesInUse: readonly LicenseClass[];
  readonly hasAck: boolean;
  /** `license smart usage interval`; null when not configured. */
  readonly configuredDays: number | null;
};

export type PushIntervalRule = "longest" | "policy" | "configured" | "nothing_demanded";
export type PushInterval = { readonly days: number; readonly rule: PushIntervalRule; readonly inPolicyDays: number };

/** min(30, governing value, configured); 0 when nothing governs after the first ACK (domain decision 4). */
export function pushInterval(facts: PushIntervalFacts): PushInterval {
  const demand = facts.hasAck ? "reporting_frequency_days" : "first_report_days";
  const inPolicyDays = governingDays(facts.policy, facts.classesInUse, demand).days;
  if (inPolicyDays === 0 && facts.hasAck) return { days: 0, rule: "nothing_demanded", inPolicyDays };
  let interval: PushInterval = { days: pushIntervalDaysMax, rule: "longest", inPolicyDays };
  if (inPolicyDays > 0 && inPolicyDays < interval.days) interval = { days: inPolicyDays, rule: "policy", inPolicyDays };
  if (facts.configuredDays !== null && facts.configuredDays < interval.days) {
    interval = { days: facts.configuredDays, rule: "configured", inPolicyDays };
  }
  return interval;
}
