// Ids are made in the program: dense numbers per smart account and kind, reserved inside the transaction that uses them.

import type { SequenceKind } from "../schema.ts";
import type { Connection } from "./connection.ts";

/** Reserves `count` consecutive ids and answers the first. Smart account 0 numbers the smart accounts themselves. */
export function reserveIds(
  connection: Connection,
  smartAccountId: number,
  kind: SequenceKind | "smart_account",
  count: number,
): number {
  const row = connection
    .prepare(
      `insert into sequences (smart_account_id, kind, next_id) values (?, ?, ?)
       on conflict (smart_account_id, kind) do update set next_id = sequences.next_id + ? returning next_id`,
    )
    .get(smartAccountId, kind, 1 + count, count);
  return Number(row?.next_id) - count;
}
