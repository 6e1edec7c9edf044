// The container `state` of the module, from what the show commands print. Absent is what is not there; instants are in UTC.

import { formatUdi, licenseClasses } from "@countersign/protocol";
import type { CaptureView } from "../capture/capture-view.ts";
import { type ClassicView, type LicenseView, messageKinds, type ReportRowView } from "../license-view.ts";
import type { InterfaceView } from "../network-view.ts";
import type { DataNode, DataTree } from "./configuration-tree.ts";

export type DeviceState = {
  readonly view: LicenseView;
  readonly reports: readonly ReportRowView[];
  readonly interfaces: readonly InterfaceView[];
  readonly captures: readonly CaptureView[];
};

export function stateTree({ view, reports, interfaces, captures }: DeviceState): DataTree {
  const { device, account, reportCounts: counts } = view;
  return present({
    "registration-model": view.classic === null ? "policy" : "classic",
    classic: view.classic && classicTree(view.classic),
    platform: device.platform,
    "product-tag": device.productTag,
    "software-version": device.softwareVersion,
    "reload-required": device.reloadRequired,
    account: account && { "smart-account": account.smartAccount, "virtual-account": account.virtualAccount },
    trust: trustTree(view),
    policy: policyTree(view),
    authorization: authorizationTree(view),
    usage: usageList(view),
    report: reports.map(({ reportId, state, featureName }) => ({ id: String(reportId), state, feature: featureName })),
    "report-counts": {
      open: counts.open,
      closed: counts.closed,
      pending: counts.pending,
      unacknowledged: counts.unacknowledged,
      refused: counts.refused,
      "acknowledged-total": String(counts.acknowledgedTotal),
      "purged-total": String(counts.purgedTotal),
    },
    acknowledgement: acknowledgementTree(view),
    schedule: scheduleTree(view),
    communication: communicationTree(view),
    interface: interfaces.map(({ name, address, isUp }) => present({ name, address, up: isUp })),
    capture: captures.map(captureTree),
  });
}

const registrationWords: Readonly<Record<ClassicView["registration"]["status"], string>> = {
  REGISTERED: "registered",
  "REGISTERING - REGISTRATION IN PROGRESS": "registering",
  "UNREGISTERED - REGISTRATION FAILED": "failed",
  UNREGISTERED: "unregistered",
};

function classicTree({ registration, authorization }: ClassicView): DataTree {
  const { evaluationRemainingMs, shortages } = authorization;
  return present({
    registration: registrationWords[registration.status],
    "registration-reason": registration.initial?.reason ?? null,
    "registration-expires": instant(registration.expiresAtMs),
    "next-renewal": instant(registration.nextRenewalAtMs),
    authorization: authorization.status,
    "evaluation-remaining": evaluationRemainingMs === null ? null : Math.floor(evaluationRemainingMs / 1000),
    "next-communication": instant(authorization.nextAtMs),
    "communication-deadline": instant(authorization.deadlineAtMs),
    shortage: shortages.map(({ tag, shortfall }) => ({ tag, count: shortfall })),
  });
}

function captureTree({ settings, isActive, endedBy, frames, bufferedBytes }: CaptureView): DataTree {
  const usedPercent = Math.min(100, Math.floor((bufferedBytes * 100) / (settings.bufferMegabytes * 1_048_576)));
  return present({
    name: settings.name,
    interface: settings.interfaceName,
    direction: settings.direction,
    "buffer-megabytes": settings.bufferMegabytes,
    "buffer-used-percent": usedPercent,
    "duration-seconds": settings.durationSeconds,
    "packets-max": settings.packets,
    packets: frames.length,
    active: isActive,
    "ended-by": endedBy,
  });
}

/** Without what is null. */
function present(members: Readonly<Record<string, DataNode | null>>): DataTree {
  return Object.fromEntries(Object.entries(members).filter((entry): entry is [string, DataNode] => entry[1] !== null));
}

/** RFC 6991 `date-and-time`. */
function instant(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}

function trustTree({ slots, trust: { attempt, refusal } }: LicenseView): DataTree {
  return present({
    device: slots.map((slot, index) =>
      present({
        slot: index + 1,
        udi: formatUdi(slot.udi),
        role: slot.role,
        state: slot.trust === "trust_point" ? "requested" : slot.trust,
        "installed-at": instant(slot.trustInstalledAtMs),
        "expires-at": instant(slot.trustExpiresAtMs),
      }),
    ),
    attempts: attempt?.attempts ?? null,
    "next-attempt-at": instant(attempt?.nextAttemptAtMs ?? null),
    "refusal-code": refusal?.code ?? null,
    "refusal-message": refusal?.message ?? null,
  });
}

function policyTree({ policy: { inForce, installedAtMs } }: LicenseView): DataTree {
  return present({
    name: inForce.name,
    version: String(inForce.policy_version),
    "installed-at": instant(installedAtMs),
    "acknowledgement-required": inForce.ack_required.value,
    "acknowledgement-source": inForce.ack_required.source,
    class: licenseClasses.map((name) => {
      const {
        first_report_days: first,
        reporting_frequency_days: frequency,
        report_on_change_days: change,
      } = inForce.classes[name];
      const days = ({ value, source }: typeof first) => ({ days: value, source });
      return {
        name,
        "first-report": days(first),
        "reporting-frequency": days(frequency),
        "report-on-change": days(change),
      };
    }),
  });
}

function authorizationTree({ slots, authorization: { attempt, refusal } }: LicenseView): DataTree {
  return present({
    device: slots.map(({ udi, authorization, lastReturnCode }, index) =>
      present({
        slot: index + 1,
        udi: formatUdi(udi),
        "installed-at": instant(authorization?.installedAtMs ?? null),
        "confirmation-code": authorization?.confirmationCode ?? null,
        confirmed: authorization?.isConfirmed ?? null,
        "last-return-code": lastReturnCode,
        license: (authorization?.licenses ?? []).map(({ tag, name, licenseClass, count }) => ({
          ...{ tag, name, class: licenseClass, count },
        })),
      }),
    ),
    request:
      attempt &&
      present({
        feature: attempt.licenses,
        udi: attempt.udis,
        attempts: attempt.attempts,
        "next-attempt-at": instant(attempt.nextAttemptAtMs),
        "next-attempt-reason": attempt.nextAttemptReason,
        "failure-reason": attempt.lastFailure?.message ?? null,
      }),
    "refused-at": instant(refusal?.atMs ?? null),
    "refusal-code": refusal?.code ?? null,
    "refusal-message": refusal?.message ?? null,
    "refused-udi": refusal?.udis ?? [],
  });
}

function usageList({ licenses }: LicenseView): readonly DataTree[] {
  return licenses.map(({ tag, name, description, licenseClass, count, isAuthorized, currentReportId }) =>
    present({
      tag,
      name,
      description,
      class: licenseClass,
      count,
      authorized: isAuthorized,
      "open-report": currentReportId === null ? null : String(currentReportId),
    }),
  );
}

function acknowledgementTree({ reporting: { lastAckAtMs, deadline } }: LicenseView): DataTree {
  return present({
    "last-at": instant(lastAckAtMs),
    "deadline-at": instant(deadline?.atMs ?? null),
    "deadline-rule": deadline?.rule ?? null,
    "deadline-class": deadline?.licenseClass ?? null,
  });
}

function scheduleTree({ reporting, jobs }: LicenseView): DataTree {
  return present({
    "push-interval": reporting.pushInterval.days,
    "push-interval-rule": reporting.platformEverySeconds === null ? reporting.pushInterval.rule : "platform",
    "last-push-at": instant(reporting.lastPushAtMs),
    "next-push-at": instant(reporting.nextPushAtMs),
    "next-push-rule": reporting.nextPushRule,
    "next-poll-at": instant(reporting.nextPollAtMs),
    "last-file-write-at": instant(reporting.lastFileWriteAtMs),
    job: jobs.map(({ name, next }) => present({ name, "next-at": typeof next === "number" ? instant(next) : null })),
  });
}

function communicationTree({ communication: { failingSinceMs, statistics } }: LicenseView): DataTree {
  return present({
    "failing-since": instant(failingSinceMs),
    message: messageKinds.map((kind) => {
      const { total, succeeded, failed, ongoingFailures, lastSuccessAtMs, lastFailure } = statistics[kind];
      return present({
        kind,
        attempts: String(total),
        succeeded: String(succeeded),
        failed: String(failed),
        "ongoing-failures": String(ongoingFailures),
        "last-success-at": instant(lastSuccessAtMs),
        "last-failure-at": instant(lastFailure?.atMs ?? null),
        "last-failure-reason": lastFailure?.message ?? null,
      });
    }),
  });
}
