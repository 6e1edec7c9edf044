// The commands below `countersign manager`.

import type { Command } from "@countersign/terminal";
import { account } from "./commands/account.ts";
import { acknowledgement } from "./commands/acknowledgement.ts";
import { alert } from "./commands/alert.ts";
import { audit } from "./commands/audit.ts";
import { authorization } from "./commands/authorization.ts";
import { backup } from "./commands/backup.ts";
import { compact } from "./commands/compact.ts";
import { config } from "./commands/config.ts";
import { conversion } from "./commands/conversion.ts";
import { event } from "./commands/event.ts";
import { init } from "./commands/init.ts";
import { instance } from "./commands/instance.ts";
import { ledger } from "./commands/ledger.ts";
import { license } from "./commands/license.ts";
import { migrateDatabase } from "./commands/migrate-database.ts";
import { operator } from "./commands/operator.ts";
import { policy } from "./commands/policy.ts";
import { premises } from "./commands/premises.ts";
import { prove } from "./commands/prove.ts";
import { purge } from "./commands/purge.ts";
import { report } from "./commands/report.ts";
import { restore } from "./commands/restore.ts";
import { search } from "./commands/search.ts";
import { serve } from "./commands/serve.ts";
import { token } from "./commands/token.ts";
import { floor, upstream } from "./commands/upstream.ts";

/** Stands beside `manager` on the command line: it is what an auditor asks for. */
export { prove };

export const commands: readonly Command[] = [
  init,
  serve,
  account,
  search,
  token,
  license,
  conversion,
  instance,
  authorization,
  report,
  acknowledgement,
  ledger,
  policy,
  premises,
  upstream,
  floor,
  alert,
  event,
  audit,
  operator,
  purge,
  compact,
  config,
  migrateDatabase,
  backup,
  restore,
];
