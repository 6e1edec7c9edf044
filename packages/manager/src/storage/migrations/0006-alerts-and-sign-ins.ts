// Alerts are derived from events, so they are found without walking the others. Version 5 goes on beside it: it writes such events
// too. Sign-ins of browsers are its own; version 5 knows none, and such a browser is asked to sign in by it.

import type { Migration } from "./migration.ts";

export const alertsAndSignIns: Migration = {
  version: 6,
  name: "alerts and sign-ins",
  statements: ({ clustered }) => [
    `create index alert_events on events (smart_account_id, event_id)
      where kind in ('ledger_disputed', 'report_conflict', 'alert_handled')`,
    `create table sign_ins (smart_account_id bigint not null, secret_sha256 text not null, operator_id bigint not null,
      created_at_ms bigint not null, ends_at_ms bigint not null, primary key (smart_account_id, secret_sha256))${clustered}`,
  ],
};
