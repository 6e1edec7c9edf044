// The texts of administrative acts beside their leaves, operators of all managers, and how far report bodies were purged.
// Version 1 goes on beside it: it appends to the same ledgers, names no leaf in its events, and knows its own operators' file.

import type { Migration } from "./migration.ts";

export const auditOperatorsPurges: Migration = {
  version: 2,
  name: "audit entries, operators, purges",
  statements: ({ clustered }) => [
    `create table audit_entries (smart_account_id bigint not null, leaf_index bigint not null, at_ms bigint not null,
      act text not null, operator text, entry text not null, primary key (smart_account_id, leaf_index))`,
    "alter table events add column leaf_index bigint",
    `create table operators (smart_account_id bigint not null, operator_id bigint not null, name text not null,
      token_sha256 text not null, created_at_ms bigint not null, removed_at_ms bigint,
      primary key (smart_account_id, operator_id))${clustered}`,
    "create index operators_by_token on operators (token_sha256)",
    `create table manager_ledger (smart_account_id bigint not null, ledger_id text not null,
      primary key (smart_account_id))${clustered}`,
    `create table report_body_purges (smart_account_id bigint not null, below_leaf_index bigint not null,
      purged_at_ms bigint not null, primary key (smart_account_id))${clustered}`,
  ],
};
