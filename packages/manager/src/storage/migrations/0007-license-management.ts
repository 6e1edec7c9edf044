// Substitutions between licences, transfers of licences between virtual accounts, since when each is short, and what classic devices
// hold. Version 6 goes on beside it: it knows no substitution and shows every shortage as it is without them; a part of a
// purchase that moved is a purchase like any other, so its sums are right. It serves no classic device. Accounts on premises, and the
// managers on premises of an account, it does not know either: it asks every device for a token and takes nothing from such a manager.
// It converts no old licences; a device converts once with all managers of the database, so who did stands in the managers' own rows.

import type { Migration } from "./migration.ts";

export const licenseManagement: Migration = {
  version: 7,
  name: "license management, premises and conversions",
  statements: ({ clustered }) => [
    `create table license_substitutions (smart_account_id bigint not null, provider text not null, consumer text not null,
      ratio bigint not null, distance bigint not null, primary key (smart_account_id, provider, consumer))${clustered}`,
    `create table license_transfers (smart_account_id bigint not null, transfer_id bigint not null, at_ms bigint not null,
      tag text not null, from_virtual_account_id bigint not null, to_virtual_account_id bigint not null,
      quantity bigint not null, lots text not null, cause text not null, undone_at_ms bigint,
      primary key (smart_account_id, transfer_id))${clustered}`,
    `create table license_shortages (smart_account_id bigint not null, virtual_account_id bigint not null, tag text not null,
      since_ms bigint not null, primary key (smart_account_id, virtual_account_id, tag))${clustered}`,
    // What a device that asks for its authorization waits for reads its own virtual account only.
    "create index purchases_by_virtual_account on purchases (smart_account_id, virtual_account_id)",
    `create table classic_installations (smart_account_id bigint not null, installation_id bigint not null,
      last_contact_at_ms bigint not null, asked_at_ms bigint not null, certificate_ends_at_ms bigint not null, released_at_ms bigint,
      due_at_ms bigint not null, primary key (smart_account_id, installation_id))${clustered}`,
    "create index classic_installations_due on classic_installations (smart_account_id, due_at_ms)",
    `create table premises (smart_account_id bigint not null, admission text not null, upstream text,
      primary key (smart_account_id))${clustered}`,
    `create table lower_managers (smart_account_id bigint not null, manager_id bigint not null, identifier text not null,
      virtual_account_id bigint not null, token_sha256 text not null, facts text not null,
      primary key (smart_account_id, manager_id))${clustered}`,
    "create index lower_managers_by_identifier on lower_managers (identifier)",
    "create index lower_managers_by_token on lower_managers (token_sha256)",
    `create table conversions (smart_account_id bigint not null, conversion_id bigint not null, pid text not null,
      serial_number text not null, virtual_account_id bigint not null, state text not null, licenses text not null,
      asked_at_ms bigint not null, changed_at_ms bigint not null, payload text,
      primary key (smart_account_id, conversion_id), unique (smart_account_id, pid, serial_number))${clustered}`,
    `create table converted_devices (smart_account_id bigint not null, pid text not null, serial_number text not null,
      converted_in bigint not null, primary key (smart_account_id, pid, serial_number))${clustered}`,
    `create table conversion_settings (smart_account_id bigint not null, is_automatic bigint not null,
      primary key (smart_account_id))${clustered}`,
  ],
};
