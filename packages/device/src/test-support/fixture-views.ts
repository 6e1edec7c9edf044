// Views of invented devices in the situations that show commands must tell apart. All dates are fixed.

import { ackDeadline, defaultPolicy, type LicenseClass, mergePolicy, pushInterval } from "@countersign/protocol";
import { defaultCallHome, defaultProfileName, defaultProfileUrl } from "../call-home-configuration.ts";
import { defaultClock } from "../clock-configuration.ts";
import type { RunningConfiguration } from "../device-configuration.ts";
import { defaultHttpServer } from "../http-configuration.ts";
import {
  type ClassicView,
  type CommunicationView,
  type HistoryView,
  type KindStatistics,
  type LicenseUsageView,
  type LicenseView,
  messageKinds,
  type ReportCounts,
  type ReportDetailView,
  type ReportRowView,
  type SlotView,
} from "../license-view.ts";
import { defaultLogging } from "../logging-configuration.ts";
import { networkOf } from "../network-settings.ts";
import type { NetworkProbe, NetworkView } from "../network-view.ts";
import { countUsage } from "../platform/count-usage.ts";
import { levelOfFeatures } from "../platform/license-level.ts";
import type { PlatformProfile } from "../platform/platform-profile.ts";
import { enforcedLicensesOf } from "../platform/platform-table.ts";
import { c8000v } from "../platform/profiles/c8000v.ts";
import { c9300Stack } from "../platform/profiles/c9300-stack.ts";
import { c9407r } from "../platform/profiles/c9407r.ts";
import { c9800Cl } from "../platform/profiles/c9800.ts";
import { csr1000v } from "../platform/profiles/classic-routers.ts";
import { c3850 } from "../platform/profiles/classic-switches.ts";
import { licensesOf } from "../platform/software-version.ts";
import { utc } from "../render/show-text.ts";
import { defaultSnmp } from "../snmp-configuration.ts";

const at = (text: string): number => Date.parse(text);
export const bootedAtMs = at("2031-01-24T23:02:12.000Z");
export const trustedAtMs = at("2031-01-24T23:19:05.417Z");
export const acknowledgedAtMs = at("2031-01-24T23:25:56.000Z");
export const nowMs = at("2031-01-24T23:36:17.000Z");
export const options = { nowMs, zone: utc };

const silent: KindStatistics = {
  total: 0,
  succeeded: 0,
  failed: 0,
  ongoingFailures: 0,
  ongoingCommunicationFailures: 0,
  lastResponse: null,
  lastFailure: null,
  lastSuccessAtMs: null,
};

export function answered(total: number, text: string, atMs: number): KindStatistics {
  return { ...silent, total, succeeded: total, lastResponse: { text, atMs }, lastSuccessAtMs: atMs };
}

export function unanswered(total: number, atMs: number): KindStatistics {
  const lastFailure = { stage: "tcp" as const, code: "connection_timed_out", message: "Connection timed out", atMs };
  const lastResponse = { text: "NO REPLY", atMs };
  return {
    ...silent,
    total,
    failed: total,
    ongoingFailures: total,
    ongoingCommunicationFailures: total,
    lastResponse,
    lastFailure,
  };
}

const silence = Object.fromEntries(messageKinds.map((kind) => [kind, silent])) as CommunicationView["statistics"];
const noReports: ReportCounts = {
  open: 0,
  closed: 0,
  pending: 0,
  unacknowledged: 0,
  refused: 0,
  acknowledgedTotal: 0,
  purgedTotal: 0,
  mergedTotal: 0,
};

function usageOf(profile: PlatformProfile, accessPoints: readonly string[]): readonly LicenseUsageView[] {
  const features = new Set(profile.defaultFeatures);
  const { defaultSlots: slots, softwareVersion } = profile;
  const counts = countUsage(profile, { slots, features, accessPoints: new Set(accessPoints), softwareVersion });
  const used = licensesOf(profile, softwareVersion).filter((license) => features.has(license.feature));
  return used.map((license, index) => ({
    handle: index + 1,
    name: license.name,
    description: license.description,
    heading: license.heading ?? license.description,
    tag: license.tag,
    licenseClass: license.licenseClass,
    isAuthorized: license.licenseClass !== "export",
    count: counts.get(license.tag) ?? 0,
    statusAtMs: bootedAtMs,
    requestedAtMs: (counts.get(license.tag) ?? 0) > 0 ? bootedAtMs + 11_000 : null,
    currentReportId: 1_927_065_740 + index,
    previousReportId: 1_927_065_736 + index,
  }));
}

/** A device that has just started: no trust, no policy but the default, nothing sent. */
export function freshView(profile: PlatformProfile, accessPoints: readonly string[] = []): LicenseView {
  const licenses = usageOf(profile, accessPoints);
  const level = levelOfFeatures(profile, profile.defaultFeatures);
  const classesInUse = [...new Set(licenses.filter((one) => one.count > 0).map((one) => one.licenseClass))];
  const facts = {
    policy: defaultPolicy,
    classesInUse,
    lastAckAtMs: null,
    changedAtMs: null,
    classesChanged: [] as LicenseClass[],
  };
  return {
    device: {
      hostname: profile.hostname,
      platform: profile.title,
      productTag: profile.productTag,
      softwareVersion: profile.softwareVersion,
      agentVersion: "5.5.41_rel/1",
      mappedLicenses: profile.licenses.length,
      enforcedLicenses: enforcedLicensesOf(profile),
      reloadRequired: false,
    },
    slots: profile.defaultSlots.map((slot, index) => untrusted(slot, 605 + index)),
    installation: {
      redundancy: profile.redundancy,
      slots: profile.defaultSlots.map((slot) => ({ ...slot, isUp: true })),
      switchovers: { count: 0, lastReason: null, lastAtMs: null },
      licenseLevel: profile.licenseLevels && { command: profile.licenseLevels.command, current: level, next: level },
    },
    account: null,
    privacy: { hostname: false, version: false },
    transport: {
      type: "smart",
      smartUrl: null,
      csluUrl: null,
      defaultSmartUrl: "https://smartreceiver.cisco.com/licservice/license",
      proxy: null,
      vrf: null,
      checksServerIdentity: true,
      callHome: { profile: defaultProfileName, url: defaultProfileUrl },
      sourceInterface: null,
    },
    customId: null,
    policy: { inForce: defaultPolicy, installedAtMs: null },
    reporting: {
      lastAckAtMs: null,
      deadline: ackDeadline({ ...facts, firstUseAtMs: bootedAtMs + 11_000 }),
      pushInterval: pushInterval({ policy: defaultPolicy, classesInUse, hasAck: false, configuredDays: null }),
      platformEverySeconds: profile.reportEverySeconds,
      configuredDays: null,
      nextPollAtMs: null,
      nextPushAtMs: bootedAtMs + 120_000,
      nextPushRule: "first push, two minutes after initialisation",
      lastPushAtMs: null,
      lastFileWriteAtMs: null,
    },
    trust: { attempt: null, refusal: null, exportControlAllowed: false },
    authorization: { attempt: null, refusal: null },
    licenses,
    reportCounts: { ...noReports, open: licenses.length },
    communication: {
      statistics: silence,
      failingSinceMs: null,
      peer: null,
      agentCapabilities: ["UTILITY", "DLC", "AppHA", "MULTITIER", "EXPORT_2", "OK_TRY_AGAIN", "POLICY_USAGE"],
    },
    cryptographyRefusal: null,
    jobs: [
      { name: "Daily", next: bootedAtMs + 86_400_000 },
      { name: "Start Utility Measurements", next: nowMs + 278_000 },
      { name: "Send Utility RUM reports", next: bootedAtMs + 120_000 },
      { name: "Save unreported RUM Reports", next: "unavailable" },
      { name: "Process Utility RUM reports", next: "never" },
    ],
    airEntities: null,
    clockIsAuthoritative: false,
    classic: null,
  };
}

function untrusted(
  slot: { readonly role: SlotView["role"]; readonly udi: SlotView["udi"] },
  trustId: number,
): SlotView {
  return {
    role: slot.role,
    udi: slot.udi,
    trustId,
    trust: "none",
    trustInstalledAtMs: null,
    trustExpiresAtMs: null,
    ...nothingAuthorized,
  };
}

const nothingAuthorized = { authorization: null, lastReturnCode: null };

export const freshStack = freshView(c9300Stack);
export const freshChassis = freshView(c9407r);

const accountPolicy = mergePolicy(
  [
    {
      source: "account",
      name: "Quarterly",
      classes: {
        perpetual: { first_report_days: 30, reporting_frequency_days: 60, report_on_change_days: 60 },
        subscription: { first_report_days: 120, reporting_frequency_days: 111, report_on_change_days: 111 },
      },
    },
  ],
  { policyVersion: 3, issuedAtMs: acknowledgedAtMs },
);

/** Trusted by the manager, its reports acknowledged, the account's policy installed. */
export function acknowledgedView(profile: PlatformProfile, accessPoints: readonly string[] = []): LicenseView {
  const fresh = freshView(profile, accessPoints);
  const classesInUse = [...new Set(fresh.licenses.filter((one) => one.count > 0).map((one) => one.licenseClass))];
  const facts = {
    policy: accountPolicy,
    classesInUse,
    firstUseAtMs: bootedAtMs,
    changedAtMs: null,
    classesChanged: [],
  };
  const nextPushAtMs = at("2031-02-23T23:25:56.000Z");
  const peerCapabilities = ["DLC", "AppHA", "EXPORT_2", "POLICY_USAGE", "UTILITY"];
  return {
    ...fresh,
    slots: fresh.slots.map((slot) => trustedSlot(slot)),
    account: { smartAccount: "Example Corp", virtualAccount: "Lab", asOfMs: trustedAtMs },
    policy: { inForce: accountPolicy, installedAtMs: acknowledgedAtMs },
    reporting: {
      ...fresh.reporting,
      lastAckAtMs: acknowledgedAtMs,
      deadline: ackDeadline({ ...facts, lastAckAtMs: acknowledgedAtMs }),
      pushInterval: pushInterval({ policy: accountPolicy, classesInUse, hasAck: true, configuredDays: null }),
      nextPushAtMs,
      nextPushRule: "30 days after the last push",
      lastPushAtMs: at("2031-01-24T23:20:50.000Z"),
    },
    reportCounts: { ...noReports, open: fresh.licenses.length, acknowledgedTotal: 4, purgedTotal: 4 },
    communication: {
      ...fresh.communication,
      statistics: {
        ...silence,
        trust_establishment: answered(1, "OK", trustedAtMs),
        usage_reporting: answered(1, "OK_POLL", at("2031-01-24T23:20:50.000Z")),
        result_polling: answered(1, "OK", acknowledgedAtMs),
        trust_sync: answered(1, "OK", at("2031-01-24T23:19:50.000Z")),
      },
      peer: { name: "SSM", version: "1.3", production: true, capabilities: peerCapabilities },
    },
    jobs: [
      { name: "Daily", next: bootedAtMs + 86_400_000 },
      { name: "Start Utility Measurements", next: nowMs + 278_000 },
      { name: "Send Utility RUM reports", next: nextPushAtMs },
      { name: "Save unreported RUM Reports", next: "unavailable" },
      { name: "Process Utility RUM reports", next: acknowledgedAtMs + 86_400_000 },
    ],
  };
}

function trustedSlot(slot: SlotView): SlotView {
  return {
    ...slot,
    trust: "installed",
    trustInstalledAtMs: trustedAtMs,
    trustExpiresAtMs: at("2039-01-24T23:19:05.000Z"),
  };
}

export const trustedStack = acknowledgedView(c9300Stack);
export const trustedRouter = acknowledgedView(c8000v);

/** Nobody answers: the trust point is there, nothing is installed in it, and the next attempt is planned. */
export const failingRouter: LicenseView = {
  ...freshView(c8000v),
  slots: freshView(c8000v).slots.map((slot) => ({ ...slot, trust: "trust_point" })),
  trust: {
    attempt: {
      attempts: 2,
      startedAtMs: nowMs - 110_000,
      nextAttemptAtMs: nowMs + 50_000,
      lastFailure: {
        stage: "tcp",
        code: "connection_timed_out",
        message: "Connection timed out",
        atMs: nowMs - 10_000,
      },
    },
    refusal: null,
    exportControlAllowed: false,
  },
  communication: {
    ...freshView(c8000v).communication,
    statistics: { ...silence, trust_establishment: unanswered(2, nowMs - 10_000) },
    failingSinceMs: nowMs - 90_000,
  },
};

export const wireless: LicenseView = {
  ...acknowledgedView(c9800Cl, ["AP0001", "AP0002", "AP0003"]),
  airEntities: {
    lastReportAtMs: at("2031-01-24T19:38:15.237Z"),
    nextReportAtMs: at("2031-01-25T03:38:15.972Z"),
    activeAtLastReport: 3,
    addedWithLastReport: 1,
    deletedWithLastReport: 2,
    added: ["PID:C9120AXI-B,SN:AP0003"],
    deleted: ["PID:C9120AXI-B,SN:AP0008", "PID:C9120AXI-B,SN:AP0009"],
    unchanged: ["PID:C9120AXI-B,SN:AP0001", "PID:C9120AXI-B,SN:AP0002"],
    isAckMandatory: true,
  },
};

export const proxiedOffline: LicenseView = {
  ...trustedStack,
  transport: {
    ...trustedStack.transport,
    smartUrl: "https://manager.example:8443/licservice/license",
    proxy: { address: "proxy.example", port: 8080, username: "lab", hasPassword: true },
    vrf: "Mgmt-vrf",
  },
  privacy: { hostname: true, version: true },
};

export const reportRows: readonly ReportRowView[] = [
  { reportId: 1_927_065_736, state: "ACK", isPurged: true, featureName: "network-advantage" },
  { reportId: 1_927_065_740, state: "CLOSED", isPurged: false, featureName: "network-advantage" },
  { reportId: 1_927_065_741, state: "OPEN", isPurged: false, featureName: "dna-advantage" },
];

export const reportDetail: ReportDetailView = {
  reportId: 1_927_065_740,
  state: "CLOSED",
  isPurged: false,
  featureName: "network-advantage",
  tag: c8000v.licenses[0]?.tag ?? "",
  udi: { pid: "C8000V", serialNumber: "CSL2705E001" },
  previousReportId: 1_927_065_736,
  nextReportId: 1_927_065_742,
  closeReason: "CurrentUsageRequested",
  startedAtMs: bootedAtMs,
  endedAtMs: acknowledgedAtMs,
  isStored: true,
  refusal: null,
};

export const history: HistoryView = {
  model: "policy",
  messages: [
    {
      kind: "trust_establishment",
      sentAtMs: at("2031-01-24T23:18:59.000Z"),
      body: '{"request":"{\\"header\\":{\\"request_type\\":\\"ID_TOKEN_TRUST\\"}}"}',
      outcome: { type: "answered", atMs: trustedAtMs, status: "OK", body: '{"response":"{}"}' },
    },
    {
      kind: "usage_reporting",
      sentAtMs: at("2031-01-24T23:20:50.000Z"),
      body: '{"request":"{}"}',
      outcome: { type: "no_answer", atMs: at("2031-01-24T23:21:10.000Z"), reason: "Connection timed out (stage tcp)" },
    },
    {
      kind: "trust_sync",
      sentAtMs: at("2031-01-24T23:19:41.000Z"),
      body: '{"request":"{}"}',
      outcome: { type: "answered", atMs: at("2031-01-24T23:19:50.000Z"), status: "OK", body: "" },
    },
  ],
  imports: [
    { kind: "trust_code", receivedAtMs: trustedAtMs, content: '{"header":{"type":"trust"}}' },
    { kind: "account_info", receivedAtMs: trustedAtMs, content: '{"header":{"type":"account"}}' },
  ],
};

export const configuration: RunningConfiguration = {
  logging: defaultLogging,
  snmp: defaultSnmp,
  clock: defaultClock,
  customId: null,
  hostname: "edge-7",
  privacy: { hostname: false, version: true },
  proxy: { address: "proxy.example", port: 3128, username: null },
  sourceInterface: "Vlan10",
  clientTrustpoint: null,
  transport: "smart",
  urls: { smart: "https://licences.example/licservice/license", cslu: null, utility: null },
  usageIntervalDays: 14,
  vrf: null,
  network: networkOf([{ name: "Vlan10", address: "10.10.10.2", mask: "255.255.255.0" }]),
  licenseLevel: { name: "network-advantage", addon: "dna-advantage" },
  httpServer: defaultHttpServer,
  callHome: defaultCallHome,
  serviceInternal: false,
};

const root = {
  serialNumber: "4A01",
  issuer: "O=Example\nCN=Example Licensing Root",
  subject: "O=Example\nCN=Example Licensing Root",
  validFromMs: at("2031-01-01T00:00:00Z"),
  validToMs: at("2061-01-01T00:00:00Z"),
  fingerprintMd5: "00112233445566778899AABBCCDDEEFF",
  fingerprintSha1: "00112233445566778899AABBCCDDEEFF00112233",
  revocationLists: ["http://manager.example/issuing.crl"],
} as const;

export const network: NetworkView = {
  settings: {
    ...configuration.network,
    vrfs: ["Mgmt-vrf"],
    domainName: "example.com",
    nameServers: [{ vrf: null, address: "10.10.10.53" }],
    hosts: [{ name: "manager.example.com", addresses: ["10.10.10.80", "10.10.10.81"] }],
  },
  interfaces: [
    ...[
      {
        name: "GigabitEthernet0/0",
        vrf: "Mgmt-vrf",
        address: null,
        mask: null,
        method: "unset",
        isShutdown: true,
        isUp: false,
      } as const,
    ],
    ...[
      {
        name: "Vlan10",
        vrf: null,
        address: "10.10.10.2",
        mask: "255.255.255.0",
        method: "manual",
        isShutdown: false,
        isUp: true,
      } as const,
    ],
    ...[
      {
        name: "Vlan20",
        vrf: null,
        address: "10.10.20.2",
        mask: "255.255.254.0",
        method: "DHCP",
        isShutdown: false,
        isUp: false,
      } as const,
    ],
  ],
  trustpoints: [
    { name: "SLA-TrustPoint", own: null, revocationCheck: "crl none", authorities: [root], hasKeys: true },
    { name: "LicRoot", own: null, revocationCheck: "none", authorities: [], hasKeys: false },
    {
      name: "TP-self-signed-1234567890",
      own: {
        kind: "self-signed",
        certificate: { ...root, subject: "CN=edge-1", issuer: "CN=edge-1", revocationLists: [] },
      },
      revocationCheck: "none",
      authorities: [],
      hasKeys: true,
    },
  ],
  lookedUp: [{ name: "relay.example.com", addresses: ["10.10.10.90"], atMs: bootedAtMs }],
};

/** Nothing answers but port 443 of the last address. */
export const probe: NetworkProbe = {
  ping: async (host) => ({
    outcome: "probed",
    result: {
      outcome: "sent",
      address: host,
      source: "10.10.10.2",
      replies: [true, true, false, true, true],
      roundTripMs: { min: 0.4, average: 1.6, max: 2.4 },
    },
  }),
  connect: async (_host, port) => ({
    outcome: "probed",
    result: [
      { address: "10.10.10.80", outcome: "timed out" },
      { address: "10.10.10.81", outcome: port === 443 ? "open" : "refused" },
    ],
  }),
  sourceTowards: async () => "10.10.10.2",
};

const hseck9 = c8000v.licenses.find(({ name }) => name === "hseck9");
if (hseck9 === undefined) throw new Error("the router has an export-controlled licence");

/** A router that uses its export-controlled licence; `isAuthorized` with a code for it. */
function exportingRouter(isAuthorized: boolean): LicenseView {
  const license: LicenseUsageView = {
    ...{ handle: 3, name: "hseck9", description: "DNA_HSEC", heading: "DNA_HSEC", tag: hseck9?.tag ?? "" },
    ...{ licenseClass: "export", isAuthorized, count: 1, statusAtMs: bootedAtMs, requestedAtMs: bootedAtMs },
    ...{ currentReportId: 1_927_065_742, previousReportId: null },
  };
  return { ...trustedRouter, licenses: [...trustedRouter.licenses, license] };
}

const exporting = exportingRouter(true);
export const authorizedRouter: LicenseView = {
  ...exporting,
  slots: exporting.slots.map((slot) => ({
    ...slot,
    authorization: {
      ...{ installedAtMs: acknowledgedAtMs, confirmationCode: "418b11b3", isConfirmed: true },
      licenses: exporting.licenses
        .filter(({ licenseClass }) => licenseClass === "export")
        .map(({ name, description, tag, licenseClass, count }) => ({ name, description, tag, licenseClass, count })),
    },
    lastReturnCode: "Cr9JHx-L1x5Rj-ftwzg1-h9QZAU-LE5DT1-babWeL-FABPt9-Wr1Dn7-Rp7ABc-123",
  })),
};

/** One that asked for a code and was refused, and asks again. */
export const refusedRouter: LicenseView = {
  ...exportingRouter(false),
  authorization: {
    attempt: {
      ...{ licenses: ["hseck9"], udis: ["PID:C8000V,SN:CSL2705E001"], attempts: 2, nextAttemptAtMs: nowMs + 120_000 },
      nextAttemptReason: "back-off after each failed attempt",
      lastFailure: { stage: "tcp", code: "connection_timed_out", message: "Connection timed out", atMs: nowMs },
    },
    refusal: {
      ...{ atMs: acknowledgedAtMs, code: "authorization_export_not_allowed", udis: ["PID:C8000V,SN:CSL2705E001"] },
      message: "The device may not use export-controlled functions.",
    },
  },
};

const monthMs = 30 * 86_400_000;
const registeredAtMs = at("2031-01-20T08:09:24.000Z");
const unregistered: ClassicView = {
  registration: {
    status: "UNREGISTERED",
    isRegistered: false,
    initial: null,
    nextAttemptAtMs: null,
    deregistrationWaitsFor: null,
    renewal: null,
    nextRenewalAtMs: null,
    expiresAtMs: null,
  },
  authorization: {
    status: "EVAL MODE",
    sinceMs: null,
    evaluationRemainingMs: ((65 * 24 + 18) * 60 + 43) * 60_000,
    last: null,
    nextAtMs: null,
    deadlineAtMs: null,
    shortages: [],
  },
  conversion: { status: "Not started", lastPushAtMs: null, failureReason: null },
  licenseStatuses: {},
};
const registeredView: ClassicView = {
  registration: {
    status: "REGISTERED",
    isRegistered: true,
    initial: { isDone: true, atMs: registeredAtMs, reason: null },
    nextAttemptAtMs: null,
    deregistrationWaitsFor: null,
    renewal: null,
    nextRenewalAtMs: registeredAtMs + 6 * monthMs,
    expiresAtMs: registeredAtMs + 365 * 86_400_000,
  },
  authorization: {
    status: "AUTHORIZED",
    sinceMs: registeredAtMs + 4_000,
    evaluationRemainingMs: null,
    last: { outcome: "SUCCEEDED", atMs: registeredAtMs + 4_000, reason: null },
    nextAtMs: registeredAtMs + 4_000 + monthMs,
    deadlineAtMs: registeredAtMs + 4_000 + 3 * monthMs,
    shortages: [],
  },
  conversion: {
    status: "Waiting for permission",
    lastPushAtMs: registeredAtMs + 9_000,
    failureReason: "The conversion waits for an administrator.",
  },
  licenseStatuses: {},
};

/** A device in the classic model: every licence has the given status. */
function classicOn(profile: PlatformProfile, classic: ClassicView, status: string): LicenseView {
  const view = freshView(profile);
  const account = classic.registration.isRegistered
    ? { smartAccount: "Example Corp", virtualAccount: "Lab", asOfMs: registeredAtMs }
    : null;
  return {
    ...view,
    account,
    trust: { ...view.trust, exportControlAllowed: classic.registration.isRegistered },
    transport: {
      ...view.transport,
      type: "callhome",
      callHome: { profile: defaultProfileName, url: defaultProfileUrl },
    },
    communication: {
      ...view.communication,
      statistics: { ...silence, registration: answered(1, "OK", registeredAtMs) },
    },
    classic: { ...classic, licenseStatuses: Object.fromEntries(view.licenses.map(({ tag }) => [tag, status])) },
    jobs: [{ name: "Authorization Renewal", next: classic.authorization.nextAtMs ?? "never" }],
  };
}

export const classicEvaluating = classicOn(csr1000v, unregistered, "EVAL MODE");
export const classicRegistered = classicOn(c3850, registeredView, "AUTHORIZED");
export const classicShort = classicOn(
  c3850,
  {
    ...registeredView,
    authorization: {
      ...registeredView.authorization,
      status: "OUT OF COMPLIANCE",
      last: { outcome: "PENDING", atMs: registeredAtMs + 3_600_000, reason: "Waiting for reply" },
      shortages: [{ tag: c3850.licenses[1]?.tag ?? "", name: "network-advantage", shortfall: 2 }],
    },
  },
  "OUT OF COMPLIANCE",
);
/** FAIL-1a: the manager lists it already. */
export const classicRefused = classicOn(
  csr1000v,
  {
    ...unregistered,
    registration: {
      ...unregistered.registration,
      status: "UNREGISTERED - REGISTRATION FAILED",
      initial: { isDone: false, atMs: registeredAtMs, reason: "Product Already Registered" },
      nextAttemptAtMs: registeredAtMs + 1_203_000,
    },
  },
  "EVAL MODE",
);
/** Deregistered while the answer to its registration is awaited, and while that to the deregistration is. */
export const classicWithdrawn = classicOn(
  csr1000v,
  {
    ...unregistered,
    registration: {
      ...unregistered.registration,
      status: "REGISTERING - REGISTRATION IN PROGRESS",
      deregistrationWaitsFor: "registration",
    },
  },
  "EVAL MODE",
);
export const classicLeaving = classicOn(
  c3850,
  { ...registeredView, registration: { ...registeredView.registration, deregistrationWaitsFor: "deregistration" } },
  "AUTHORIZED",
);
export const classicRenewalFailed = classicOn(
  csr1000v,
  {
    ...registeredView,
    registration: {
      ...registeredView.registration,
      renewal: {
        isDone: false,
        atMs: nowMs,
        reason: "Fail to send out Call Home HTTP message. (Connection timed out)",
      },
    },
    authorization: {
      ...registeredView.authorization,
      status: "AUTHORIZATION EXPIRED",
      last: {
        outcome: "FAILED",
        atMs: nowMs,
        reason: "Fail to send out Call Home HTTP message. (Connection timed out)",
      },
    },
  },
  "AUTHORIZATION EXPIRED",
);
