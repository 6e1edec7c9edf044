// The first tables. Every primary key begins with the smart account, so that a distributed database can be split by it.
// Rows that only ever grow at the end carry the large texts; what is looked up at random is small and clustered.

import type { Dialect } from "../dialect.ts";
import type { Migration } from "./migration.ts";

export const firstTables: Migration = {
  version: 1,
  name: "first tables",
  statements: (dialect) => [
    ...accountTables(dialect),
    ...trustTables(dialect),
    ...reportTables(dialect),
    ...ledgerTables(dialect),
    ...eventTables(),
  ],
};

function accountTables({ clustered }: Dialect): readonly string[] {
  return [
    `create table smart_accounts (smart_account_id bigint not null, name text not null unique, ledger_id text not null,
      allow_untrusted_reports integer not null, created_at_ms bigint not null, newest_policy_version bigint not null,
      primary key (smart_account_id))${clustered}`,
    `create table virtual_accounts (smart_account_id bigint not null, virtual_account_id bigint not null, name text not null,
      description text not null, is_default integer not null, instances bigint not null, created_at_ms bigint not null,
      primary key (smart_account_id, virtual_account_id), unique (smart_account_id, name))${clustered}`,
    `create table sequences (smart_account_id bigint not null, kind text not null, next_id bigint not null,
      primary key (smart_account_id, kind))${clustered}`,
    `create table id_tokens (smart_account_id bigint not null, token_id bigint not null, uuid text not null,
      token_hash text not null, virtual_account_id bigint not null, description text not null, created_at_ms bigint not null,
      created_by text not null, expires_at_ms bigint not null, uses_max bigint not null, uses bigint not null,
      export_control_allowed integer not null, revoked_at_ms bigint,
      primary key (smart_account_id, token_id))${clustered}`,
    "create index id_tokens_by_hash on id_tokens (token_hash)",
    `create table entitlement_tags (smart_account_id bigint not null, tag_id bigint not null, tag text not null,
      primary key (smart_account_id, tag_id), unique (smart_account_id, tag))${clustered}`,
    `create table purchases (smart_account_id bigint not null, purchase_id bigint not null, virtual_account_id bigint not null,
      tag_id bigint not null, quantity bigint not null, kind text not null, starts_at_ms bigint not null, ends_at_ms bigint,
      order_reference text not null, primary key (smart_account_id, purchase_id))${clustered}`,
    `create table policy_settings (smart_account_id bigint not null, version bigint not null, virtual_account_id bigint,
      set_at_ms bigint not null, layer text not null, primary key (smart_account_id, version))${clustered}`,
  ];
}

function trustTables({ blob, clustered }: Dialect): readonly string[] {
  return [
    `create table installations (smart_account_id bigint not null, installation_id bigint not null, identifier text not null,
      virtual_account_id bigint not null, next_sequence bigint not null, policy_version_sent bigint not null,
      policy_version_floor bigint not null, trust_epoch bigint not null, report_id_min bigint, report_id_max bigint,
      first_trust_at_ms bigint not null, last_contact_at_ms bigint,
      primary key (smart_account_id, installation_id))${clustered}`,
    `create table product_instances (smart_account_id bigint not null, instance_id bigint not null,
      product_instance_identifier text not null, pid text not null, serial_number text not null, product_tag text not null,
      installation_id bigint not null, virtual_account_id bigint not null, role text not null, trust_id integer not null,
      hostname text not null, software_version text not null, export_control_allowed integer not null,
      certificate_serial text not null, trusted_since_ms bigint not null, removed_at_ms bigint,
      primary key (smart_account_id, instance_id))${clustered}`,
    "create index product_instances_by_identifier on product_instances (product_instance_identifier)",
    "create index product_instances_by_udi on product_instances (smart_account_id, serial_number, pid)",
    "create index product_instances_by_installation on product_instances (smart_account_id, installation_id)",
    `create index product_instances_by_virtual_account on product_instances (smart_account_id, virtual_account_id, instance_id)
      where removed_at_ms is null`,
    `create table device_certificates (smart_account_id bigint not null, serial_number text not null, instance_id bigint not null,
      state text not null, issued_at_ms bigint not null, valid_until_ms bigint not null, public_key_sha256 text not null,
      public_key ${blob} not null, certificate ${blob} not null, primary key (smart_account_id, serial_number))`,
    "create index device_certificates_by_serial on device_certificates (serial_number)",
    "create index device_certificates_by_instance on device_certificates (smart_account_id, instance_id)",
    `create table enrolments (smart_account_id bigint not null, token_id bigint not null, serial_number text not null,
      pid text not null, product_tag text not null, public_key_sha256 text not null, instance_id bigint not null,
      certificate_serial text not null,
      primary key (smart_account_id, token_id, serial_number, pid, product_tag, public_key_sha256))${clustered}`,
  ];
}

function reportTables({ blob, clustered }: Dialect): readonly string[] {
  return [
    `create table reports (smart_account_id bigint not null, installation_id bigint not null, report_id bigint not null,
      tag_id bigint not null, payload_sha256 ${blob} not null, leaf_index bigint not null, acknowledgement_id bigint not null,
      instance_id bigint not null, received_at_ms bigint not null, starts_at_s bigint not null, ends_at_s bigint not null,
      use_count bigint not null, measurements integer not null, is_verified integer not null, time_mark integer not null,
      primary key (smart_account_id, installation_id, report_id))${clustered}`,
    `create table report_bodies (smart_account_id bigint not null, leaf_index bigint not null, payload text not null,
      signature text not null, primary key (smart_account_id, leaf_index))`,
    `create table report_gaps (smart_account_id bigint not null, installation_id bigint not null, from_id bigint not null,
      to_id bigint not null, primary key (smart_account_id, installation_id, from_id))${clustered}`,
    `create table report_evidence (smart_account_id bigint not null, installation_id bigint not null, report_id bigint not null,
      payload_sha256 ${blob} not null, instance_id bigint not null, received_at_ms bigint not null, payload text not null,
      signature text not null, primary key (smart_account_id, installation_id, report_id, payload_sha256))`,
    `create table installation_usage (smart_account_id bigint not null, installation_id bigint not null, tag_id bigint not null,
      use_count bigint not null, ends_at_s bigint not null, report_id bigint not null, is_verified integer not null,
      primary key (smart_account_id, installation_id, tag_id))${clustered}`,
    `create table usage_totals (smart_account_id bigint not null, virtual_account_id bigint not null, tag_id bigint not null,
      in_use_verified bigint not null, in_use_unverified bigint not null, installations bigint not null,
      primary key (smart_account_id, virtual_account_id, tag_id))${clustered}`,
  ];
}

function ledgerTables({ blob, clustered }: Dialect): readonly string[] {
  return [
    `create table acknowledgements (smart_account_id bigint not null, acknowledgement_id bigint not null,
      installation_id bigint not null, instance_id bigint not null, at_ms bigint not null, with_policy integer not null,
      accepted integer not null, payload text not null, primary key (smart_account_id, acknowledgement_id))`,
    `create table ledgers (smart_account_id bigint not null, size bigint not null, frontier ${blob} not null,
      next_acknowledgement_id bigint not null, primary key (smart_account_id))${clustered}`,
    `create table ledger_tiles (smart_account_id bigint not null, level integer not null, tile_index bigint not null,
      hashes ${blob} not null, primary key (smart_account_id, level, tile_index))`,
    `create table tree_heads (smart_account_id bigint not null, size bigint not null, root_sha256 ${blob} not null,
      at_ms bigint not null, primary key (smart_account_id, size))${clustered}`,
  ];
}

function eventTables(): readonly string[] {
  return [
    `create table events (smart_account_id bigint not null, event_id bigint not null, at_ms bigint not null, kind text not null,
      virtual_account_id bigint, installation_id bigint, cause text not null, state_before text not null,
      state_after text not null, primary key (smart_account_id, event_id))`,
    `create index events_by_virtual_account on events (smart_account_id, virtual_account_id, event_id)
      where virtual_account_id is not null`,
    `create index events_by_installation on events (smart_account_id, installation_id, event_id)
      where installation_id is not null`,
  ];
}
