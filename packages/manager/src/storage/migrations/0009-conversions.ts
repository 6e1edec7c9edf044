// Conversions of licences of the time before Smart Licensing. A device converts once with all managers of the database, so who is
// converted stands beside the accounts, in the managers' own rows. Earlier versions go on beside it: they convert nothing.

import type { Migration } from "./migration.ts";

export const conversions: Migration = {
  version: 8,
  name: "conversions",
  statements: ({ clustered }) => [
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
