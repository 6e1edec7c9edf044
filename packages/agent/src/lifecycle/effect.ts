// What the machine asks the world to do. Carried out in order, after the new state has been stored.
// Exactly one `wake-at` closes the effects of every step; it replaces the wake-up before it.

import type { AuthorizationWish, HaRole, LegacyLicense, MeasurementMeta, TreeHead, Udi } from "@countersign/protocol";
import type { ClassicStanding } from "./classic/classic-state.ts";
import type { CloseReason, MessageKind } from "./state.ts";

export type AgentEffect =
  /** Report bodies. `measure` appends one finished measurement; `close-report` seals the payload, whose last measurement it was. */
  | {
      readonly type: "measure";
      readonly tag: string;
      readonly reportId: number;
      readonly startSeconds: number;
      readonly endSeconds: number;
      readonly count: number;
      readonly meta: MeasurementMeta;
    }
  | {
      readonly type: "close-report";
      readonly tag: string;
      readonly reportId: number;
      readonly reason: CloseReason;
      /** As the installation was while the report was open: the state beside this effect may already be another. */
      readonly facts: ReportFacts;
    }
  | { readonly type: "delete-reports"; readonly reportIds: readonly number[] }
  | {
      readonly type: "mark-reports";
      readonly reportIds: readonly number[];
      readonly status: "unacknowledged" | "refused";
    }
  /** All refused reports wait for sending again: sign their unchanged payloads with the key in force. */
  | { readonly type: "requeue-refused" }
  | { readonly type: "delete-all-reports" }
  /** One exchange with the manager; its result comes back as an event with the same id. */
  | {
      readonly type: "establish-trust";
      readonly exchangeId: number;
      /** Null where none is needed. */
      readonly token: string | null;
      readonly scope: "local" | "all";
      readonly force: boolean;
      /** Keys that do not exist yet are made and stored under these names before anything is sent. */
      readonly devices: readonly TrustSeeker[];
    }
  | { readonly type: "sync-trust"; readonly exchangeId: number; readonly devices: readonly TrustSeeker[] }
  | { readonly type: "push-usage"; readonly exchangeId: number }
  | {
      readonly type: "poll-result";
      readonly exchangeId: number;
      readonly pollId: string;
      readonly productInstanceIdentifier: string;
    }
  | {
      readonly type: "request-authorization";
      readonly exchangeId: number;
      readonly wishes: readonly AuthorizationWish[];
    }
  | {
      readonly type: "confirm-authorization";
      readonly exchangeId: number;
      readonly told: readonly AuthorizationTold[];
    }
  | {
      readonly type: "return-authorization";
      readonly exchangeId: number;
      readonly told: readonly AuthorizationTold[];
    }
  | { readonly type: "say-hello"; readonly exchangeId: number }
  /** Classic model. */
  | {
      readonly type: "register";
      readonly exchangeId: number;
      readonly token: string;
      readonly force: boolean;
      readonly devices: readonly TrustSeeker[];
    }
  | { readonly type: "renew-id"; readonly exchangeId: number; readonly devices: readonly TrustSeeker[] }
  | {
      readonly type: "authorize";
      readonly exchangeId: number;
      readonly entitlements: readonly { readonly tag: string; readonly count: number }[];
    }
  | {
      readonly type: "convert";
      readonly exchangeId: number;
      readonly converting: readonly { readonly udi: Udi; readonly licenses: readonly LegacyLicense[] }[];
    }
  | { readonly type: "deregister"; readonly exchangeId: number }
  | { readonly type: "delete-keys"; readonly keyIds: readonly string[] }
  /** Whether these keys can be used, those of them that exist; answered by `cryptography-tried`. */
  | { readonly type: "try-cryptography"; readonly keyIds: readonly string[] }
  /** To be woken by a `timer` event at this time; one wake-up stands, the last one asked for. */
  | { readonly type: "wake-at"; readonly atMs: number }
  | { readonly type: "log"; readonly line: SyslogLine }
  /** One line of the event log, named as there: `SAEVT_READY`. */
  | { readonly type: "record-event"; readonly name: string; readonly details: Readonly<Record<string, string>> }
  /** For the embedding product's callbacks. */
  | { readonly type: "notify"; readonly notice: AgentNotice };

/** A code that is confirmed or given back; `digits` is its confirmation or its return code. */
export type AuthorizationTold = {
  /** As `formatUdi` writes it. */
  readonly udi: string;
  readonly productInstanceIdentifier: string;
  readonly sequence: number;
  readonly digits: string;
};

/** A device in a trust request. With `wantsCertificate` a CSR for its key goes along; without, it is only named. */
export type TrustSeeker = {
  readonly udi: Udi;
  readonly role: HaRole;
  readonly trustId: number;
  readonly keyId: string;
  readonly wantsCertificate: boolean;
};

export type ReportFacts = {
  /** The active device, in whose name the report is. */
  readonly udi: Udi;
  readonly members: readonly { readonly udi: Udi; readonly role: HaRole }[];
  readonly productTag: string;
  readonly softwareVersion: string;
};

/** `%FACILITY-SEVERITY-MNEMONIC: text` */
export type SyslogLine = {
  readonly facility: string;
  readonly severity: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;
  readonly mnemonic: string;
  readonly text: string;
};

export type AgentNotice =
  | { readonly type: "trust-installed"; readonly udi: string }
  /** Somebody has no trust. `final` when nothing more is tried until a person acts. */
  | {
      readonly type: "trust-refused";
      readonly code: string;
      readonly message: string;
      readonly udis: readonly string[];
      readonly final: boolean;
    }
  /** A person's request that cannot be carried out as it is; nothing was changed. */
  | {
      readonly type: "request-refused";
      readonly request:
        | "trust"
        | "sync"
        | "authorization"
        | "registration"
        | "renewal"
        | "deregistration"
        | "conversion";
      readonly code: RefusedRequest;
      readonly message: string;
    }
  /** Classic model: how the device stands with its account has changed, or the evaluation period nears its end. */
  | {
      readonly type: "classic-standing";
      readonly isRegistered: boolean;
      readonly standing: ClassicStanding;
      /** Tags of which the virtual account has too few. */
      readonly shortTags: readonly string[];
      /** Null while nothing is evaluated. */
      readonly evaluationRemainingMs: number | null;
      /** What went wrong; null where nothing did. */
      readonly reason: string | null;
    }
  | { readonly type: "authorization-installed"; readonly udi: string; readonly tags: readonly string[] }
  /** Somebody was given no code. `final` when nothing more is tried until a person acts. */
  | {
      readonly type: "authorization-refused";
      readonly code: string;
      readonly message: string;
      readonly udis: readonly string[];
      readonly final: boolean;
    }
  | {
      readonly type: "authorization-removed";
      readonly udi: string;
      readonly reason: "returned" | "withdrawn" | "factory_reset";
    }
  /** An enforced or export-controlled licence is in use without a code. Nothing stops; what it means is for the product. */
  | { readonly type: "not-authorized"; readonly tag: string }
  | { readonly type: "authorized"; readonly tag: string }
  | { readonly type: "policy-installed"; readonly policyVersion: number; readonly name: string }
  | { readonly type: "usage-changed"; readonly tag: string; readonly count: number; readonly countBefore: number }
  | { readonly type: "acknowledged"; readonly sequence: number; readonly reportIds: readonly number[] }
  /** The manager shows another history of its ledger than before: its ACK was not taken, nothing was deleted. */
  | { readonly type: "ledger-rewritten"; readonly kept: TreeHead; readonly offered: TreeHead }
  /** The manager goes on with another ledger, as after a restore. */
  | { readonly type: "ledger-changed"; readonly kept: TreeHead; readonly offered: TreeHead }
  /** `isMandatory`: the product itself demands it (POL-3); otherwise only the policy does. */
  | {
      readonly type: "acknowledgement-overdue";
      readonly sinceMs: number;
      readonly deadlineAtMs: number;
      readonly isMandatory: boolean;
    }
  | {
      readonly type: "acknowledgement-due";
      readonly deadlineAtMs: number;
      readonly days: number;
      readonly isMandatory: boolean;
    }
  | {
      readonly type: "communication-failed";
      readonly kind: MessageKind;
      readonly stage: string;
      readonly code: string;
      readonly message: string;
    }
  | { readonly type: "communication-restored" };

export type RefusedRequest =
  | "trust_already_installed"
  | "transport_off"
  | "trust_missing"
  | "authorization_missing"
  | "cryptography_not_ready"
  /** The software has the other licensing model (GEN-6). */
  | "other_licensing_model"
  | "already_registered"
  | "not_registered"
  | "nothing_to_convert"
  | "already_converted";
