// From an agent's state and a device's description to the view that show commands render. The only place that knows both.

import {
  type AgentState,
  agentVersion,
  type InstalledAuthorization,
  isAuthorized,
  isClassic,
  type MemberTrust,
  policyThatHolds,
  type Schedule,
  type Usage,
} from "@countersign/agent";
import { agentCapabilities, formatUdi } from "@countersign/protocol";
import { licensingProfile, profileUrl } from "../call-home-configuration.ts";
import type { DeviceDescription } from "../device-description.ts";
import type {
  AirEntitiesView,
  InstallationView,
  JobView,
  LicenseUsageView,
  LicenseView,
  SlotAuthorization,
  SlotView,
  TransportView,
} from "../license-view.ts";
import { licensingWay } from "../network/device-connection.ts";
import { levelOfFeatures } from "../platform/license-level.ts";
import type { PlatformProfile } from "../platform/platform-profile.ts";
import { enforcedLicensesOf, licenseOfTag } from "../platform/platform-table.ts";
import { classicJobs, classicView } from "./classic-view.ts";
import { legacyLicensesOf } from "./legacy-licenses.ts";

export type ViewSources = {
  readonly state: AgentState;
  readonly schedule: Schedule;
  readonly description: DeviceDescription;
  readonly profile: PlatformProfile;
  readonly clockIsAuthoritative: boolean;
  /** What has run since the agent's last step is counted up to here. */
  readonly now: number;
};

export function buildLicenseView(sources: ViewSources): LicenseView {
  const { state, schedule, description, profile } = sources;
  const { installation, trust, communication } = state;
  const classic = isClassic(state)
    ? classicView(state, profile, nameOfTag, legacyLicensesOf(profile, description), sources.now)
    : null;
  return {
    device: {
      hostname: installation.hostname,
      platform: profile.title,
      productTag: installation.productTag,
      softwareVersion: installation.softwareVersion,
      agentVersion,
      mappedLicenses: profile.licenses.length,
      enforcedLicenses: enforcedLicensesOf(profile),
      reloadRequired: installation.reloadRequired,
    },
    slots: slotViews(state, description, profile),
    authorization: authorizationView(state, schedule, profile),
    installation: installationView(description, profile),
    account: trust.account,
    privacy: state.configuration.privacy,
    transport: transportView(state, description),
    customId: state.configuration.customId,
    policy: { inForce: policyThatHolds(state), installedAtMs: state.policy.installedAtMs },
    reporting: reportingView(sources),
    trust: trustView(state),
    licenses: licenseViews(state, profile),
    reportCounts: state.reporting.counts,
    communication: {
      statistics: communication.statistics,
      failingSinceMs: communication.failingSinceMs,
      peer: communication.peer,
      agentCapabilities: agentCapabilities.filter((each) => each !== "POLICY_USAGE" || classic === null),
    },
    cryptographyRefusal: cryptographyView(state),
    jobs: classic === null ? jobViews(sources) : classicJobs(classic),
    airEntities: profile.hasAccessPoints ? airView(sources) : null,
    clockIsAuthoritative: sources.clockIsAuthoritative,
    classic,
  };
}

/** Slots come from the platform, trust by UDI from the agent: two supervisors of a chassis share one trust. */
function slotViews(state: AgentState, description: DeviceDescription, profile: PlatformProfile): readonly SlotView[] {
  return description.slots.map(({ role, udi }) => {
    const name = formatUdi(udi);
    const member = state.installation.members.find((one) => formatUdi(one.udi) === name);
    const trust: MemberTrust = state.trust.members[name] ?? { status: "none" };
    const isSought = state.trust.attempt !== null && name in state.trust.attempt.keys;
    // A classic ID certificate is no trust code.
    const installed = trust.status === "installed" && trust.isClassic === undefined ? trust : null;
    return {
      role,
      udi,
      trustId: member?.trustId ?? 0,
      trust: installed !== null ? "installed" : trust.status === "requested" || isSought ? "trust_point" : "none",
      trustInstalledAtMs: installed?.installedAtMs ?? null,
      trustExpiresAtMs: installed?.expiresAtMs ?? null,
      authorization: slotAuthorization(state.authorization.installed[name], profile),
      lastReturnCode: state.authorization.returned[name]?.returnCode ?? null,
    };
  });
}

function slotAuthorization(
  installed: InstalledAuthorization | undefined,
  profile: PlatformProfile,
): SlotAuthorization | null {
  if (installed === undefined) return null;
  const { installedAtMs, confirmationCode, confirmation, licenses } = installed;
  return {
    ...{ installedAtMs, confirmationCode, isConfirmed: confirmation === "heard" },
    licenses: licenses.map(({ tag, licenseClass, count }) => {
      const known = licenseOfTag(profile, tag);
      const name = known?.name ?? nameOfTag(tag);
      return { name, description: known?.description ?? name, tag, licenseClass, count };
    }),
  };
}

function authorizationView(
  { authorization }: AgentState,
  { nextAuthorizationAttempt: next }: Schedule,
  profile: PlatformProfile,
): LicenseView["authorization"] {
  const { attempt, lastRefusal } = authorization;
  return {
    attempt: attempt && {
      licenses: attempt.licenses.map(({ tag }) => licenseOfTag(profile, tag)?.name ?? nameOfTag(tag)),
      udis: attempt.udis,
      attempts: attempt.attempts,
      nextAttemptAtMs: next?.atMs ?? null,
      nextAttemptReason: next?.reason ?? "",
      lastFailure: attempt.lastFailure,
    },
    refusal: lastRefusal,
  };
}

function installationView(description: DeviceDescription, profile: PlatformProfile): InstallationView {
  const { slots, failedSlots, switchovers, features, licenseLevel, startupConfiguration } = description;
  const command = profile.licenseLevels?.command ?? null;
  const current = levelOfFeatures(profile, features);
  const next = startupConfiguration?.licenseLevel ?? licenseLevel ?? current;
  return {
    redundancy: profile.redundancy,
    slots: [
      ...slots.map((slot) => ({ ...slot, isUp: true })),
      ...failedSlots.map((slot) => ({ ...slot, role: "Member" as const, isUp: false })),
    ].sort((one, other) => one.number - other.number),
    switchovers,
    licenseLevel: command === null ? null : { command, current, next },
  };
}

function transportView({ configuration }: AgentState, description: DeviceDescription): TransportView {
  const { proxy } = configuration;
  const profile = licensingProfile(description.callHome);
  const entered = description.proxy.address !== null || description.proxy.port !== null;
  return {
    type: configuration.transport,
    smartUrl: configuration.urls.smart,
    csluUrl: configuration.urls.cslu,
    defaultSmartUrl: description.defaultSmartUrl,
    proxy:
      proxy === null && !entered
        ? null
        : {
            address: proxy?.address ?? description.proxy.address,
            port: proxy?.port ?? description.proxy.port,
            username: proxy?.username ?? description.proxy.username,
            hasPassword: (proxy?.password ?? description.proxy.password) !== null,
          },
    ...licensingWay(description, configuration.vrf, configuration.transport),
    callHome: profile && { profile: profile.name, url: profileUrl(profile) },
  };
}

function reportingView({ state, schedule }: ViewSources): LicenseView["reporting"] {
  return {
    lastAckAtMs: schedule.lastAcknowledgementAtMs,
    deadline: schedule.acknowledgementDeadline,
    pushInterval: schedule.pushInterval,
    platformEverySeconds: state.configuration.platformReportEverySeconds,
    configuredDays: state.configuration.usageIntervalDays,
    nextPollAtMs: schedule.nextPollAtMs,
    nextPushAtMs: schedule.nextPushAtMs,
    nextPushRule: schedule.nextPushReason,
    lastPushAtMs: schedule.lastPushAtMs,
    lastFileWriteAtMs: state.reporting.lastFileWriteAtMs,
  };
}

function cryptographyView({ installation }: AgentState): LicenseView["cryptographyRefusal"] {
  const { cryptography = null } = installation;
  return cryptography;
}

function trustView({ trust }: AgentState): LicenseView["trust"] {
  const { attempt, lastRefusal } = trust;
  return {
    attempt: attempt && {
      attempts: attempt.attempts,
      startedAtMs: attempt.startedAtMs,
      nextAttemptAtMs: attempt.nextAttemptAtMs,
      lastFailure: attempt.lastFailure,
    },
    refusal: lastRefusal,
    exportControlAllowed: trust.exportControlAllowed,
  };
}

/** In the order of the platform's table; tags that the platform does not know come last, under their own name. */
function licenseViews(state: AgentState, profile: PlatformProfile): readonly LicenseUsageView[] {
  const order = profile.licenses.map((license) => license.tag);
  const place = (tag: string): number => (order.includes(tag) ? order.indexOf(tag) : order.length);
  const usages = Object.values(state.metering.usages).sort((one, other) => place(one.tag) - place(other.tag));
  return usages.map((usage, index) => licenseView(usage, index + 1, state, profile));
}

function licenseView(usage: Usage, handle: number, state: AgentState, profile: PlatformProfile): LicenseUsageView {
  const license = licenseOfTag(profile, usage.tag);
  const name = license?.name ?? nameOfTag(usage.tag);
  return {
    handle,
    name,
    description: license?.description ?? name,
    heading: license?.heading ?? license?.description ?? name,
    tag: usage.tag,
    licenseClass: usage.licenseClass,
    isAuthorized: isAuthorized(state, usage),
    count: usage.count,
    statusAtMs: usage.openReport?.startedAtMs ?? usage.requestedAtMs ?? state.installation.initializedAtMs,
    requestedAtMs: usage.requestedAtMs,
    currentReportId: usage.openReport?.reportId ?? null,
    previousReportId: usage.openReport === null ? usage.lastReportId : usage.openReport.previousReportId,
  };
}

/** `regid.2031-01.org.example.EDGE_BASE,1.0_…` is called EDGE_BASE. */
export function nameOfTag(tag: string): string {
  return /([^.,]+),[^,]*$/.exec(tag)?.[1] ?? tag;
}

/** In the field's order. */
const jobNames = [
  "Daily",
  "Authorization Renewal",
  "Init Flag Check",
  "Register Period Expiration Check",
  "Ack Expiration Check",
  "Reservation configuration mismatch between nodes in HA mode",
  "Retrieve data processing result",
  "Start Utility Measurements",
  "Send Utility RUM reports",
  "Save unreported RUM Reports",
  "Process Utility RUM reports",
  "Telemetry Reporting",
  "Authorization Code Process",
  "Data Synchronization",
  "External Event",
  "Operational Model",
  "Hello Message",
] as const;

/** The agent's jobs between those of the field that never run here. A trust that is sought is named apart from its kind. */
function jobViews({ state, schedule }: ViewSources): readonly JobView[] {
  const times = new Map<string, JobView["next"]>(schedule.jobs.map(({ name, atMs }) => [name, atMs ?? "never"]));
  times.set("Daily", state.reporting.nextProcessAtMs ?? "never");
  // Every change is stored before it is answered: nothing waits to be saved.
  times.set("Save unreported RUM Reports", "unavailable");
  const attempt = schedule.nextTrustAttemptAtMs;
  return [
    ...jobNames.map((name): JobView => ({ name, next: times.get(name) ?? "never" })),
    ...(attempt === null ? [] : [{ name: "Next trust attempt", next: attempt }]),
  ];
}

function airView({ state, description, schedule }: ViewSources): AirEntitiesView {
  const { airReport } = description;
  const added = airReport?.addedSerials ?? [];
  const isAdded = new Set(added);
  return {
    added,
    deleted: airReport?.deletedSerials ?? [],
    unchanged: (airReport?.serials ?? []).filter((serial) => !isAdded.has(serial)),
    isAckMandatory: state.configuration.acknowledgementIsMandatory === true,
    lastReportAtMs: airReport?.atMs ?? null,
    nextReportAtMs: schedule.nextPushAtMs,
    activeAtLastReport: airReport?.active ?? 0,
    addedWithLastReport: airReport?.added ?? 0,
    deletedWithLastReport: airReport?.deleted ?? 0,
  };
}
