// What can happen to a product instance. Each event carries what it knows; the time comes beside it.

import type {
  Acknowledgement,
  HaRole,
  LegacyLicense,
  LicenseClass,
  Policy,
  ReportRefusal,
  Udi,
} from "@countersign/protocol";
import type { AuthorizedCount } from "./authorization-state.ts";
import type { ClassicVerdict } from "./classic/classic-state.ts";
import type { LedgerAnswer } from "./ledger-watch.ts";
import type { AgentConfiguration, AgentLicensingModel, CloseReason, Failure, HeldStatus } from "./state.ts";

export type AgentEvent =
  /** `greatestReportId`: the greatest id that the report store knows, so that no id is ever used twice. */
  | {
      readonly type: "booted";
      readonly reason: "first" | "reload" | "restart";
      readonly greatestReportId?: number;
      /** Why the keys cannot be used yet; absent when they can. */
      readonly cryptographyRefusal?: string;
    }
  /** The end of an attempt to use the keys; null when they can be used. */
  | { readonly type: "cryptography-tried"; readonly refusal: string | null }
  | { readonly type: "configured"; readonly change: Partial<AgentConfiguration> }
  | { readonly type: "hostname-changed"; readonly hostname: string }
  /** `licensingModel` where the new software has another one; absent: as before. */
  | {
      readonly type: "software-upgraded";
      readonly softwareVersion: string;
      readonly licensingModel?: AgentLicensingModel;
    }
  | {
      readonly type: "usage-set";
      readonly tag: string;
      readonly licenseClass: LicenseClass;
      readonly count: number;
      /** Devices behind the count that came or went, such as access points (REP-9). */
      readonly added?: readonly Udi[];
      readonly removed?: readonly Udi[];
    }
  | {
      readonly type: "trust-requested";
      readonly token: string;
      readonly scope: "local" | "all";
      readonly force: boolean;
    }
  | { readonly type: "sync-requested"; readonly scope: "local" | "all" }
  | { readonly type: "factory-reset-requested"; readonly what: "all" | "trust" | "policy" }
  | { readonly type: "members-changed"; readonly members: readonly { readonly udi: Udi; readonly role: HaRole }[] }
  | { readonly type: "clock-changed"; readonly deltaSeconds: number }
  /** Open reports are to be sealed now, so that a file or a pull carries the usage up to this moment. */
  | { readonly type: "reports-close-requested"; readonly reason: CloseReason }
  | { readonly type: "usage-file-written"; readonly reports: readonly HeldReport[] }
  /** Closed reports that were signed for the first time: CLOSED becomes PENDING, their bytes never change again. */
  | { readonly type: "reports-handed-out"; readonly reportIds: readonly number[] }
  /** The store was full: `removed` now live on inside `into`, which was closed before and still is. */
  | { readonly type: "reports-merged"; readonly removed: readonly HeldReport[]; readonly into: number }
  /** The store found these gone or damaged beyond repair. */
  | { readonly type: "reports-lost"; readonly reports: readonly HeldReport[] }
  /** By file; verified like an answer, but no exchange belongs to it. */
  | ({ readonly type: "acknowledgement-imported" } & ReceivedAcknowledgement)
  | { readonly type: "policy-imported"; readonly policy: Policy }
  /** Trust codes and account names by file, verified like an answer. */
  | ({ readonly type: "trust-imported" } & GivenTrust)
  /** A file is to ask for trust: devices that have none get a key of their own. */
  | { readonly type: "trust-file-requested"; readonly scope: "local" | "all" }
  /** Authorization codes for enforced and export-controlled licences, beside what there is or in its place. */
  | {
      readonly type: "authorization-requested";
      readonly mode: "add" | "replace";
      readonly licenses: readonly AuthorizedCount[];
      readonly scope: "local" | "all";
    }
  | {
      readonly type: "authorization-return-requested";
      readonly scope: "local" | "all";
      /** `offline`: a person carries the return code, nothing is sent. */
      readonly way: "online" | "offline";
    }
  /** By file; verified like an answer. */
  | { readonly type: "authorization-imported"; readonly given: readonly AuthorizationGiven[] }
  /** Classic model: registers all devices of the installation with an ID token (CLI-13). */
  | { readonly type: "registration-requested"; readonly token: string; readonly force: boolean }
  | { readonly type: "deregistration-requested" }
  /** Classic model: renews the ID certificate, or the authorization, now. */
  | { readonly type: "renewal-requested"; readonly what: "id" | "authorization" }
  /** Classic model: tells the manager once which licences of the time before these devices have (CNV-2). */
  | {
      readonly type: "conversion-requested";
      readonly converting: readonly { readonly udi: Udi; readonly licenses: readonly LegacyLicense[] }[];
    }
  | { readonly type: "conversion-stopped" }
  /** The last event of an orderly end: usage is measured up to here. */
  | { readonly type: "stopping" }
  | { readonly type: "timer" }
  | ExchangeEvent;

/** A report of the store with its status at this moment. */
export type HeldReport = { readonly reportId: number; readonly status: HeldStatus };

/** A verified ACK, matched with the store by id and content hash. What matches nothing is left out. */
export type ReceivedAcknowledgement = {
  readonly acknowledgement: Acknowledgement;
  readonly taken: readonly HeldReport[];
  readonly refused: readonly (HeldReport & { readonly code: ReportRefusal; readonly remedy: string })[];
  readonly policy: Policy | null;
  readonly ledger: LedgerAnswer;
};

/** What a manager gave the devices of this installation, and whom it refused. Everything in it is already verified. */
export type GivenTrust = {
  readonly devices: readonly TrustedDevice[];
  readonly refused: readonly { readonly udi: Udi; readonly message: string }[];
  readonly account: { readonly smartAccount: string; readonly virtualAccount: string; readonly asOfMs: number } | null;
  readonly policy: Policy | null;
};

/** A verified authorization code. */
export type AuthorizationGiven = {
  readonly udi: Udi;
  readonly productInstanceIdentifier: string;
  readonly sequence: number;
  readonly licenses: readonly AuthorizedCount[];
  readonly confirmationCode: string;
  readonly returnCode: string;
};
export type RefusedAuthorization = { readonly udi: Udi; readonly code: string; readonly message: string };

/** What the manager says to confirmations or returns; `udi` as `formatUdi` writes it. */
export type AuthorizationHeard = {
  readonly devices: readonly {
    readonly udi: string;
    readonly sequence: number;
    readonly refusal: { readonly code: string; readonly message: string } | null;
    /** The newer code that has taken the place of the one that was confirmed; null where that one counts. */
    readonly newer: AuthorizationGiven | null;
  }[];
};

/** What a verified answer tells of its sender, whatever else it says. */
export type PeerContact = {
  readonly peer: {
    readonly name: string;
    readonly version: string;
    readonly production: boolean;
    readonly capabilities: readonly string[];
  };
  /** Base64 DER of the certificate that signed the answer; kept for the next exchange. */
  readonly signingCertificate: string | null;
};

/** Results of the exchange that was asked for by the effect with the same id. Everything in them is already verified. */
export type ExchangeEvent =
  | ({
      readonly type: "trust-answered";
      readonly exchangeId: number;
      readonly contact: PeerContact;
    } & GivenTrust)
  | ({
      readonly type: "usage-acknowledged";
      readonly exchangeId: number;
      readonly contact: PeerContact;
    } & ReceivedAcknowledgement)
  | {
      readonly type: "authorization-answered";
      readonly exchangeId: number;
      readonly contact: PeerContact;
      readonly given: readonly AuthorizationGiven[];
      readonly refused: readonly RefusedAuthorization[];
    }
  | ({
      readonly type: "authorization-heard";
      readonly exchangeId: number;
      readonly contact: PeerContact;
    } & AuthorizationHeard)
  | {
      readonly type: "poll-later";
      readonly exchangeId: number;
      readonly contact: PeerContact;
      readonly pollId: string;
      readonly afterSeconds: number;
    }
  | {
      readonly type: "try-again";
      readonly exchangeId: number;
      readonly contact: PeerContact;
      readonly afterSeconds: number;
    }
  | {
      readonly type: "hello-answered";
      readonly exchangeId: number;
      readonly contact: PeerContact;
      readonly serverTimeMs: number;
    }
  | { readonly type: "nothing-to-report"; readonly exchangeId: number }
  | ClassicResult
  | {
      readonly type: "exchange-failed";
      readonly exchangeId: number;
      /** Null when no verified answer came: a communication failure. Otherwise the peer refused. */
      readonly contact: PeerContact | null;
      readonly failure: Failure;
      /** What the peer asked for; 0 when it named nothing. */
      readonly retryAfterSeconds: number;
    };

/** Results of classic exchanges; verified too. */
export type ClassicResult =
  /** Of a registration or of a renewal of ID certificates. */
  | ({
      readonly type: "registration-answered";
      readonly exchangeId: number;
      readonly contact: PeerContact;
      readonly devices: readonly RegisteredDevice[];
      readonly refused: readonly { readonly udi: Udi; readonly message: string }[];
    } & RegistrationFacts)
  | ({
      readonly type: "classic-authorized";
      readonly exchangeId: number;
      readonly contact: PeerContact;
      readonly entitlements: readonly ClassicVerdict[];
      readonly renewAfterSeconds: number;
      readonly expiresAtMs: number;
    } & RegistrationFacts)
  | {
      readonly type: "conversion-answered";
      readonly exchangeId: number;
      readonly contact: PeerContact;
      readonly given: readonly ConversionGiven[];
      readonly refused: readonly { readonly udi: Udi; readonly code: string; readonly message: string }[];
    }
  | { readonly type: "deregistered"; readonly exchangeId: number; readonly contact: PeerContact };

/** The manager's word, verified, that the licences of one device are deposited. */
export type ConversionGiven = { readonly udi: Udi; readonly payload: string; readonly virtualAccount: string };

const classicResults = {
  "registration-answered": true,
  "classic-authorized": true,
  "conversion-answered": true,
  deregistered: true,
} satisfies Record<ClassicResult["type"], true>;
export function isClassicResult(event: AgentEvent): event is ClassicResult {
  return Object.hasOwn(classicResults, event.type);
}

export type RegistrationFacts = {
  readonly account: { readonly smartAccount: string; readonly virtualAccount: string; readonly asOfMs: number };
  readonly exportControlAllowed: boolean;
};

/** A device with the ID certificate of its registration. */
export type RegisteredDevice = Omit<TrustedDevice, "exportControlAllowed">;

export type TrustedDevice = {
  readonly udi: Udi;
  readonly keyId: string;
  readonly productInstanceIdentifier: string;
  readonly certificateSerial: string;
  readonly certificate: string;
  readonly expiresAtMs: number;
  readonly exportControlAllowed: boolean;
};
