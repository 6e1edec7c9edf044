// Substitutions, transfers and shortages of licences, and who uses one, in PostgreSQL.

import type { LicenseReader, LicenseWriter } from "../../storage-ports.ts";
import { licenseUsersOf, shortageOf, substitutionOf, transferOf } from "../mapping/license-mapping.ts";
import type { Session } from "./connection.ts";
import { reserveIds } from "./sequences.ts";

/**
 * So many product instances of a virtual account, in order, and beside each what its installation uses of the tag if no member
 * stands before it: neither the fleet nor all use of a tag is walked at one time.
 */
const usersSql = `select i.*, u.use_count, u.is_verified from (
    select * from product_instances
      where smart_account_id = $1 and virtual_account_id = $2 and removed_at_ms is null and instance_id > $3
      order by instance_id limit $4
  ) i left join installation_usage u on u.smart_account_id = i.smart_account_id and u.installation_id = i.installation_id
    and u.tag_id = (select tag_id from entitlement_tags where smart_account_id = $1 and tag = $5)
    and not exists (select 1 from product_instances o
      where o.smart_account_id = i.smart_account_id and o.installation_id = i.installation_id and o.removed_at_ms is null
        and o.instance_id < i.instance_id)
  order by i.instance_id`;

export function managementReader(
  session: Session,
): Pick<LicenseReader, "listSubstitutions" | "listShortages" | "findTransfer" | "listTransfers" | "listUsers"> {
  return {
    listSubstitutions: async (smartAccountId) => {
      const sql = `select * from license_substitutions where smart_account_id = $1
        order by consumer collate "C", distance, provider collate "C"`;
      return (await session.all(sql, smartAccountId)).map(substitutionOf);
    },
    listShortages: async (smartAccountId) => {
      const sql = `select * from license_shortages where smart_account_id = $1
        order by virtual_account_id, tag collate "C"`;
      return (await session.all(sql, smartAccountId)).map(shortageOf);
    },
    findTransfer: async (smartAccountId, transferId) => {
      const sql = "select * from license_transfers where smart_account_id = $1 and transfer_id = $2";
      const row = await session.first(sql, smartAccountId, transferId);
      return row === undefined ? undefined : transferOf(row);
    },
    listTransfers: async ({ smartAccountId, virtualAccountIds, page }) => {
      const sql = `select * from license_transfers where smart_account_id = $1
        and ($2::bigint[] is null or (from_virtual_account_id = any($2) and to_virtual_account_id = any($2)))
        and ($3::bigint is null or transfer_id < $3) order by transfer_id desc limit $4`;
      return (await session.all(sql, smartAccountId, virtualAccountIds, page.after, page.limit)).map(transferOf);
    },
    listUsers: async (query) => {
      const { smartAccountId, virtualAccountId, tag, page } = query;
      const rows = await session.all(usersSql, smartAccountId, virtualAccountId, page.after ?? 0, page.limit, tag);
      return licenseUsersOf(rows, query);
    },
  };
}

export function managementWriter(session: Session): Omit<LicenseWriter, "addPurchases" | "putDays"> {
  const run = async (sql: string, smartAccountId: number, ...values: (string | number | null)[]) => {
    await session.run(sql, smartAccountId, ...values);
  };
  return {
    changePurchaseQuantity: (smartAccountId, purchaseId, difference) =>
      run(
        "update purchases set quantity = quantity + $3::bigint where smart_account_id = $1 and purchase_id = $2",
        smartAccountId,
        purchaseId,
        difference,
      ),
    putSubstitutions: async (smartAccountId, edges) => {
      await run("delete from license_substitutions where smart_account_id = $1", smartAccountId);
      const insert =
        "insert into license_substitutions (smart_account_id, provider, consumer, ratio, distance) values ($1, $2, $3, $4, $5)";
      for (const { provider, consumer, ratio, rank } of edges)
        await run(insert, smartAccountId, provider, consumer, ratio, rank);
    },
    addTransfer: async (transfer) => {
      const transferId = await reserveIds(session, transfer.smartAccountId, "license_transfer", 1);
      await run(
        `insert into license_transfers (smart_account_id, transfer_id, at_ms, tag, from_virtual_account_id,
           to_virtual_account_id, quantity, lots, cause, undone_at_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        transfer.smartAccountId,
        ...[transferId, transfer.atMs, transfer.tag, transfer.fromVirtualAccountId, transfer.toVirtualAccountId],
        ...[transfer.quantity, JSON.stringify(transfer.lots), JSON.stringify(transfer.cause), transfer.undoneAtMs],
      );
      return { ...transfer, transferId };
    },
    endTransfer: (smartAccountId, transferId, undoneAtMs) =>
      run(
        "update license_transfers set undone_at_ms = $3 where smart_account_id = $1 and transfer_id = $2",
        smartAccountId,
        transferId,
        undoneAtMs,
      ),
    addShortage: (smartAccountId, { virtualAccountId, tag, sinceMs }) =>
      run(
        "insert into license_shortages (smart_account_id, virtual_account_id, tag, since_ms) values ($1, $2, $3, $4)",
        smartAccountId,
        ...[virtualAccountId, tag, sinceMs],
      ),
    removeShortage: (smartAccountId, { virtualAccountId, tag }) =>
      run(
        "delete from license_shortages where smart_account_id = $1 and virtual_account_id = $2 and tag = $3",
        smartAccountId,
        ...[virtualAccountId, tag],
      ),
  };
}
