// Numbered, forward only. A migration must be safe while the previous version of the program is still running:
// it adds tables, columns and indices; it removes only what no running version reads.

import type { Dialect } from "../dialect.ts";
import { firstTables } from "./0001-first-tables.ts";
import { auditOperatorsPurges } from "./0002-audit-operators-purges.ts";
import { authorizationCodes } from "./0003-authorization-codes.ts";
import { accessOfOperators } from "./0004-access-of-operators.ts";
import { membersThatLeft } from "./0005-members-that-left.ts";
import { alertsAndSignIns } from "./0006-alerts-and-sign-ins.ts";
import { licenseManagement } from "./0007-license-management.ts";
import { licenseDays } from "./0008-license-days.ts";

export type Migration = {
  readonly version: number;
  readonly name: string;
  readonly statements: (dialect: Dialect) => readonly string[];
};

/** In ascending order without a hole; a released one is never changed. */
export const migrations: readonly Migration[] = [
  firstTables,
  auditOperatorsPurges,
  authorizationCodes,
  accessOfOperators,
  membersThatLeft,
  alertsAndSignIns,
  licenseManagement,
  licenseDays,
];

export const newestSchemaVersion = migrations.length;
