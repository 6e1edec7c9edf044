// Opens a moment of the database and recomputes it.

import { readLicensingAuthorities } from "../certificates/authority-directory.ts";
import { openSnapshot } from "../storage/open-storage.ts";
import { type AuditVerdict, auditLedgers } from "../use-cases/ledger-audit/audit-ledger.ts";
import type { Progress } from "../use-cases/ledger-audit/findings.ts";
import { yieldToOthers } from "./yield-to-others.ts";

export type VerifyLedgerWish = { readonly dataDirectory: string; readonly databaseUrl: string | null };

/** Needs no lock and no help of a running manager. Throws what the database says when it cannot be read. */
export async function verifyLedger(wish: VerifyLedgerWish, progress?: Progress): Promise<AuditVerdict> {
  yieldToOthers();
  const authorities = await readLicensingAuthorities(wish.dataDirectory);
  const snapshot = await openSnapshot(wish);
  return snapshot((reader) => auditLedgers(reader, authorities, progress));
}
