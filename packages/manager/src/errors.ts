// Everything the manager refuses, as two closed tables: what a device is told, and what an operator is told.
// Codes are interface: never renamed, never reused. Nothing here knows HTTP.

import type { RetryClass } from "@countersign/protocol";

export type RefusalDescription = { readonly meaning: string; readonly remedy: string; readonly retry: RetryClass };

const permanent = (meaning: string, remedy: string): RefusalDescription => ({ meaning, remedy, retry: "permanent" });
const transient = (meaning: string, remedy: string): RefusalDescription => ({ meaning, remedy, retry: "transient" });

/** Why a device's request was refused. Protocol errors (`signature_mismatch` …) keep their own code beside these. */
export const deviceRefusals = {
  clock_offset: transient(
    "The device's clock is more than an hour off.",
    "Set the clock, best with NTP, then try again.",
  ),
  token_required: permanent(
    "The manager lets the device in only with an ID token.",
    "Create a token in the virtual account and enter it on the device; on premises, or open the admission for the device.",
  ),
  tenant_unknown: permanent(
    "The address names no account of this manager, or leaves open which of several is meant.",
    "Copy the address from `countersign manager premises show`.",
  ),
  token_unknown: permanent(
    "The ID token is not one of this manager's.",
    "Create a token in the virtual account and use that.",
  ),
  token_expired: permanent("The ID token has expired.", "Create a new token in the virtual account."),
  token_used_up: permanent(
    "The ID token has no use left for this device.",
    "Create a token with one use for every device of the group.",
  ),
  token_revoked: permanent("The ID token was revoked.", "Create a new token in the virtual account."),
  already_registered: permanent(
    "The UDI is registered with another key.",
    "If this is the same device with a new key, repeat the command with force.",
  ),
  consumption_without_force: permanent(
    "The UDI is registered with another key, and its installation is using licences.",
    "If this is the same device with a new key, repeat the command with force.",
  ),
  registered_in_other_account: permanent(
    "The device belongs to another virtual account than the token.",
    "Transfer the device in the manager, or repeat the command with force to move it.",
  ),
  key_revoked: permanent("The key was replaced or withdrawn earlier.", "Establish trust again with a new key."),
  client_cert_expired: permanent(
    "The certificate that the device shows in the TLS handshake has expired or is not valid yet.",
    "Set the device's clock, or choose another certificate with `ip http client secure-trustpoint`.",
  ),
  client_cert_missing: permanent(
    "The device shows no certificate in the TLS handshake, and this manager requires one.",
    "Choose a trustpoint with a certificate and key with `ip http client secure-trustpoint`; a load balancer that ends TLS shows none.",
  ),
  wrong_licensing_model: permanent(
    "The message belongs to the other licensing model than the one that the product instance is in.",
    "Classic: register with `license smart register idtoken`. Policy: give the device its trust code; it keeps its reports until then.",
  ),
  id_certificate_unknown: permanent(
    "The certificate that is to be renewed is none of this product instance, or was revoked.",
    "Name the certificate in use; register again if it was lost.",
  ),
  certified_too_often: transient(
    "The product instance got as many certificates within a day as one may.",
    "Wait a day, the certificates that it has stay valid; look for what makes the device ask so often.",
  ),
  certificate_request_missing: permanent(
    "A device of the list has no certificate request.",
    "Send one certificate request for each distinct UDI.",
  ),
  identity_not_valid: permanent(
    "The product instance is unknown, was removed, or signs with a certificate that is not its own.",
    "Establish trust again with a token.",
  ),
  poll_instance_unknown: permanent(
    "The poll names another product instance than the one whose report it asks about.",
    "Send the report again; re-establish trust if that is refused too.",
  ),
  poll_unknown: permanent("No request with this poll id is known for the installation.", "Send the report again."),
  not_a_relay: permanent(
    "Only a relay may carry the requests of others.",
    "Give the sender trust as a relay: countersign relay init.",
  ),
  too_many_reports: permanent(
    "The message carries more reports than the limit.",
    "Send the reports in several messages.",
  ),
  overloaded: {
    meaning: "The manager takes no more work at this moment.",
    remedy: "Try again after the named time.",
    retry: "later",
  },
  ack_storage_failed: {
    meaning: "The reports could not be made durable, so nothing of them was acknowledged.",
    remedy:
      "The device sends them again; give the manager's disk room, details stand in its log under the incident id.",
    retry: "later",
  },
  storage_unavailable: {
    meaning: "The manager cannot reach its database at this moment.",
    remedy: "Try again after the named time; what was not acknowledged stays on the device.",
    retry: "later",
  },
  internal: transient(
    "The manager failed; details stand in its log under the incident id.",
    "Try again; quote the incident id if it stays.",
  ),
} as const satisfies Record<string, RefusalDescription>;
export type DeviceRefusalCode = keyof typeof deviceRefusals;

/** Why an operator's command was refused. */
export const administrationErrors = {
  account_unknown: permanent("No smart account has this name.", "List the accounts and use one of their names."),
  account_ambiguous: permanent("Several smart accounts exist and none was named.", "Name the smart account."),
  account_exists: permanent("An account of this name exists already.", "Choose another name."),
  not_on_premises: permanent(
    "The smart account is not kept on premises.",
    "A manager becomes one on premises when it is made: `countersign manager init --role onprem`.",
  ),
  lower_manager_unknown: permanent(
    "No manager on premises of this account has this name.",
    "List them with `countersign manager floor list`.",
  ),
  lower_manager_exists: permanent("A manager on premises of this name exists already.", "Choose another name."),
  root_elsewhere: permanent(
    "This manager stands below another one, so it can have none below itself.",
    "Let the manager on premises be known to the one above.",
  ),
  upstream_connected: permanent(
    "There is a manager above already.",
    "Look at it with `countersign manager upstream show`.",
  ),
  upstream_missing: permanent("There is no manager above.", "Connect one with `countersign manager upstream connect`."),
  upstream_too_late: permanent(
    "Devices have trust from this manager's own root, so it cannot be put below another one.",
    "Make a new data directory, connect it, and let the devices come there.",
  ),
  upstream_unsupported: permanent(
    "A manager that keeps its data in PostgreSQL cannot be put below another one.",
    "On premises use the database that comes with the manager; PostgreSQL is for the manager above.",
  ),
  upstream_refused: permanent(
    "The manager above refused; nothing was changed.",
    "The detail has its code; look it up in the list of codes.",
  ),
  upstream_unreachable: transient(
    "The manager above cannot be reached, or is not who it should be.",
    "Look at the detail: name, route, port, certificate. Nothing is lost; what waits is sent at the next contact.",
  ),
  sync_file_refused: permanent(
    "The file is no answer to what this manager has asked last.",
    "Carry the newest export up, and bring back the answer to that.",
  ),
  virtual_account_unknown: permanent(
    "The smart account has no virtual account of this name.",
    "List the virtual accounts.",
  ),
  token_unknown: permanent("No token has this id.", "List the tokens and use one of their ids."),
  instance_unknown: permanent("No product instance has this identifier or UDI.", "List the product instances."),
  instance_removed: permanent("The product instance was removed already.", "Nothing; its licences are free."),
  enrolment_refused: permanent(
    "The device cannot be let in; nothing was changed.",
    "The detail has the reason; with force another key replaces the one that is registered.",
  ),
  overloaded: {
    meaning: "The manager takes no more work at this moment.",
    remedy: "Repeat the command in a while; what was taken stays taken.",
    retry: "later",
  },
  authorization_refused: permanent(
    "The device cannot be given this authorization code; nothing was changed.",
    "The detail has the reason: add the purchase, or let the device in with export-controlled functions allowed.",
  ),
  authorization_unknown: permanent(
    "The product instance has no such authorization code.",
    "List its codes with `countersign manager authorization list --instance`.",
  ),
  report_unknown: permanent("No report with this id was accepted from the installation.", "List the reports."),
  acknowledgement_unknown: permanent("No acknowledgement has this number.", "List the acknowledgements."),
  ledger_too_short: permanent(
    "The ledger has fewer entries than the size that was asked for.",
    "Ask for its newest head.",
  ),
  leaf_unknown: permanent("The tree has no entry at this index.", "Ask for a larger tree, or for another entry."),
  proof_unavailable: permanent(
    "The report cannot be proved as it was asked for.",
    "Ask for the newest tree; run `countersign manager ledger verify` if that cannot be proved either.",
  ),
  audit_entry_unknown: permanent(
    "No administrative act has this leaf in the ledger.",
    "List the acts with `countersign manager audit list` and use one of their leaves.",
  ),
  operator_exists: permanent(
    "An operator of this name exists already.",
    "Choose another name, or remove the operator first.",
  ),
  operator_not_permitted: permanent(
    "The operator has no role that allows this there.",
    "Whoever owns the manager's data directory can give one: `countersign manager operator grant`.",
  ),
  grant_unknown: permanent(
    "The operator has no access of its own to this place.",
    "List the operators with what they may do, and name a place as it stands there.",
  ),
  operator_unknown: permanent("No operator has this name.", "List the operators and use one of their names."),
  alert_unknown: permanent(
    "No open alert has this id.",
    "List the alerts; somebody may have marked it as handled, or what it told of has ended.",
  ),
  transfer_impossible: permanent(
    "So many of these licences cannot be moved; nothing was changed.",
    "Move fewer, or withdraw the authorization codes that hold them.",
  ),
  transfer_makes_short: permanent(
    "The transfer would make a virtual account short of licences; nothing was changed.",
    "Look at it with `countersign manager license transfer … --preview`; to do it all the same, accept what it names with --accept-shortage.",
  ),
  transfer_unknown: permanent("No transfer of licences has this number.", "List the transfers."),
  transfer_undone: permanent("This transfer was taken back already.", "Nothing; the licences are where they were."),
  transfer_depended_on: permanent(
    "The transfer cannot be taken back any more; nothing was changed.",
    "Transfer licences the other way instead; that says first what would be short.",
  ),
  substitution_unknown: permanent(
    "No substitution between these two tags is declared.",
    "List what is declared with `countersign manager license substitution list`.",
  ),
  conversion_unknown: permanent(
    "No device with this UDI has asked for a conversion in the smart account.",
    "Enter `license smart conversion start` on the device, or list who asked with `countersign manager conversion list`.",
  ),
  alert_ends_by_itself: permanent(
    "This alert ends with what it tells of, and cannot be marked as handled.",
    "Do what stands there as the next step.",
  ),
  input_invalid: permanent(
    "The input does not have the right shape.",
    "Correct the named places; nothing was changed.",
  ),
  storage_newer: permanent(
    "The data directory was written by a newer version.",
    "Use that version, or restore a backup that was taken before the upgrade.",
  ),
  storage_unavailable: transient(
    "The manager cannot reach its database at this moment; nothing was changed.",
    "Try again; `GET /health` says when it is back, and the log why it is away.",
  ),
  commit_outcome_unknown: transient(
    "A change was sent to a database that then went away, and whether it was kept is not known.",
    "Look whether it is there before you repeat it. Devices may simply come again: nothing of theirs is made twice.",
  ),
} as const satisfies Record<string, RefusalDescription>;
export type AdministrationErrorCode = keyof typeof administrationErrors;

/** Thrown by administration use cases; `detail` names the value or the places that were wrong. */
export class ManagerError extends Error {
  override readonly name = "ManagerError";
  readonly code: AdministrationErrorCode;
  readonly detail: string;

  constructor(code: AdministrationErrorCode, detail = "", options?: ErrorOptions) {
    super(
      detail === "" ? administrationErrors[code].meaning : `${administrationErrors[code].meaning} ${detail}`,
      options,
    );
    this.code = code;
    this.detail = detail;
  }

  get remedy(): string {
    return administrationErrors[this.code].remedy;
  }

  get retry(): RetryClass {
    return administrationErrors[this.code].retry;
  }
}

/** The way to the manager above failed; `reason` is the code that the connection gave. */
export class UpstreamFailure extends Error {
  override readonly name = "UpstreamFailure";
  readonly reason: string;

  constructor(reason: string, options?: ErrorOptions) {
    super(`the manager above was not reached: ${reason}`, options);
    this.reason = reason;
  }
}

/** Why a manager on premises is refused by the one above; they know each other by signatures alone. */
export const floorRefusals = {
  registration_token_unknown: permanent(
    "The registration token is none of this manager's.",
    "Make one with `countersign manager floor add`.",
  ),
  registration_token_expired: permanent("The registration token has expired.", "Make a new one."),
  registration_token_used: permanent("The registration token was used with another key.", "Make a new one."),
  manager_unknown: permanent(
    "The document's manager is unknown, was removed, or signs below another issuing CA than its own.",
    "Ask the administrator of the manager above.",
  ),
  root_elsewhere: permanent("This manager stands below another one itself.", "Connect to that one."),
} as const satisfies Record<string, RefusalDescription>;
export type FloorRefusalCode = keyof typeof floorRefusals;

/** Thrown inside the use cases for managers on premises. */
export class FloorRefusal extends Error {
  override readonly name = "FloorRefusal";
  readonly code: FloorRefusalCode;

  constructor(code: FloorRefusalCode) {
    super(floorRefusals[code].meaning);
    this.code = code;
  }
}

const storageOutages: ReadonlySet<string> = new Set(["storage_unavailable", "commit_outcome_unknown"]);

/** The database is away: nobody's request was wrong, and none would fare better. */
export function isStorageOutage(error: unknown): boolean {
  return error instanceof ManagerError && storageOutages.has(error.code);
}

/** A transaction of usage reports did not become durable: no ACK may leave, and the device is to come again. */
export class ReportsNotStored extends Error {
  override readonly name = "ReportsNotStored";

  constructor(cause: unknown) {
    super("Usage reports could not be stored.", { cause });
  }
}

/** Thrown inside a use case to answer the device; never crosses `answer-request`. */
export class DeviceRefusal extends Error {
  override readonly name = "DeviceRefusal";
  readonly code: DeviceRefusalCode;
  /** The documented text, or our own where the documents have none. */
  readonly publicText: string;

  constructor(code: DeviceRefusalCode, publicText: string = deviceRefusals[code].meaning) {
    super(publicText);
    this.code = code;
    this.publicText = publicText;
  }

  get remedy(): string {
    return deviceRefusals[this.code].remedy;
  }
}
