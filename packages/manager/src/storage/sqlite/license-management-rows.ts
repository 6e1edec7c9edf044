// Substitutions, transfers and shortages of licences, and who uses one, in SQLite.

import type { LicenseReader, LicenseUserQuery, LicenseWriter } from "../../storage-ports.ts";
import { licenseUsersOf, shortageOf, substitutionOf, transferOf } from "../mapping/license-mapping.ts";
import type { Row } from "../mapping/row.ts";
import type { Connection } from "./connection.ts";
import { reserveIds } from "./sequences.ts";

/**
 * So many product instances of a virtual account, in order, and beside each what its installation uses of the tag if no member
 * stands before it: neither the fleet nor all use of a tag is walked at one time.
 */
const usersSql = `select i.*, u.use_count, u.is_verified from (
    select * from product_instances indexed by product_instances_by_virtual_account
      where smart_account_id = ? and virtual_account_id = ? and removed_at_ms is null and instance_id > ?
      order by instance_id limit ?
  ) i left join installation_usage u on u.smart_account_id = i.smart_account_id and u.installation_id = i.installation_id
    and u.tag_id = (select tag_id from entitlement_tags where smart_account_id = ? and tag = ?)
    and not exists (select 1 from product_instances o indexed by product_instances_by_installation
      where o.smart_account_id = i.smart_account_id and o.installation_id = i.installation_id and o.removed_at_ms is null
        and o.instance_id < i.instance_id)
  order by i.instance_id`;

export function managementReader(
  connection: Connection,
): Pick<LicenseReader, "listSubstitutions" | "listShortages" | "findTransfer" | "listTransfers" | "listUsers"> {
  const all = (sql: string, ...values: (string | number)[]) => connection.prepare(sql).all(...values) as Row[];
  return {
    listSubstitutions: (smartAccountId) =>
      all(
        "select * from license_substitutions where smart_account_id = ? order by consumer, distance, provider",
        smartAccountId,
      ).map(substitutionOf),
    listShortages: (smartAccountId) =>
      all(
        "select * from license_shortages where smart_account_id = ? order by virtual_account_id, tag",
        smartAccountId,
      ).map(shortageOf),
    findTransfer: (smartAccountId, transferId) =>
      all(
        "select * from license_transfers where smart_account_id = ? and transfer_id = ?",
        smartAccountId,
        transferId,
      ).map(transferOf)[0],
    listTransfers: ({ smartAccountId, virtualAccountIds, page }) => {
      const ids = virtualAccountIds ?? [];
      const marks = ids.map(() => "?").join(", ");
      const inside =
        ids.length === 0 ? "" : `and from_virtual_account_id in (${marks}) and to_virtual_account_id in (${marks})`;
      const sql = `select * from license_transfers where smart_account_id = ? and transfer_id < ? ${inside}
        order by transfer_id desc limit ?`;
      return all(sql, smartAccountId, page.after ?? Number.MAX_SAFE_INTEGER, ...ids, ...ids, page.limit).map(
        transferOf,
      );
    },
    listUsers: (query: LicenseUserQuery) => {
      const { smartAccountId, virtualAccountId, tag, page } = query;
      const values = [smartAccountId, virtualAccountId, page.after ?? 0, page.limit, smartAccountId, tag];
      return licenseUsersOf(all(usersSql, ...values), query);
    },
  };
}

export function managementWriter(connection: Connection): Omit<LicenseWriter, "addPurchases" | "putDays"> {
  const run = (sql: string, ...values: (string | number | null)[]) => void connection.prepare(sql).run(...values);
  return {
    changePurchaseQuantity: (smartAccountId, purchaseId, difference) =>
      run(
        "update purchases set quantity = quantity + ? where smart_account_id = ? and purchase_id = ?",
        difference,
        smartAccountId,
        purchaseId,
      ),
    putSubstitutions: (smartAccountId, edges) => {
      run("delete from license_substitutions where smart_account_id = ?", smartAccountId);
      const insert =
        "insert into license_substitutions (smart_account_id, provider, consumer, ratio, distance) values (?, ?, ?, ?, ?)";
      for (const { provider, consumer, ratio, rank } of edges)
        run(insert, smartAccountId, provider, consumer, ratio, rank);
    },
    addTransfer: (transfer) => {
      const transferId = reserveIds(connection, transfer.smartAccountId, "license_transfer", 1);
      run(
        `insert into license_transfers (smart_account_id, transfer_id, at_ms, tag, from_virtual_account_id,
           to_virtual_account_id, quantity, lots, cause, undone_at_ms) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[transfer.smartAccountId, transferId, transfer.atMs, transfer.tag, transfer.fromVirtualAccountId],
        ...[transfer.toVirtualAccountId, transfer.quantity, JSON.stringify(transfer.lots)],
        ...[JSON.stringify(transfer.cause), transfer.undoneAtMs],
      );
      return { ...transfer, transferId };
    },
    endTransfer: (smartAccountId, transferId, undoneAtMs) =>
      run(
        "update license_transfers set undone_at_ms = ? where smart_account_id = ? and transfer_id = ?",
        undoneAtMs,
        smartAccountId,
        transferId,
      ),
    addShortage: (smartAccountId, { virtualAccountId, tag, sinceMs }) =>
      run(
        "insert into license_shortages (smart_account_id, virtual_account_id, tag, since_ms) values (?, ?, ?, ?)",
        ...[smartAccountId, virtualAccountId, tag, sinceMs],
      ),
    removeShortage: (smartAccountId, { virtualAccountId, tag }) =>
      run(
        "delete from license_shortages where smart_account_id = ? and virtual_account_id = ? and tag = ?",
        ...[smartAccountId, virtualAccountId, tag],
      ),
  };
}
