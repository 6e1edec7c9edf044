// Everything a product instance knows about its licensing, as one plain value: what `step` takes and gives back, what the
// state directory stores, and what show commands render. Times are epoch milliseconds, unless the name says seconds.
// Bodies of closed reports, history messages and event log lines live outside, behind ports: the state stays small.

import type { HaRole, LicenseClass, Policy, RequestType, Udi } from "@countersign/protocol";

export type AgentState = {
  readonly formatVersion: 1;
  readonly installation: InstallationState;
  readonly configuration: AgentConfiguration;
  readonly trust: TrustState;
  readonly policy: PolicyState;
  readonly metering: MeteringState;
  readonly reporting: ReportingState;
  readonly communication: CommunicationState;
};

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
};

export type TransportType = "smart" | "cslu" | "callhome" | "automatic" | "off";

export type AgentConfiguration = {
  readonly transport: TransportType;
  /** Addresses per transport; null means that transport's default. */
  readonly urls: { readonly smart: string | null; readonly cslu: string | null; readonly utility: string | null };
  readonly proxy: ProxyConfiguration | null;
  readonly vrf: string | null;
  readonly privacy: { readonly hostname: boolean; readonly version: boolean };
  readonly customId: string | null;
  /** `license smart usage interval`; null when not configured. */
  readonly usageIntervalDays: number | null;
  /** A platform's own rhythm (C9800: 28 800 s); it overrides the policy's push interval. */
  readonly platformReportEverySeconds: number | null;
  /** At most one push in this time unless it is asked for (REP-3). */
  readonly pushThrottleSeconds: number;
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
    };

export type TrustAttempt = {
  /** The ID token, kept while trust is sought; a secret: never logged, shown or put into history. */
  readonly token: string;
  readonly scope: "local" | "all";
  readonly force: boolean;
  readonly attempts: number;
  readonly startedAtMs: number;
  readonly nextAttemptAtMs: number;
  readonly lastFailure: Failure | null;
};

export type TrustState = {
  /** By `formatUdi`. */
  readonly members: Readonly<Record<string, MemberTrust>>;
  /** What is being tried; null when nothing is. */
  readonly attempt: TrustAttempt | null;
  readonly account: { readonly smartAccount: string; readonly virtualAccount: string; readonly asOfMs: number } | null;
  readonly exportControlAllowed: boolean;
  /** The manager's signing certificate (base64 DER) that was verified last. */
  readonly signingCertificate: string | null;
  readonly nextSyncAtMs: number | null;
};

export type PolicyState = {
  readonly inForce: Policy;
  readonly installedAtMs: number | null;
};

/** The usage of one entitlement tag by the whole installation. */
export type Usage = {
  readonly tag: string;
  readonly licenseClass: LicenseClass;
  readonly count: number;
  readonly requestedAtMs: number | null;
  readonly openReport: OpenReport | null;
};

/** The report that is being measured: at most `measurementsPerReportMax` finished measurements and one running. */
export type OpenReport = {
  readonly reportId: number;
  readonly previousReportId: number | null;
  readonly startedAtMs: number;
  readonly runningSinceSeconds: number;
  readonly runningCount: number;
  readonly clockChangeDeltaSeconds: number;
  readonly finished: number;
};

export type MeteringState = {
  readonly usages: Readonly<Record<string, Usage>>;
  /** One counter for all entitlements of the installation, seeded from the clock at first boot. */
  readonly nextReportId: number;
  readonly nextTickAtMs: number;
  readonly firstUseAtMs: number | null;
  /** Newest change 0→n or n→0 since the last ACK, and the classes it touched. */
  readonly changedAtMs: number | null;
  readonly classesChanged: readonly LicenseClass[];
};

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

export type ReportingState = {
  readonly counts: ReportCounts;
  readonly lastPushAtMs: number | null;
  readonly nextPushAtMs: number | null;
  /** Why the next push stands where it stands, for people. */
  readonly nextPushRule: string;
  readonly lastAckAtMs: number | null;
  /** Sequence of the newest installed ACK, -1 before the first. */
  readonly lastAckSequence: number;
  /** Whose sequence that is: after a switchover another product instance counts from its own beginning. */
  readonly lastAckInstance: string | null;
  readonly poll: { readonly pollId: string; readonly productInstanceIdentifier: string; readonly nextAtMs: number } | null;
  readonly lastFileWriteAtMs: number | null;
  readonly failuresInARow: number;
  readonly reportingRequiredLoggedAtMs: number | null;
  readonly treeHead: { readonly ledgerId: string; readonly size: number; readonly rootSha256: string } | null;
};

/** Where a failure happened; the same closed union on device, syslog, statistics, doctor and portal (domain decision 6). */
export type FailureStage = "name" | "tcp" | "proxy" | "tls" | "http" | "envelope" | "signature" | "refused";
export type Failure = {
  readonly stage: FailureStage;
  /** Stable reason code, e.g. `name_not_found`, `connection_timed_out`, `token_expired`. */
  readonly code: string;
  readonly message: string;
  readonly atMs: number;
};

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
export type MessageKind = (typeof messageKinds)[number];

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
  readonly statistics: Readonly<Record<MessageKind, KindStatistics>>;
  /** Set while communication is failing; its end is logged as restored (REP-18). */
  readonly failingSinceMs: number | null;
  /** What the peer said of itself last. */
  readonly peer: { readonly name: string; readonly version: string; readonly production: boolean; readonly capabilities: readonly string[] } | null;
  /** At most one exchange is under way. */
  readonly inFlight: { readonly exchangeId: number; readonly requestType: RequestType; readonly startedAtMs: number } | null;
  readonly nextExchangeId: number;
};
