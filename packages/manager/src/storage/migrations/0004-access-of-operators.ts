// What each operator may do where. Version 3 goes on beside it: an operator that it adds has no `access`, which is all of it, as
// before. It does not know limits, so it must not find an operator who has some: their token's hash stands in a column that
// it does not read, and with that version the token opens nothing.

import type { Migration } from "./migration.ts";

export const accessOfOperators: Migration = {
  version: 4,
  name: "access of operators",
  statements: () => [
    "alter table operators add column access text",
    "alter table operators add column limited_token_sha256 text",
    "create index operators_by_limited_token on operators (limited_token_sha256)",
    // Who may see an act is decided by what it changed.
    "create index events_by_leaf on events (smart_account_id, leaf_index) where leaf_index is not null",
  ],
};
