// Accounts on premises, and the managers on premises of an account. Version 6 goes on beside it: it knows neither, so it asks
// every device for a token and takes nothing from such a manager.

import type { Migration } from "./migration.ts";

export const onPremises: Migration = {
  version: 7,
  name: "on premises",
  statements: ({ clustered }) => [
    `create table premises (smart_account_id bigint not null, admission text not null, upstream text,
      primary key (smart_account_id))${clustered}`,
    `create table lower_managers (smart_account_id bigint not null, manager_id bigint not null, identifier text not null,
      virtual_account_id bigint not null, token_sha256 text not null, facts text not null,
      primary key (smart_account_id, manager_id))${clustered}`,
    "create index lower_managers_by_identifier on lower_managers (identifier)",
    "create index lower_managers_by_token on lower_managers (token_sha256)",
  ],
};
