// Authorization codes, and how many of each entitlement they hold together. Version 2 goes on beside it and knows nothing of
// them: a product instance that it removes or transfers keeps its code until this version is asked.

import type { Migration } from "./migration.ts";

export const authorizationCodes: Migration = {
  version: 3,
  name: "authorization codes",
  statements: ({ clustered }) => [
    `create table authorizations (smart_account_id bigint not null, authorization_id bigint not null,
      instance_id bigint not null, virtual_account_id bigint not null, sequence bigint not null, state text not null,
      payload text not null, issued_at_ms bigint not null, changed_at_ms bigint not null,
      primary key (smart_account_id, authorization_id))${clustered}`,
    "create index authorizations_by_instance on authorizations (smart_account_id, instance_id, sequence)",
    `create table authorized_totals (smart_account_id bigint not null, virtual_account_id bigint not null, tag text not null,
      authorized bigint not null, primary key (smart_account_id, virtual_account_id, tag))${clustered}`,
  ],
};
