// When a member that reports no longer list was listed last. Version 4 goes on beside it: it writes rows without the column, so
// the column counts only while the role is absent, and an absent one without it has the contact of its installation.

import type { Migration } from "./migration.ts";

export const membersThatLeft: Migration = {
  version: 5,
  name: "members that left",
  statements: () => ["alter table product_instances add column last_listed_at_ms bigint"],
};
