// `countersign manager ledger verify`: everything that the database says of reports, recomputed from the raw reports and the
// signatures of devices under them, as of one moment and in bounded memory. The verdict is data.

import type { LicensingAuthorities } from "../../ports.ts";
import { type AuditReader, managerScope } from "../../storage-ports.ts";
import { managersName } from "../find-account.ts";
import { auditAcknowledgements } from "./audit-acknowledgements.ts";
import { auditCertificates } from "./audit-certificates.ts";
import { auditTree, type TreeAudit } from "./audit-tree.ts";
import { auditUsage } from "./audit-usage.ts";
import { type Finding, Findings, type Progress } from "./findings.ts";

export type LedgerAudit = TreeAudit & {
  readonly smartAccountId: number;
  readonly smartAccount: string;
  readonly ledgerId: string;
  readonly certificates: number;
  readonly acknowledgements: number;
  readonly installations: number;
  /** Sum over all tags and virtual accounts, counted from the reports. */
  readonly inUse: number;
};

export type AuditVerdict = {
  readonly isSound: boolean;
  readonly ledgers: readonly LedgerAudit[];
  readonly findingsCount: number;
  /** The first of them. */
  readonly findings: readonly Finding[];
};

/** Those of the smart accounts, and the managers' own, if there was an act on them. */
async function ledgersOf({ accounts }: AuditReader) {
  const ledgerId = await accounts.findManagerLedger();
  const own = ledgerId === undefined ? [] : [{ smartAccountId: managerScope, name: managersName, ledgerId }];
  return [...(await accounts.listSmartAccounts()), ...own];
}

/** Reads every row once; minutes for millions of reports. */
export async function auditLedgers(
  reader: AuditReader,
  authorities: LicensingAuthorities,
  progress: Progress = () => undefined,
): Promise<AuditVerdict> {
  const findings = new Findings();
  const tell = { authorities, findings, progress };
  const ledgers: LedgerAudit[] = [];
  for (const { smartAccountId, name, ledgerId } of await ledgersOf(reader)) {
    const tree = await auditTree(reader, smartAccountId, tell);
    const certificates = await auditCertificates(reader, smartAccountId, tell);
    const acknowledgements = await auditAcknowledgements(reader, smartAccountId, tell);
    const usage = await auditUsage(reader, smartAccountId, tell);
    ledgers.push({ smartAccountId, smartAccount: name, ledgerId, ...tree, certificates, acknowledgements, ...usage });
  }
  return { isSound: findings.count === 0, ledgers, findingsCount: findings.count, findings: findings.first };
}
