// What is in use, per installation and summed per virtual account, in SQLite. The hot path: prepared plain SQL only.

import type { UsageReader, UsageWriter } from "../../storage-ports.ts";
import { inUseOf } from "../mapping/report-mapping.ts";
import type { Row } from "../mapping/row.ts";
import type { Connection } from "./connection.ts";
import { reserveIds } from "./sequences.ts";

export function usageReader(connection: Connection): UsageReader {
  return {
    findInUse: (smartAccountId, installationId, tagId) => {
      const row = connection
        .prepare(
          `select use_count, ends_at_s, report_id, is_verified from installation_usage
           where smart_account_id = ? and installation_id = ? and tag_id = ?`,
        )
        .get(smartAccountId, installationId, tagId);
      return row === undefined ? undefined : inUseOf(row as Row);
    },
    listInUse: (smartAccountId, installationId) =>
      connection
        .prepare("select * from installation_usage where smart_account_id = ? and installation_id = ? order by tag_id")
        .all(smartAccountId, installationId)
        .map((row) => ({ tagId: row.tag_id as number, inUse: inUseOf(row as Row) })),
  };
}

/** Numbers of tags that committed transactions know; a number made by a transaction that fails is forgotten. */
export class TagNumbers {
  readonly #committed = new Map<string, number>();
  readonly #pending = new Map<string, number>();
  static readonly #keptMax = 20_000;

  get(key: string): number | undefined {
    return this.#committed.get(key) ?? this.#pending.get(key);
  }
  add(key: string, tagId: number): void {
    this.#pending.set(key, tagId);
  }
  commit(): void {
    if (this.#pending.size === 0) return;
    if (this.#committed.size > TagNumbers.#keptMax) this.#committed.clear();
    for (const [key, tagId] of this.#pending) this.#committed.set(key, tagId);
    this.#pending.clear();
  }
  rollback(): void {
    this.#pending.clear();
  }
}

export function usageWriter(connection: Connection, tagNumbers: TagNumbers): UsageWriter {
  const put = connection.prepare(
    `insert into installation_usage (smart_account_id, installation_id, tag_id, use_count, ends_at_s, report_id, is_verified)
     values (?, ?, ?, ?, ?, ?, ?) on conflict (smart_account_id, installation_id, tag_id) do update set
     use_count = excluded.use_count, ends_at_s = excluded.ends_at_s, report_id = excluded.report_id,
     is_verified = excluded.is_verified`,
  );
  const addToTotal = connection.prepare(
    `insert into usage_totals (smart_account_id, virtual_account_id, tag_id, in_use_verified, in_use_unverified, installations)
     values (?, ?, ?, ?, ?, ?) on conflict (smart_account_id, virtual_account_id, tag_id) do update set
     in_use_verified = usage_totals.in_use_verified + excluded.in_use_verified,
     in_use_unverified = usage_totals.in_use_unverified + excluded.in_use_unverified,
     installations = usage_totals.installations + excluded.installations`,
  );
  return {
    foresee: () => undefined,
    tagIdOf: (smartAccountId, tag) => {
      const key = `${smartAccountId} ${tag}`;
      const known = tagNumbers.get(key);
      if (known !== undefined) return known;
      const tagId = findTag(connection, smartAccountId, tag) ?? addTag(connection, smartAccountId, tag);
      tagNumbers.add(key, tagId);
      return tagId;
    },
    putInUse: (smartAccountId, installationId, tagId, inUse) => {
      const { count, endsAtSeconds, reportId, isVerified } = inUse;
      put.run(smartAccountId, installationId, tagId, count, endsAtSeconds, reportId, isVerified ? 1 : 0);
    },
    removeInUse: (smartAccountId, installationId) => {
      connection
        .prepare("delete from installation_usage where smart_account_id = ? and installation_id = ?")
        .run(smartAccountId, installationId);
    },
    changeTotals: (changes) => {
      for (const one of changes) {
        addToTotal.run(
          one.smartAccountId,
          one.virtualAccountId,
          one.tagId,
          one.verified,
          one.unverified,
          one.installations,
        );
      }
    },
  };
}

function findTag(connection: Connection, smartAccountId: number, tag: string): number | undefined {
  const row = connection
    .prepare("select tag_id from entitlement_tags where smart_account_id = ? and tag = ?")
    .get(smartAccountId, tag);
  return row?.tag_id as number | undefined;
}

function addTag(connection: Connection, smartAccountId: number, tag: string): number {
  const tagId = reserveIds(connection, smartAccountId, "tag", 1);
  connection
    .prepare("insert into entitlement_tags (smart_account_id, tag_id, tag) values (?, ?, ?)")
    .run(smartAccountId, tagId, tag);
  return tagId;
}
