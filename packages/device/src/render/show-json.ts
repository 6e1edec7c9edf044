// The same answers as JSON, for programs. The shape is stable: members may be added, none is renamed or removed. Instants
// are ISO 8601 in UTC, null where nothing is; every number carries its unit in its name.

import { formatUdi, licenseClasses } from "@countersign/protocol";
import {
  type EventLineView,
  type HistoryView,
  type KindStatistics,
  type LicenseUsageView,
  type LicenseView,
  messageKinds,
  type ReportDetailView,
  type ReportRowView,
} from "../license-view.ts";
import { severityOf } from "./event-severity.ts";
import { explainMessage } from "./explain-message.ts";
import { reportTotals } from "./report-summary.ts";
import { exportStatus, statusWord } from "./show-license-usage.ts";
import { enforcementWords, isoOrNull, licenseTypeWords } from "./show-text.ts";
import { failureReason } from "./tech-support-communication.ts";

export function statusJson(view: LicenseView) {
  return {
    hostname: view.device.hostname,
    account: accountJson(view),
    privacy: { hostname: view.privacy.hostname, version: view.privacy.version },
    transport: transportJson(view),
    customId: view.customId,
    policy: policyJson(view),
    usageReporting: usageReportingJson(view),
    trust: trustJson(view),
    reloadRequired: view.device.reloadRequired,
  };
}

function accountJson({ account }: LicenseView) {
  if (account === null) return null;
  return {
    smartAccount: account.smartAccount,
    virtualAccount: account.virtualAccount,
    asOf: isoOrNull(account.asOfMs),
  };
}

function urlInForce({ type, csluUrl, callHome, smartUrl, defaultSmartUrl }: LicenseView["transport"]): string | null {
  if (type === "cslu") return csluUrl;
  return type === "callhome" ? (callHome?.url ?? null) : (smartUrl ?? defaultSmartUrl);
}

function transportJson({ transport }: LicenseView) {
  return {
    type: transport.type,
    url: urlInForce(transport),
    proxy: transport.proxy && {
      address: transport.proxy.address,
      port: transport.proxy.port,
      username: transport.proxy.username,
      hasPassword: transport.proxy.hasPassword,
    },
    vrf: transport.vrf,
    sourceInterface: transport.sourceInterface,
  };
}

function policyJson({ policy }: LicenseView) {
  const { inForce, installedAtMs } = policy;
  const classes = licenseClasses.map((name) => [
    name,
    {
      firstReportDays: inForce.classes[name].first_report_days,
      reportingFrequencyDays: inForce.classes[name].reporting_frequency_days,
      reportOnChangeDays: inForce.classes[name].report_on_change_days,
    },
  ]);
  return {
    name: inForce.name,
    version: inForce.policy_version,
    installedAt: isoOrNull(installedAtMs),
    ackRequired: inForce.ack_required,
    classes: Object.fromEntries(classes),
  };
}

function usageReportingJson({ reporting }: LicenseView) {
  const { deadline } = reporting;
  return {
    lastAckAt: isoOrNull(reporting.lastAckAtMs),
    ackDeadline: deadline && {
      at: isoOrNull(deadline.atMs),
      rule: deadline.rule,
      days: deadline.days,
      licenseClass: deadline.licenseClass,
    },
    pushInterval: {
      days: reporting.pushInterval.days,
      rule: reporting.platformEverySeconds === null ? reporting.pushInterval.rule : "platform",
      inPolicyDays: reporting.pushInterval.inPolicyDays,
      platformEverySeconds: reporting.platformEverySeconds,
      configuredDays: reporting.configuredDays,
    },
    nextAckCheckAt: isoOrNull(reporting.nextPollAtMs),
    nextPushAt: isoOrNull(reporting.nextPushAtMs),
    nextPushRule: reporting.nextPushRule,
    lastPushAt: isoOrNull(reporting.lastPushAtMs),
    lastFileWriteAt: isoOrNull(reporting.lastFileWriteAtMs),
  };
}

function trustJson({ slots, trust }: LicenseView) {
  const { attempt, refusal } = trust;
  return {
    isInstalled: slots.some((slot) => slot.trust === "installed"),
    devices: slots.map((slot) => ({
      role: slot.role,
      udi: formatUdi(slot.udi),
      trustId: slot.trustId,
      state: slot.trust,
      installedAt: isoOrNull(slot.trustInstalledAtMs),
      expiresAt: isoOrNull(slot.trustExpiresAtMs),
    })),
    attempt: attempt && {
      attempts: attempt.attempts,
      startedAt: isoOrNull(attempt.startedAtMs),
      nextAttemptAt: isoOrNull(attempt.nextAttemptAtMs),
      lastFailure: attempt.lastFailure && {
        ...attempt.lastFailure,
        atMs: undefined,
        at: isoOrNull(attempt.lastFailure.atMs),
      },
    },
    refusal: refusal && {
      at: isoOrNull(refusal.atMs),
      code: refusal.code,
      message: refusal.message,
      udis: refusal.udis,
    },
    exportControlAllowed: trust.exportControlAllowed,
  };
}

export function usageJson(view: LicenseView) {
  return { licenses: view.licenses.filter((one) => one.count > 0).map(licenseJson) };
}

function licenseJson(license: LicenseUsageView) {
  return {
    name: license.name,
    description: license.description,
    tag: license.tag,
    count: license.count,
    status: statusWord(license),
    requestedAt: isoOrNull(license.requestedAtMs),
    exportStatus: exportStatus(license),
    enforcementType: enforcementWords[license.licenseClass],
    licenseType: licenseTypeWords[license.licenseClass],
  };
}

export function summaryJson(view: LicenseView) {
  return { account: accountJson(view), ...usageJson(view) };
}

export function udiJson(view: LicenseView) {
  const devices = view.slots.map((slot) => ({
    role: slot.role,
    pid: slot.udi.pid,
    serialNumber: slot.udi.serialNumber,
  }));
  return { udi: view.slots[0] === undefined ? null : formatUdi(view.slots[0].udi), devices };
}

export function authorizationJson(view: LicenseView) {
  const { attempt, refusal } = view.authorization;
  const devices = view.slots.map(({ role, udi, authorization, lastReturnCode }) => ({
    role,
    udi: formatUdi(udi),
    status: authorization === null ? "NOT INSTALLED" : "SMART AUTHORIZATION INSTALLED",
    installedAt: isoOrNull(authorization?.installedAtMs ?? null),
    lastConfirmationCode: authorization?.confirmationCode ?? null,
    isConfirmed: authorization?.isConfirmed ?? false,
    lastReturnCode,
    authorizations: (authorization?.licenses ?? []).map(({ name, description, tag, licenseClass, count }) => ({
      ...{ name, description, tag, count },
      enforcementType: enforcementWords[licenseClass],
    })),
  }));
  return {
    devices,
    request: attempt && {
      ...{ licenses: attempt.licenses, udis: attempt.udis, attempts: attempt.attempts },
      nextAttemptAt: isoOrNull(attempt.nextAttemptAtMs),
      nextAttemptReason: attempt.nextAttemptReason,
      failureReason: attempt.lastFailure?.message ?? null,
    },
    refusal: refusal && {
      ...{ code: refusal.code, message: refusal.message, udis: refusal.udis },
      at: isoOrNull(refusal.atMs),
    },
    purchased: [],
  };
}

export function allJson(view: LicenseView) {
  return {
    ...statusJson(view),
    ...usageJson(view),
    ...udiJson(view),
    agentVersion: view.device.agentVersion,
    authorization: authorizationJson(view),
    reports: reportTotals(view.reportCounts),
    airEntities: airEntitiesJson(view),
  };
}

export function airEntitiesJson({ airEntities }: LicenseView) {
  if (airEntities === null) return null;
  const { lastReportAtMs, nextReportAtMs, added, deleted, unchanged, ...counts } = airEntities;
  return { lastReportAt: isoOrNull(lastReportAtMs), nextReportAt: isoOrNull(nextReportAtMs), ...counts };
}

export function statisticsJson(statistics: KindStatistics) {
  const { lastResponse, lastFailure, lastSuccessAtMs, ...counts } = statistics;
  return {
    ...counts,
    lastResponse: lastResponse && { text: lastResponse.text, at: isoOrNull(lastResponse.atMs) },
    failureReason: failureReason(statistics),
    lastSuccessAt: isoOrNull(lastSuccessAtMs),
    lastFailureAt: isoOrNull(lastFailure?.atMs ?? null),
  };
}

export function techSupportJson(view: LicenseView) {
  const kinds = messageKinds.map((kind) => [kind, statisticsJson(view.communication.statistics[kind])]);
  return {
    ...allJson(view),
    platform: view.device.platform,
    softwareVersion: view.device.softwareVersion,
    productTag: view.device.productTag,
    cryptographyRefusal: view.cryptographyRefusal && {
      attempts: view.cryptographyRefusal.attempts,
      reason: view.cryptographyRefusal.reason,
      nextAttempt: isoOrNull(view.cryptographyRefusal.nextAttemptAtMs),
    },
    jobs: view.jobs.map((job) => ({
      name: job.name,
      next: typeof job.next === "number" ? isoOrNull(job.next) : job.next,
    })),
    communication: Object.fromEntries(kinds),
    failingSince: isoOrNull(view.communication.failingSinceMs),
    peer: view.communication.peer,
    agentCapabilities: view.communication.agentCapabilities,
    knownLicenses: view.licenses.map((one) => licenseJson(one)),
    clockIsAuthoritative: view.clockIsAuthoritative,
  };
}

export function historyJson(history: HistoryView) {
  const messages = history.messages.map(({ kind, sentAtMs, body, outcome }) => ({
    kind,
    sentAt: isoOrNull(sentAtMs),
    request: body,
    outcome: outcome.type,
    explanation: explainMessage({ kind, sentAtMs, body, outcome }),
    answeredAt: outcome.type === "answered" ? isoOrNull(outcome.atMs) : null,
    status: outcome.type === "answered" ? outcome.status : null,
    response: outcome.type === "answered" ? outcome.body : null,
    reason: outcome.type === "no_answer" ? outcome.reason : null,
  }));
  const imports = history.imports.map((one) => ({
    kind: one.kind,
    receivedAt: isoOrNull(one.receivedAtMs),
    content: one.content,
  }));
  return { messages, imports };
}

export function eventLogJson(events: readonly EventLineView[]) {
  return {
    events: events.map((event) => ({
      at: isoOrNull(event.atMs),
      name: event.name,
      severity: severityOf(event),
      details: event.details,
    })),
  };
}

export function rumListJson(rows: readonly ReportRowView[]) {
  return { reports: rows };
}

export function rumDetailJson(report: ReportDetailView) {
  const { startedAtMs, endedAtMs, udi, ...rest } = report;
  return { ...rest, udi: formatUdi(udi), startedAt: isoOrNull(startedAtMs), endedAt: isoOrNull(endedAtMs) };
}
