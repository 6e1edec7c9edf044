// Ids are made in the program: dense numbers per smart account and kind, reserved inside the transaction that uses them.

import type { SequenceKind } from "../schema.ts";
import type { Session } from "./connection.ts";

/** Reserves `count` consecutive ids and answers the first. Smart account 0 numbers the smart accounts themselves. */
export async function reserveIds(
  session: Session,
  smartAccountId: number,
  kind: SequenceKind | "smart_account",
  count: number,
): Promise<number> {
  const row = await session.first(
    `insert into sequences (smart_account_id, kind, next_id) values ($1, $2, $3)
     on conflict (smart_account_id, kind) do update set next_id = sequences.next_id + $4::bigint returning next_id`,
    smartAccountId,
    kind,
    1 + count,
    count,
  );
  return Number(row?.next_id) - count;
}
