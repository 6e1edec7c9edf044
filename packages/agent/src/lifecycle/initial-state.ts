// The state of a product instance that has never run before.

import { defaultPolicy, formatUdi, type HaRole, type Udi } from "@countersign/protocol";
import { noAuthorization } from "./authorization-state.ts";
import { freshClassic } from "./classic/classic-state.ts";
import { numberMembers, uniteSlots } from "./installation.ts";
import { noLedger } from "./ledger-watch.ts";
import {
  type AgentConfiguration,
  type AgentLicensingModel,
  type AgentState,
  type KindStatistics,
  messageKinds,
  type PolicyMessageKind,
  type ReportCounts,
} from "./state.ts";

export type InstallationFacts = {
  readonly productTag: string;
  readonly softwareVersion: string;
  readonly hostname: string;
  readonly members: readonly { readonly udi: Udi; readonly role: HaRole }[];
  readonly configuration?: Partial<AgentConfiguration>;
  /** Default `policy`. */
  readonly licensingModel?: AgentLicensingModel;
};

export const defaultConfiguration: AgentConfiguration = {
  transport: "smart",
  urls: { smart: null, cslu: null, utility: null },
  proxy: null,
  vrf: null,
  privacy: { hostname: false, version: false },
  customId: null,
  usageIntervalDays: null,
  platformReportEverySeconds: null,
  pushThrottleSeconds: 86_400,
  trustRetrySeconds: 60,
};

export const noReports: ReportCounts = {
  open: 0,
  closed: 0,
  pending: 0,
  unacknowledged: 0,
  refused: 0,
  acknowledgedTotal: 0,
  purgedTotal: 0,
  mergedTotal: 0,
};

export const noStatistics: KindStatistics = {
  total: 0,
  succeeded: 0,
  failed: 0,
  ongoingFailures: 0,
  ongoingCommunicationFailures: 0,
  lastResponse: null,
  lastFailure: null,
  lastSuccessAtMs: null,
};

/** TrustIds begin here; any small number serves (TRU-15). */
const firstTrustId = 1;

/** `now` seeds the report counter, so that ids made before a loss of the whole state are not used again. */
export function createInitialState(facts: InstallationFacts, now: number): AgentState {
  const members = numberMembers(uniteSlots(facts.members), [], firstTrustId);
  const statistics = Object.fromEntries(messageKinds.map((kind) => [kind, noStatistics]));
  return {
    formatVersion: 1,
    installation: {
      productTag: facts.productTag,
      softwareVersion: facts.softwareVersion,
      hostname: facts.hostname,
      members,
      initializedAtMs: null,
      reloadRequired: false,
    },
    configuration: { ...defaultConfiguration, ...facts.configuration },
    trust: {
      members: Object.fromEntries(members.map((member) => [formatUdi(member.udi), { status: "none" }])),
      attempt: null,
      lastRefusal: null,
      account: null,
      exportControlAllowed: false,
      signingCertificate: null,
      lostSinceMs: null,
      nextSyncAtMs: null,
      syncScope: "all",
      syncFailuresInARow: 0,
      nextTrustId: firstTrustId + members.length,
      nextKeyNumber: 1,
    },
    policy: { inForce: defaultPolicy, installedAtMs: null, newestVersion: -1 },
    authorization: noAuthorization,
    metering: {
      usages: {},
      nextReportId: Math.max(1, Math.floor(now / 1000)),
      nextTickAtMs: now,
      measuredUntilMs: now,
      firstUseAtMs: null,
      changedAtMs: null,
      classesChanged: [],
    },
    reporting: {
      counts: noReports,
      lastPushAtMs: null,
      nextPushAtMs: null,
      nextPushRule: "nothing_to_report",
      lastAckAtMs: null,
      lastAckSequence: -1,
      lastAckInstance: null,
      poll: null,
      lastFileWriteAtMs: null,
      failuresInARow: 0,
      isRepeatedAtOnce: false,
      reportingRequiredLoggedAtMs: null,
      nextProcessAtMs: now,
      ledger: noLedger,
    },
    communication: {
      statistics: statistics as Record<PolicyMessageKind, KindStatistics>,
      failingSinceMs: null,
      peer: null,
      inFlight: null,
      nextExchangeId: 1,
    },
    ...(facts.licensingModel === "classic" ? { licensingModel: "classic", classic: freshClassic } : {}),
  };
}
