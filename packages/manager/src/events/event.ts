// The record of every change of state: what, why, before and after. Written by the transaction that makes the change (I6).

export const eventKinds = [
  "smart_account_created",
  "virtual_account_created",
  "token_created",
  "token_used",
  "token_revoked",
  "device_added",
  "device_key_replaced",
  "device_certificate_renewed",
  "device_joined_installation",
  "device_role_changed",
  "device_transferred",
  "device_removed",
  "installation_emptied",
  "licenses_added",
  "authorization_generated",
  "authorization_confirmed",
  "authorization_replaced",
  "authorization_returned",
  "authorization_withdrawn",
  "authorization_refused",
  "policy_set",
  "usage_reported",
  "reports_missing",
  "reports_refused",
  "report_conflict",
  "manager_restored",
  "ledger_disputed",
  "report_bodies_purged",
  "operator_added",
  "operator_removed",
  "operator_taken_over",
  "operator_access_changed",
  "alert_handled",
  "licenses_transferred",
  "license_transfer_undone",
  "substitutions_declared",
  "license_shortage_began",
  "license_shortage_ended",
  "usage_authorized",
  "usage_released",
  "licensing_model_changed",
  "premises_established",
  "admission_set",
  "lower_manager_added",
  "lower_manager_registered",
  "lower_manager_removed",
  "upstream_connected",
  "upstream_synced",
  "conversion_asked",
  "conversion_allowed",
  "licenses_converted",
  "conversion_setting_changed",
] as const;
export type EventKind = (typeof eventKinds)[number];

/** Kinds that somebody must look into. */
const alertKinds: ReadonlySet<EventKind> = new Set(["report_conflict", "ledger_disputed"]);

export function isAlert({ kind }: Pick<NewEvent, "kind">): boolean {
  return alertKinds.has(kind);
}

/** Who or what made the change. */
export type Cause =
  | {
      readonly kind: "message";
      readonly requestType: string;
      readonly nonce: string;
      readonly productInstanceIdentifier: string;
    }
  | {
      readonly kind: "operator";
      readonly name: string;
      /** Missing in rows of version 1, and where a program acts in somebody's name. */
      readonly operatorId?: number;
      /** Why, in the operator's own words. */
      readonly reason?: string;
    }
  /** The administration socket of the data directory, or a command on a stopped manager: whoever owns the directory. */
  | { readonly kind: "local"; readonly reason?: string }
  | {
      /** A licence file that a person carried; `name` is its SHA-256. */
      readonly kind: "file";
      readonly name: string;
      /** "" for whoever owns the data directory. */
      readonly operator: string;
      readonly operatorId?: number;
      readonly reason?: string;
    }
  | { readonly kind: "system"; readonly reason: string };

export type NewEvent = {
  readonly smartAccountId: number;
  readonly atMs: number;
  readonly kind: EventKind;
  readonly virtualAccountId: number | null;
  readonly installationId: number | null;
  readonly cause: Cause;
  readonly before: unknown;
  readonly after: unknown;
};

/** `leafIndex` is the ledger's leaf of the administrative act that this event is part of; null for any other event. */
export type StoredEvent = NewEvent & { readonly eventId: number; readonly leafIndex: number | null };

/** One line for people, as the virtual account's event log shows it (TRU-13). */
export function describeEvent(event: Pick<NewEvent, "kind" | "before" | "after">): string {
  return `${sentences[event.kind]}${detailOf(event.after)}`;
}

const sentences: Readonly<Record<EventKind, string>> = {
  smart_account_created: "The smart account was created",
  virtual_account_created: "A virtual account was created",
  token_created: "An ID token was created",
  token_used: "An ID token was used",
  token_revoked: "An ID token was revoked",
  device_added: "A product instance was added",
  device_key_replaced: "A product instance's key was replaced by force",
  device_certificate_renewed: "A product instance's certificate was renewed",
  device_joined_installation: "A product instance joined an installation",
  device_role_changed: "The roles of an installation changed",
  device_transferred: "A product instance was transferred to another virtual account",
  device_removed: "A product instance was removed",
  installation_emptied: "An installation lost its last member; its licences are free",
  licenses_added: "Licences were added",
  authorization_generated: "An authorization code was made",
  authorization_confirmed: "A product instance installed its authorization code",
  authorization_replaced: "A newer authorization code takes the place of one",
  authorization_returned: "A product instance gave its authorization code back",
  authorization_withdrawn: "An authorization code was withdrawn",
  authorization_refused: "A product instance was given no authorization code",
  policy_set: "The reporting policy was changed",
  usage_reported: "Usage was reported",
  reports_missing: "Reports are missing between those received",
  reports_refused: "Reports were refused",
  report_conflict: "A report contradicts one that was acknowledged before",
  manager_restored: "The manager was restored from a backup; devices report again what they still hold",
  ledger_disputed: "A product instance refused an acknowledgement: the ledger it was shown is not the one it knows",
  report_bodies_purged: "Old report bodies were purged; hashes, leaves and acknowledgements stay",
  operator_added: "An operator was added",
  operator_removed: "An operator was removed",
  operator_taken_over: "An operator was taken over from the file of a data directory",
  operator_access_changed: "What an operator may do was changed",
  alert_handled: "An alert was marked as handled",
  licenses_transferred: "Licences were transferred between virtual accounts",
  license_transfer_undone: "A transfer of licences was taken back",
  substitutions_declared: "Which licences stand in for which was declared",
  license_shortage_began: "More licences are in use than there are",
  license_shortage_ended: "There are enough licences again",
  usage_authorized: "Use of licences was authorized, or found short",
  usage_released: "What an installation used counts as free again: it was silent for 90 days",
  conversion_asked: "A product instance asks to convert its old licences; an administrator has to allow it",
  conversion_allowed: "The conversion of a product instance's old licences was allowed",
  licenses_converted: "A product instance's old licences were converted",
  conversion_setting_changed: "Whether old licences are converted without an administrator was changed",
  licensing_model_changed: "An installation came to another licensing model",
  premises_established: "The smart account is kept on premises",
  lower_manager_added: "A manager on premises was announced",
  lower_manager_registered: "A manager on premises was given its issuing CA",
  lower_manager_removed: "A manager on premises was removed; what it sends is refused",
  upstream_connected: "The account stands below another manager",
  upstream_synced: "The manager above has acknowledged what was sent",
  admission_set: "Whom the account lets in without a token was changed",
};

function detailOf(after: unknown): string {
  if (typeof after !== "object" || after === null) return "";
  const named = after as Record<string, unknown>;
  const parts = ["udi", "name", "tag", "quantity", "description", "code"].flatMap((key) => {
    const value = named[key];
    return (typeof value === "string" && value !== "") || typeof value === "number" ? [`${value}`] : [];
  });
  return parts.length === 0 ? "" : `: ${parts.join(", ")}`;
}
