// Everything that a show command prints, as plain values. Renderers are pure functions of these, the time and options;
// who fills them in (a running agent, or a state directory at rest) is no concern of theirs. Times are epoch milliseconds.

import type {
  AgentLicensingModel,
  AgentState,
  ClassicMessageKind,
  ClassicOutcome,
  FactoryReset,
  FactoryResetPreview,
  Failure,
  ImportedObject,
  KindStatistics,
  MessageKind,
  ReportCounts,
} from "@countersign/agent";
import type { AckDeadline, HaRole, LicenseClass, Policy, PushInterval, Udi } from "@countersign/protocol";
import type { ClockView } from "./clock-view.ts";
import type { WatchView } from "./debug/watch-view.ts";
import type { RunningConfiguration, TransportType } from "./device-configuration.ts";
import type { NetworkView } from "./network-view.ts";
import type { LoggingView, SnmpView } from "./outward-view.ts";

/** Every kind of message that is counted on its own (TRU-18, REP-15), in the order it is shown. */
export { classicMessageKinds, messageKinds } from "@countersign/agent";
export type {
  AgentLicensingModel,
  ClassicMessageKind,
  ClassicOutcome,
  FactoryReset,
  FactoryResetPreview,
  Failure,
  ImportedObject,
  KindStatistics,
  MessageKind,
  ReportCounts,
};

export type LicenseView = {
  readonly device: {
    readonly hostname: string;
    readonly platform: string;
    readonly productTag: string;
    readonly softwareVersion: string;
    readonly agentVersion: string;
    readonly mappedLicenses: number;
    /** Licences of the platform that need an authorization code. */
    readonly enforcedLicenses: readonly { readonly name: string; readonly tag: string; readonly isExport: boolean }[];
    readonly reloadRequired: boolean;
  };
  /** The active one first. Two supervisors of one chassis are two slots with one UDI. */
  readonly slots: readonly SlotView[];
  readonly installation: InstallationView;
  readonly account: { readonly smartAccount: string; readonly virtualAccount: string; readonly asOfMs: number } | null;
  /** True means that it is kept back. */
  readonly privacy: { readonly hostname: boolean; readonly version: boolean };
  readonly transport: TransportView;
  readonly customId: string | null;
  readonly policy: { readonly inForce: Policy; readonly installedAtMs: number | null };
  readonly reporting: ReportingView;
  readonly trust: TrustView;
  readonly authorization: AuthorizationView;
  /** Every licence that was ever asked for, in the order of their handles. */
  readonly licenses: readonly LicenseUsageView[];
  readonly reportCounts: ReportCounts;
  readonly communication: CommunicationView;
  /** Why nothing is signed and no trust is sought yet; null when the keys can be used (SEC-15). */
  readonly cryptographyRefusal: {
    readonly attempts: number;
    readonly reason: string;
    readonly nextAttemptAtMs: number;
  } | null;
  readonly jobs: readonly JobView[];
  /** Null on platforms without access points. */
  readonly airEntities: AirEntitiesView | null;
  readonly clockIsAuthoritative: boolean;
  /** Null on software with the policy model (GEN-1). */
  readonly classic: ClassicView | null;
};

/** Registration and authorization of a device in the classic model, in the field's words. */
export type ClassicView = {
  readonly registration: {
    readonly status:
      | "REGISTERED"
      | "UNREGISTERED"
      | "UNREGISTERED - REGISTRATION FAILED"
      | "REGISTERING - REGISTRATION IN PROGRESS";
    readonly isRegistered: boolean;
    readonly initial: ClassicOutcome | null;
    readonly nextAttemptAtMs: number | null;
    /** Whose answer a deregistration that was asked for waits for; null while none was. */
    readonly deregistrationWaitsFor: "registration" | "deregistration" | null;
    readonly renewal: ClassicOutcome | null;
    readonly nextRenewalAtMs: number | null;
    readonly expiresAtMs: number | null;
  };
  readonly authorization: {
    readonly status:
      | "AUTHORIZED"
      | "OUT OF COMPLIANCE"
      | "AUTHORIZATION EXPIRED"
      | "EVAL MODE"
      | "EVAL EXPIRED"
      | "No Licenses in Use";
    readonly sinceMs: number | null;
    /** Null while nothing is evaluated. */
    readonly evaluationRemainingMs: number | null;
    readonly last: {
      readonly outcome: "SUCCEEDED" | "FAILED" | "PENDING";
      readonly atMs: number;
      readonly reason: string | null;
    } | null;
    readonly nextAtMs: number | null;
    readonly deadlineAtMs: number | null;
    /** What the virtual account lacks (BET-34). */
    readonly shortages: readonly { readonly tag: string; readonly name: string; readonly shortfall: number }[];
  };
  /** Null on platforms that cannot convert (CNV-3). */
  readonly conversion: {
    readonly status: "Not started" | "In progress" | "Waiting for permission" | "Complete" | "Failed";
    readonly lastPushAtMs: number | null;
    readonly failureReason: string | null;
  } | null;
  /** By tag. */
  readonly licenseStatuses: Readonly<Record<string, string>>;
};

/** What the devices of an installation are to each other, whatever their licensing. */
export type InstallationView = {
  readonly redundancy: "stack" | "chassis" | "pair" | "single";
  /** By number. A slot that is not up has failed and counts nowhere. */
  readonly slots: readonly {
    readonly number: number;
    readonly udi: Udi;
    readonly role: HaRole;
    readonly isUp: boolean;
  }[];
  readonly switchovers: {
    readonly count: number;
    readonly lastReason: string | null;
    readonly lastAtMs: number | null;
  };
  /** Null on platforms without levels. `next` is in force after a boot. */
  readonly licenseLevel: {
    readonly command: "boot" | "air";
    readonly current: LevelView | null;
    readonly next: LevelView | null;
  } | null;
};

export type LevelView = { readonly name: string; readonly addon: string | null };

export type SlotView = {
  readonly role: HaRole;
  readonly udi: Udi;
  readonly trustId: number;
  /** `trust_point` is one with nothing installed in it yet (TRU-16). */
  readonly trust: "none" | "trust_point" | "installed";
  readonly trustInstalledAtMs: number | null;
  readonly trustExpiresAtMs: number | null;
  /** The authorization code of the device; two supervisors with one UDI have the same. */
  readonly authorization: SlotAuthorization | null;
  /** Of the newest code that was given back; null for none. */
  readonly lastReturnCode: string | null;
};

export type SlotAuthorization = {
  readonly installedAtMs: number;
  readonly confirmationCode: string;
  /** The manager has heard that it arrived. */
  readonly isConfirmed: boolean;
  readonly licenses: readonly AuthorizedLicenseView[];
};

export type AuthorizedLicenseView = {
  readonly name: string;
  readonly description: string;
  readonly tag: string;
  readonly licenseClass: LicenseClass;
  readonly count: number;
};

export type AuthorizationView = {
  /** What is asked for, and why nobody has answered yet. */
  readonly attempt: {
    readonly licenses: readonly string[];
    readonly udis: readonly string[];
    readonly attempts: number;
    /** Null while there is no date, for the reason that is told. */
    readonly nextAttemptAtMs: number | null;
    readonly nextAttemptReason: string;
    readonly lastFailure: Failure | null;
  } | null;
  /** Why somebody was given nothing; null when nobody was refused. */
  readonly refusal: TrustView["refusal"];
};

export type TransportView = {
  readonly type: TransportType;
  /** Configured addresses; null where the default applies. */
  readonly smartUrl: string | null;
  readonly csluUrl: string | null;
  readonly defaultSmartUrl: string;
  readonly proxy: {
    readonly address: string | null;
    readonly port: number | null;
    readonly username: string | null;
    readonly hasPassword: boolean;
  } | null;
  readonly vrf: string | null;
  /** Of the transport in force. */
  readonly checksServerIdentity: boolean;
  /** What Call Home says, whether it is the transport or not; null where no active profile carries licensing data. */
  readonly callHome: { readonly profile: string; readonly url: string | null } | null;
  readonly sourceInterface: string | null;
};

export type ReportingView = {
  readonly lastAckAtMs: number | null;
  readonly deadline: AckDeadline | null;
  readonly pushInterval: PushInterval;
  /** The platform's own rhythm, which stands above the push interval (REP-6). */
  readonly platformEverySeconds: number | null;
  readonly configuredDays: number | null;
  readonly nextPollAtMs: number | null;
  readonly nextPushAtMs: number | null;
  /** Which rule made the next push, for people. */
  readonly nextPushRule: string;
  readonly lastPushAtMs: number | null;
  readonly lastFileWriteAtMs: number | null;
};

export type TrustView = {
  /** What is being tried, without the token. */
  readonly attempt: {
    readonly attempts: number;
    readonly startedAtMs: number;
    readonly nextAttemptAtMs: number;
    readonly lastFailure: Failure | null;
  } | null;
  /** Why somebody has no trust and nothing is tried any more; null when nobody was refused (BET-9). */
  readonly refusal: {
    readonly atMs: number;
    readonly code: string;
    readonly message: string;
    readonly udis: readonly string[];
  } | null;
  readonly exportControlAllowed: boolean;
};

export type LicenseUsageView = {
  readonly handle: number;
  readonly name: string;
  readonly description: string;
  /** What stands in brackets behind the name. */
  readonly heading: string;
  readonly tag: string;
  readonly licenseClass: LicenseClass;
  /** False for a licence that needs an authorization code and has none for its count. */
  readonly isAuthorized: boolean;
  readonly count: number;
  readonly statusAtMs: number | null;
  readonly requestedAtMs: number | null;
  readonly currentReportId: number | null;
  readonly previousReportId: number | null;
};

export type CommunicationView = {
  readonly statistics: AgentState["communication"]["statistics"];
  readonly failingSinceMs: number | null;
  readonly peer: {
    readonly name: string;
    readonly version: string;
    readonly production: boolean;
    readonly capabilities: readonly string[];
  } | null;
  readonly agentCapabilities: readonly string[];
};

/** `never` is not scheduled any more, `unavailable` does not exist on this device. */
export type JobView = { readonly name: string; readonly next: number | "never" | "unavailable" };

export type AirEntitiesView = {
  readonly lastReportAtMs: number | null;
  readonly nextReportAtMs: number | null;
  readonly activeAtLastReport: number;
  readonly addedWithLastReport: number;
  readonly deletedWithLastReport: number;
  /** `PID:x,SN:y` of those, and of the ones that were there before and still are. */
  readonly added: readonly string[];
  readonly deleted: readonly string[];
  readonly unchanged: readonly string[];
  /** The product demands an ACK, whatever the policy says (POL-3). */
  readonly isAckMandatory: boolean;
};

export const reportStates = ["OPEN", "CLOSED", "PENDING", "UNACK", "REFUSED", "ACK", "DELETED"] as const;
export type ReportState = (typeof reportStates)[number];

export type ReportRowView = {
  readonly reportId: number;
  readonly state: ReportState;
  readonly isPurged: boolean;
  readonly featureName: string;
};

export type ReportDetailView = ReportRowView & {
  readonly tag: string;
  readonly udi: Udi;
  readonly previousReportId: number | null;
  readonly nextReportId: number | null;
  readonly closeReason: string | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly isStored: boolean;
  /** Code and remedy when the manager refused it. */
  readonly refusal: string | null;
};

/** How one request ended. The bodies are redacted before they get here (BET-11). */
export type HistoryOutcome =
  | { readonly type: "answered"; readonly atMs: number; readonly status: string; readonly body: string }
  | { readonly type: "no_answer"; readonly atMs: number; readonly reason: string }
  | { readonly type: "under_way" };

export type HistoryMessageView = {
  readonly kind: MessageKind;
  readonly sentAtMs: number;
  readonly body: string;
  readonly outcome: HistoryOutcome;
};

export const importKinds = ["policy", "auth", "trust_code", "rum_ack", "conversion_ack", "account_info"] as const;
export type ImportKind = (typeof importKinds)[number];

export type ImportView = { readonly kind: ImportKind; readonly receivedAtMs: number; readonly content: string };

/** `model`: which kinds of message the software has. */
export type HistoryView = {
  readonly model: AgentLicensingModel;
  readonly messages: readonly HistoryMessageView[];
  readonly imports: readonly ImportView[];
};

export type EventLineView = {
  readonly atMs: number;
  readonly name: string;
  readonly details: Readonly<Record<string, string>>;
};

/** Of somebody who is logged in; whoever comes over the network has a location. */
export type LoggedInUser = {
  readonly line: string;
  readonly user: string;
  readonly location: string | null;
  readonly idleSeconds: number;
  readonly isAsking: boolean;
};

/** Where show commands get their values from. Reads only: it cannot change a device. */
export interface LicenseReader {
  view(): LicenseView;
  reports(): Promise<readonly ReportRowView[]>;
  report(reportId: number): Promise<ReportDetailView | null>;
  history(): Promise<HistoryView>;
  /** What a factory reset would remove and keep now; removes nothing. */
  factoryResetPreview(what: FactoryReset): FactoryResetPreview;
  /** Null for all; else only what happened at or after this time. */
  events(sinceMs: number | null): Promise<readonly EventLineView[]>;
  /** Without lines and receivers where the device does not run. */
  logging(): LoggingView;
  snmp(): SnmpView;
  /** Debugs, trace and captures; nothing where the device does not run. */
  watch(): WatchView;
  clock(): ClockView;
  runningConfiguration(): RunningConfiguration;
  /** Null when nothing was ever saved. */
  startupConfiguration(): RunningConfiguration | null;
  network(): Promise<NetworkView>;
  /** When the device was started or reloaded; where it does not run, when it is looked at. */
  startedAtMs(): number;
}
