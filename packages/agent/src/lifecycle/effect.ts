// What the machine asks the world to do. Carried out in order, after the new state has been stored.

import type { MeasurementMeta } from "@countersign/protocol";
import type { MessageKind } from "./state.ts";

export type AgentEffect =
  /** Report bodies. `measure` ends the running measurement of an open report; `close` seals it. */
  | {
      readonly type: "measure";
      readonly tag: string;
      readonly reportId: number;
      readonly startSeconds: number;
      readonly endSeconds: number;
      readonly count: number;
      readonly meta: MeasurementMeta;
    }
  | { readonly type: "close-report"; readonly tag: string; readonly reportId: number; readonly reason: string }
  | { readonly type: "delete-reports"; readonly reportIds: readonly number[] }
  | { readonly type: "mark-reports"; readonly reportIds: readonly number[]; readonly status: "unacknowledged" | "refused" }
  | { readonly type: "delete-all-reports" }
  /** One exchange with the manager; its result comes back as an event with the same id. */
  | { readonly type: "establish-trust"; readonly exchangeId: number; readonly token: string; readonly scope: "local" | "all"; readonly force: boolean }
  | { readonly type: "sync-trust"; readonly exchangeId: number }
  | { readonly type: "push-usage"; readonly exchangeId: number }
  | { readonly type: "poll-result"; readonly exchangeId: number; readonly pollId: string; readonly productInstanceIdentifier: string }
  | { readonly type: "say-hello"; readonly exchangeId: number }
  | { readonly type: "delete-keys"; readonly keyIds: readonly string[] }
  /** To be woken by a `timer` event at this time; one wake-up stands, the earliest. */
  | { readonly type: "wake-at"; readonly atMs: number }
  | { readonly type: "log"; readonly line: SyslogLine }
  | { readonly type: "record-event"; readonly name: string; readonly details: Readonly<Record<string, string>> }
  /** For the embedding product's callbacks. */
  | { readonly type: "notify"; readonly notice: AgentNotice };

/** `%FACILITY-SEVERITY-MNEMONIC: text` */
export type SyslogLine = {
  readonly facility: string;
  readonly severity: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;
  readonly mnemonic: string;
  readonly text: string;
};

export type AgentNotice =
  | { readonly type: "trust-installed"; readonly udi: string }
  | { readonly type: "policy-installed"; readonly policyVersion: number; readonly name: string }
  | { readonly type: "acknowledged"; readonly sequence: number; readonly reportIds: readonly number[] }
  | { readonly type: "acknowledgement-overdue"; readonly sinceMs: number; readonly deadlineAtMs: number }
  | { readonly type: "acknowledgement-due"; readonly deadlineAtMs: number; readonly days: number }
  | { readonly type: "communication-failed"; readonly kind: MessageKind; readonly stage: string; readonly code: string; readonly message: string }
  | { readonly type: "communication-restored" };
