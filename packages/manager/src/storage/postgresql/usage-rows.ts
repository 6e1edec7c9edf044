// What is in use, per installation and summed per virtual account, in PostgreSQL.

import type { UsageReader, UsageWriter } from "../../storage-ports.ts";
import type { InUse } from "../../usage/in-use.ts";
import type { UsageTotalChange } from "../../usage/stored-report.ts";
import { inUseOf } from "../mapping/report-mapping.ts";
import { type BulkInsert, bulkInsert, type Column, insertAll, replacing } from "./bulk.ts";
import type { Session } from "./connection.ts";
import type { TagNumbers } from "./tag-numbers.ts";

export function usageReader(session: Session): UsageReader {
  return {
    findInUse: async (smartAccountId, installationId, tagId) => {
      const row = await session.first(
        `select use_count, ends_at_s, report_id, is_verified from installation_usage
         where smart_account_id = $1 and installation_id = $2 and tag_id = $3`,
        smartAccountId,
        installationId,
        tagId,
      );
      return row === undefined ? undefined : inUseOf(row);
    },
    listInUse: async (smartAccountId, installationId) =>
      (
        await session.all(
          "select * from installation_usage where smart_account_id = $1 and installation_id = $2 order by tag_id",
          smartAccountId,
          installationId,
        )
      ).map((row) => ({ tagId: row.tag_id as number, inUse: inUseOf(row) })),
  };
}

export type InstallationInUse = { readonly installationId: number; readonly tagId: number; readonly inUse: InUse };

const inUseColumns: readonly Column<InstallationInUse>[] = [
  { name: "installation_id", type: "bigint", of: (one) => one.installationId },
  { name: "tag_id", type: "bigint", of: (one) => one.tagId },
  { name: "use_count", type: "bigint", of: ({ inUse }) => inUse.count },
  { name: "ends_at_s", type: "bigint", of: ({ inUse }) => inUse.endsAtSeconds },
  { name: "report_id", type: "bigint", of: ({ inUse }) => inUse.reportId },
  { name: "is_verified", type: "integer", of: ({ inUse }) => (inUse.isVerified ? 1 : 0) },
];
export const putInUses: BulkInsert<InstallationInUse> = bulkInsert(
  "installation_usage",
  inUseColumns,
  replacing(["installation_id", "tag_id"], inUseColumns),
);

const addToTotals: BulkInsert<UsageTotalChange> = bulkInsert(
  "usage_totals",
  [
    { name: "virtual_account_id", type: "bigint", of: (one) => one.virtualAccountId },
    { name: "tag_id", type: "bigint", of: (one) => one.tagId },
    { name: "in_use_verified", type: "bigint", of: (one) => one.verified },
    { name: "in_use_unverified", type: "bigint", of: (one) => one.unverified },
    { name: "installations", type: "bigint", of: (one) => one.installations },
  ],
  `on conflict (smart_account_id, virtual_account_id, tag_id) do update set
   in_use_verified = usage_totals.in_use_verified + excluded.in_use_verified,
   in_use_unverified = usage_totals.in_use_unverified + excluded.in_use_unverified,
   installations = usage_totals.installations + excluded.installations`,
);

export function usageWriter(session: Session, tagNumbers: TagNumbers): Omit<UsageWriter, "foresee"> {
  return {
    tagIdOf: (smartAccountId, tag) => tagNumbers.idOf(session, smartAccountId, tag),
    putInUse: async (smartAccountId, installationId, tagId, inUse) => {
      await insertAll(session, putInUses, smartAccountId, [{ installationId, tagId, inUse }]);
    },
    removeInUse: async (smartAccountId, installationId) => {
      await session.run(
        "delete from installation_usage where smart_account_id = $1 and installation_id = $2",
        smartAccountId,
        installationId,
      );
    },
    changeTotals: async (changes) => {
      for (const [smartAccountId, ofAccount] of Map.groupBy(changes, (change) => change.smartAccountId)) {
        await insertAll(session, addToTotals, smartAccountId, summed(ofAccount));
      }
    },
  };
}

/** One statement cannot change a row twice. */
function summed(changes: readonly UsageTotalChange[]): readonly UsageTotalChange[] {
  const sums = new Map<string, UsageTotalChange>();
  for (const one of changes) {
    const key = `${one.virtualAccountId} ${one.tagId}`;
    const sum = sums.get(key);
    sums.set(key, {
      ...one,
      verified: one.verified + (sum?.verified ?? 0),
      unverified: one.unverified + (sum?.unverified ?? 0),
      installations: one.installations + (sum?.installations ?? 0),
    });
  }
  return [...sums.values()];
}
