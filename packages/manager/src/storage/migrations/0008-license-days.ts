// How licences stood on each day on which they changed. Version 7 goes on beside it: it does not look and writes nothing here; what
// changes meanwhile stands in the row of the day on which this version looks next.

import type { Migration } from "./migration.ts";

export const licenseDays: Migration = {
  version: 8,
  name: "license days",
  statements: ({ clustered }) => [
    `create table license_days (smart_account_id bigint not null, virtual_account_id bigint not null, tag text not null,
      day bigint not null, in_use_verified bigint not null, in_use_unverified bigint not null, purchased bigint not null,
      short bigint not null, in_use_max bigint not null, short_max bigint not null, is_newest bigint not null,
      primary key (smart_account_id, virtual_account_id, tag, day))${clustered}`,
    // Every look reads the newest day of each licence, and none of the days before.
    "create index license_days_newest on license_days (smart_account_id) where is_newest = 1",
  ],
};
