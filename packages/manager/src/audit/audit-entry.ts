// One administrative act as the ledger keeps it: who did what, why and when, what was before and what is after. The text of
// an entry is stored as it was made, and its leaf is over the hash of exactly these bytes (docs/concepts, "Audit").

import type { Cause, NewEvent } from "../events/event.ts";

/** What administrators can do, and what is done on a device's word that they let in. An act is named here, and its use case is given no other way to write. */
export const administrativeActs = [
  "create_smart_account",
  "create_virtual_account",
  "create_token",
  "revoke_token",
  "add_purchase",
  "import_licenses",
  "set_policy",
  "generate_authorization",
  "return_authorization",
  "withdraw_authorization",
  "import_authorization_request",
  "transfer_product_instance",
  "remove_product_instance",
  "enrol_by_file",
  "import_usage_file",
  "add_operator",
  "remove_operator",
  "take_over_operators",
  "change_operator_access",
  "purge_report_bodies",
  "restore_backup",
  "handle_alert",
  "transfer_licenses",
  "undo_license_transfer",
  "declare_substitutions",
  "establish_premises",
  "set_admission",
  "add_lower_manager",
  "remove_lower_manager",
  "connect_upstream",
  "apply_sync",
  "allow_conversion",
  "set_automatic_conversion",
  "convert_licenses",
] as const;
export type AdministrativeAct = (typeof administrativeActs)[number];

/** Changes in one entry; an act with more, such as a large import, is several entries with consecutive leaves. */
export const changesPerEntryMax = 500;

/** An entry as its text says it; members named as in the text. */
export type AuditEntry = {
  readonly version: "1.0";
  readonly act: AdministrativeAct;
  readonly part: number;
  readonly parts: number;
  /** RFC 3339, milliseconds, UTC. */
  readonly at: string;
  readonly by: AuditActor;
  readonly reason: string | null;
  /** Of the licence file that a person carried; null for an act without one. */
  readonly file_sha256: string | null;
  readonly changes: readonly {
    readonly event: string;
    readonly virtual_account_id: number | null;
    readonly installation_id: number | null;
    readonly before: unknown;
    readonly after: unknown;
  }[];
};

/** An operator with its number, the administration socket of a data directory, a device's message, or the manager itself. */
export type AuditActor =
  | { readonly kind: "operator"; readonly name: string; readonly operator_id: number | null }
  | { readonly kind: "local" }
  | { readonly kind: "message"; readonly product_instance_identifier: string }
  | { readonly kind: "system"; readonly name: string };

export type StoredAuditEntry = {
  readonly smartAccountId: number;
  readonly leafIndex: number;
  readonly atMs: number;
  readonly act: AdministrativeAct;
  /** Name of the operator; null for whoever is none. */
  readonly operator: string | null;
  /** The exact text that the leaf stands for. */
  readonly entry: string;
};

export type ActFacts = { readonly act: AdministrativeAct; readonly cause: Cause; readonly atMs: number };

/** The texts of an act's entries, in the order of their leaves, each with the events that it tells of. */
export function entriesOf(
  { act, cause, atMs }: ActFacts,
  events: readonly NewEvent[],
): readonly { readonly entry: string; readonly events: readonly NewEvent[] }[] {
  const parts = Math.ceil(events.length / changesPerEntryMax);
  return Array.from({ length: parts }, (_, at) => {
    const told = events.slice(at * changesPerEntryMax, (at + 1) * changesPerEntryMax);
    const entry: AuditEntry = {
      version: "1.0",
      act,
      ...{ part: at + 1, parts },
      at: new Date(atMs).toISOString(),
      by: actorOf(cause),
      reason: reasonOf(cause),
      file_sha256: cause.kind === "file" ? cause.name : null,
      changes: told.map(changeOf),
    };
    return { entry: JSON.stringify(entry), events: told };
  });
}

function changeOf(event: NewEvent): AuditEntry["changes"][number] {
  return {
    event: event.kind,
    virtual_account_id: event.virtualAccountId,
    installation_id: event.installationId,
    before: event.before ?? null,
    after: event.after ?? null,
  };
}

function actorOf(cause: Cause): AuditActor {
  switch (cause.kind) {
    case "operator":
      return { kind: "operator", name: cause.name, operator_id: cause.operatorId ?? null };
    case "file":
      return cause.operator === ""
        ? { kind: "local" }
        : { kind: "operator", name: cause.operator, operator_id: cause.operatorId ?? null };
    case "local":
      return { kind: "local" };
    case "message":
      return { kind: "message", product_instance_identifier: cause.productInstanceIdentifier };
    case "system":
      return { kind: "system", name: cause.reason };
    default:
      return cause satisfies never;
  }
}

export function operatorOf(cause: Cause): string | null {
  const actor = actorOf(cause);
  return actor.kind === "operator" ? actor.name : null;
}

function reasonOf(cause: Cause): string | null {
  return cause.kind === "message" || cause.kind === "system" ? null : (cause.reason ?? null);
}
