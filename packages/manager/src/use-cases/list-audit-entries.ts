// Administrative acts as the ledger keeps them, newest first, each with the leaf by which it can be proved.

import type { AuditEntry, StoredAuditEntry } from "../audit/audit-entry.ts";
import { ManagerError } from "../errors.ts";
import type { Administration } from "./administer.ts";
import { findLedger } from "./find-account.ts";
import { pageOf } from "./page.ts";
import type { AuditEntryView, AuditWish, InLedger } from "./use-cases.ts";

/** `after` is the last leaf index seen. */
export async function listAuditEntries(
  query: AuditWish,
  { storage }: Administration,
): Promise<readonly AuditEntryView[]> {
  const { smartAccountId } = await findLedger(query, storage.read.accounts);
  const { fromMs = null, toMs = null, operator = null, act = null } = query;
  const page = pageOf(query);
  const found = await storage.read.audit.listAuditEntries({
    ...{ smartAccountId, virtualAccountIds: null, fromMs, toMs, operator, act, page },
  });
  return found.map(viewOf);
}

/** Throws `audit_entry_unknown`. */
export async function showAuditEntry(
  query: InLedger & { readonly leafIndex: number },
  { storage }: Administration,
): Promise<AuditEntryView> {
  const { smartAccountId } = await findLedger(query, storage.read.accounts);
  const found = await storage.read.audit.findAuditEntry(smartAccountId, query.leafIndex);
  if (found === undefined) throw new ManagerError("audit_entry_unknown", `${query.leafIndex}`);
  return viewOf(found);
}

function viewOf({ leafIndex, atMs, act, operator, entry }: StoredAuditEntry): AuditEntryView {
  const { by, reason, part, parts, changes } = JSON.parse(entry) as AuditEntry;
  return { leafIndex, atMs, act, operator, by, reason, part, parts, changes, entry };
}
