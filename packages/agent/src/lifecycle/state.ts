// Everything a product instance knows about its licensing, as one plain value: what `step` takes and gives back, what the
// state directory stores, and what show commands render. Times are epoch milliseconds, unless the name says seconds.
// Bodies of closed reports, history messages and event log lines live outside, behind ports: the state stays small.

import type {
  DeviceRequestType,
  FailureStage,
  HaRole,
  LicenseClass,
  Policy,
  TreeHead,
  Udi,
} from "@countersign/protocol";
import type { AuthorizationState } from "./authorization-state.ts";
import type { ClassicState } from "./classic/classic-state.ts";

export type AgentState = {
  readonly formatVersion: 1;
  readonly installation: InstallationState;
  readonly configuration: AgentConfiguration;
  readonly trust: TrustState;
  readonly policy: PolicyState;
  readonly authorization: AuthorizationState;
  readonly metering: MeteringState;
  readonly reporting: ReportingState;
  readonly communication: CommunicationState;
  /** Which model the software has; absent in states of older agents, which had the policy model (GEN-2). */
  readonly licensingModel?: AgentLicensingModel;
  /** Absent where no software with the classic model has ever run. The evaluation period outlives an upgrade (CLS-5). */
  readonly classic?: ClassicState;
};

/** `classic`: registration and authorization, the model before Smart Licensing Using Policy (GEN-1). */
export type AgentLicensingModel = "policy" | "classic";

/** One device of the installation. Two supervisors of one chassis share a UDI: one member, two slots. */
export type Member = {
  readonly udi: Udi;
  readonly role: HaRole;
  /** Small integer, stable for the life of the member (TRU-15). */
  readonly trustId: number;
};

export type InstallationState = {
  readonly productTag: string;
  readonly softwareVersion: string;
  readonly hostname: string;
  /** Exactly one is Active. */
  readonly members: readonly Member[];
  readonly initializedAtMs: number | null;
  /** The factory reset was asked for; what it removed is gone, the reload is still due. */
  readonly reloadRequired: boolean;
  /** Null when the keys can be used; absent in states of older agents, and then too. Every start finds out anew. */
  readonly cryptography?: PendingCryptography | null;
};

/** The start of cryptography while it has not succeeded (SEC-15). */
export type PendingCryptography = {
  /** Attempts in vain since the start. */
  readonly attempts: number;
  /** What was in the way of the last one. */
  readonly reason: string;
  readonly nextAttemptAtMs: number;
};

export type TransportType = "smart" | "cslu" | "callhome" | "automatic" | "off";

export type AgentConfiguration = {
  readonly transport: TransportType;
  /** Addresses per transport; null means that transport's default. */
  readonly urls: {
    readonly smart: string | null;
    readonly cslu: string | null;
    readonly utility: string | null;
    /** What the product's Call Home profile says; null or, in states of older agents, absent where there is none. */
    readonly callHome?: string | null;
  };
  readonly proxy: ProxyConfiguration | null;
  readonly vrf: string | null;
  readonly privacy: { readonly hostname: boolean; readonly version: boolean };
  readonly customId: string | null;
  /** `license smart usage interval`; null when not configured. */
  readonly usageIntervalDays: number | null;
  /** A platform's own rhythm (C9800: 28 800 s); it overrides the policy's push interval. */
  readonly platformReportEverySeconds: number | null;
  /** The product demands an ACK whatever the policy says (POL-3). States of older agents do not have it. */
  readonly acknowledgementIsMandatory?: boolean;
  /** At most one push in this time unless it is asked for (REP-3). */
  readonly pushThrottleSeconds: number;
  /** How long after the first failed attempt trust is sought again (TRU-6, TRU-7); later waits grow from there. */
  readonly trustRetrySeconds: number;
};

export type ProxyConfiguration = {
  readonly address: string;
  readonly port: number;
  readonly username: string | null;
  readonly password: string | null;
};

/** Trust of one UDI. `requested` has a key and a pending request; `installed` has an ID certificate. */
export type MemberTrust =
  | { readonly status: "none" }
  | { readonly status: "requested"; readonly keyId: string }
  | {
      readonly status: "installed";
      readonly keyId: string;
      readonly productInstanceIdentifier: string;
      readonly certificateSerial: string;
      readonly certificate: string;
      readonly installedAtMs: number;
      readonly expiresAtMs: number;
      /** The ID certificate of a classic registration: it speaks for the device until a trust code takes its place. */
      readonly isClassic?: true;
    };

export type TrustAttempt = {
  /**
   * The ID token, kept while trust is sought; a secret: never logged, shown or put into history (BET-11). Null for what the
   * device seeks by itself from a manager on premises (TRU-8).
   */
  readonly token: string | null;
  readonly scope: "local" | "all";
  readonly force: boolean;
  /**
   * Key of each device that is sought trust for, by `formatUdi`. Every attempt uses the same keys, so that a repetition
   * after a lost answer gets the same result (I9).
   */
  readonly keys: Readonly<Record<string, string>>;
  readonly attempts: number;
  readonly startedAtMs: number;
  readonly nextAttemptAtMs: number;
  /** As the token itself says, null when it cannot be read. No attempt is planned after it. */
  readonly tokenExpiresAtMs: number | null;
  readonly lastFailure: Failure | null;
};

/** Why somebody has no trust; shown until the next attempt (BET-9, FAIL-24). */
export type TrustRefusal = {
  readonly atMs: number;
  readonly code: string;
  readonly message: string;
  /** The devices without trust, by `formatUdi`; empty when it concerned the request as a whole. */
  readonly udis: readonly string[];
};

export type TrustState = {
  /** By `formatUdi`. */
  readonly members: Readonly<Record<string, MemberTrust>>;
  /** What is being tried; null when nothing is. */
  readonly attempt: TrustAttempt | null;
  readonly lastRefusal: TrustRefusal | null;
  readonly account: { readonly smartAccount: string; readonly virtualAccount: string; readonly asOfMs: number } | null;
  readonly exportControlAllowed: boolean;
  /** The manager's signing certificate (base64 DER) that was verified last. */
  readonly signingCertificate: string | null;
  /** Since when the manager says that it does not know this product instance; null while it does (FAIL-21). */
  readonly lostSinceMs: number | null;
  readonly nextSyncAtMs: number | null;
  /** Which devices the next trust sync is for. */
  readonly syncScope: "local" | "all";
  readonly syncFailuresInARow: number;
  readonly nextTrustId: number;
  readonly nextKeyNumber: number;
};

export type PolicyState = {
  readonly inForce: Policy;
  readonly installedAtMs: number | null;
  /** No lower version is installed (I10); -1 for a product instance that never got a policy. */
  readonly newestVersion: number;
};

/** The usage of one entitlement tag by the whole installation. */
export type Usage = {
  readonly tag: string;
  readonly licenseClass: LicenseClass;
  readonly count: number;
  readonly requestedAtMs: number | null;
  readonly openReport: OpenReport | null;
  /** The newest report of this tag, whatever became of it. */
  readonly lastReportId: number | null;
  /** Latest end of a measurement that said that it was in use, by the clock of then; absent when nothing was measured. */
  readonly measuredToSeconds?: number;
};

/** The report that is being measured: at most `measurementsPerReportMax` finished measurements and one running. */
export type OpenReport = {
  readonly reportId: number;
  readonly previousReportId: number | null;
  readonly startedAtMs: number;
  readonly runningSinceSeconds: number;
  readonly runningCount: number;
  /** Sum of the clock changes while this measurement runs; its start is already re-based by them. */
  readonly clockChangeDeltaSeconds: number;
  /** Devices that came and went where the running measurement began (REP-9). */
  readonly added: readonly Udi[];
  readonly removed: readonly Udi[];
  readonly finished: number;
  /** The count that the report before it told; null when there was none, where a zero is said again, and for a new identity. */
  readonly countBefore: number | null;
};

/** Why a report was closed; the first three as the field prints them. */
export const closeReasons = [
  "CurrentUsageRequested",
  "SMART",
  "ProductReload",
  "ReportFull",
  "HaSwitchover",
  "SoftwareChange",
] as const;
export type CloseReason = (typeof closeReasons)[number];

/** Why a measurement ended. */
export const terminationReasons = ["count_change", "member_change", "reload", "report_closed"] as const;
export type TerminationReason = (typeof terminationReasons)[number];

export type MeteringState = {
  readonly usages: Readonly<Record<string, Usage>>;
  /** One counter for all entitlements of the installation, seeded from the clock at first boot; it never goes back. */
  readonly nextReportId: number;
  readonly nextTickAtMs: number;
  /** The last moment at which the agent surely ran: there ends usage that a loss of power cut off. */
  readonly measuredUntilMs: number;
  readonly firstUseAtMs: number | null;
  /** Newest change 0→n or n→0 that no ACK has told of yet. */
  readonly changedAtMs: number | null;
  /** The classes of such changes; before the first ACK, of all usage so far. */
  readonly classesChanged: readonly LicenseClass[];
};

/** `closed`: never sent. `pending`: signed and sent. `unacknowledged`: handed out by file or to a puller. `refused`: kept,
 * marked, and sent again only after new trust or when asked for. */
export const heldStatuses = ["closed", "pending", "unacknowledged", "refused"] as const;
export type HeldStatus = (typeof heldStatuses)[number];

/** Counts of all reports by what has become of them; kept by difference, never by scanning. */
export type ReportCounts = {
  readonly open: number;
  readonly closed: number;
  readonly pending: number;
  readonly unacknowledged: number;
  readonly refused: number;
  readonly acknowledgedTotal: number;
  readonly purgedTotal: number;
  readonly mergedTotal: number;
};

/** Rules that plan a push, and rules that leave it unplanned. */
export const pushRules = [
  "first_push",
  "interval",
  "platform_rhythm",
  "sync_requested",
  "usage_changed",
  "members_changed",
  "trust_established",
  "retry",
  "server_asked_to_wait",
  "more_to_send",
  "result_lost",
  "way_open_again",
  "nothing_demanded",
  "nothing_to_report",
  "waits_for_trust",
  "waits_for_result",
  "not_supported",
  "transport_off",
] as const;
export type PushRule = (typeof pushRules)[number];

export type ReportingState = {
  readonly counts: ReportCounts;
  /** The last push that was answered. */
  readonly lastPushAtMs: number | null;
  readonly nextPushAtMs: number | null;
  /** Why the next push stands where it stands; in words by `describePushRule`. */
  readonly nextPushRule: PushRule;
  readonly lastAckAtMs: number | null;
  /** Sequence of the newest installed ACK, -1 before the first. */
  readonly lastAckSequence: number;
  /** Whose sequence that is: after a switchover another product instance counts from its own beginning. */
  readonly lastAckInstance: string | null;
  readonly poll: PollState | null;
  readonly lastFileWriteAtMs: number | null;
  /** Pushes in vain since the last ACK that decided something: refused, unanswered, or with a result that was lost. */
  readonly failuresInARow: number;
  /** One of them was repeated at once. That is done once in a row; later ones wait like every failure. */
  readonly isRepeatedAtOnce: boolean;
  readonly reportingRequiredLoggedAtMs: number | null;
  /** The daily look at everything slow: deadlines, trust expiry, plans (REP-10). */
  readonly nextProcessAtMs: number;
  readonly ledger: LedgerState;
};

/** What is held against the manager: heads of its ledgers that were verified. */
export type LedgerState = {
  /** The newest verified head of each ledger, that of the ledger in use first. */
  readonly heads: readonly TreeHead[];
  /** Set while the manager shows another history than the kept one. */
  readonly refused: RefusedHead | null;
};

export type RefusedHead = {
  readonly kept: TreeHead;
  /** The newest one that was refused. */
  readonly offered: TreeHead;
  readonly sinceMs: number;
  /** The manager has answered a push that told it. */
  readonly isTold: boolean;
};

export type PollState = {
  readonly pollId: string;
  readonly productInstanceIdentifier: string;
  readonly startedAtMs: number;
  readonly nextAtMs: number;
  readonly failuresInARow: number;
};

export type Failure = {
  readonly stage: FailureStage;
  /** Stable reason code, e.g. `name_not_found`, `connection_timed_out`, `token_expired`. */
  readonly code: string;
  readonly message: string;
  readonly atMs: number;
};

/** Of the policy model. */
export const messageKinds = [
  "trust_establishment",
  "trust_acknowledgement",
  "usage_reporting",
  "result_polling",
  "authorization_request",
  "authorization_confirmation",
  "authorization_return",
  "trust_sync",
  "hello",
] as const;
export type PolicyMessageKind = (typeof messageKinds)[number];

/** Of the classic model. */
export const classicMessageKinds = [
  "registration",
  "id_renewal",
  "authorization",
  "deregistration",
  "conversion",
] as const;
export type ClassicMessageKind = (typeof classicMessageKinds)[number];
export type MessageKind = PolicyMessageKind | ClassicMessageKind;

export type KindStatistics = {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  /** In a row, until the next success: all failures, and those in which no answer came at all. */
  readonly ongoingFailures: number;
  readonly ongoingCommunicationFailures: number;
  readonly lastResponse: { readonly text: string; readonly atMs: number } | null;
  readonly lastFailure: Failure | null;
  readonly lastSuccessAtMs: number | null;
};

export type CommunicationState = {
  /** Kinds of the classic model are there once they have been sent. */
  readonly statistics: Readonly<
    Record<PolicyMessageKind, KindStatistics> & Partial<Record<ClassicMessageKind, KindStatistics>>
  >;
  /** Set while communication is failing; its end is logged as restored (REP-18). */
  readonly failingSinceMs: number | null;
  /** What the peer said of itself last. */
  readonly peer: {
    readonly name: string;
    readonly version: string;
    readonly production: boolean;
    readonly capabilities: readonly string[];
  } | null;
  /** At most one exchange is under way. */
  readonly inFlight: InFlight | null;
  readonly nextExchangeId: number;
};

export type InFlight = {
  readonly exchangeId: number;
  readonly requestType: DeviceRequestType;
  readonly startedAtMs: number;
};
