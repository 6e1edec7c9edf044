// Purchases, balances and policy settings in SQLite.

import type { Purchase } from "../../accounts/purchase.ts";
import type { LicenseReader, LicenseWriter, PolicyReader, PolicyWriter, UsageWriter } from "../../storage-ports.ts";
import { balanceOf, policySettingOf, purchaseOf } from "../mapping/license-mapping.ts";
import type { Row } from "../mapping/row.ts";
import { queries } from "../schema.ts";
import type { Connection } from "./connection.ts";
import { licenseDayReader, licenseDayWriter } from "./license-day-rows.ts";
import { managementReader, managementWriter } from "./license-management-rows.ts";
import { reserveIds } from "./sequences.ts";

export function licenseReader(connection: Connection): LicenseReader {
  return {
    ...managementReader(connection),
    ...licenseDayReader(connection),
    listBalances: (smartAccountId, validAtMs, virtualAccountId) => {
      const rows =
        virtualAccountId === undefined
          ? connection.prepare(allBalancesSql).all(smartAccountId, validAtMs)
          : connection.prepare(balancesInSql).all(smartAccountId, validAtMs, virtualAccountId);
      return rows.map((row) => balanceOf(row as Row));
    },
    listPurchases: (smartAccountId) =>
      connection
        .all(
          queries()
            .selectFrom("purchases as p")
            .innerJoin("entitlement_tags as t", (join) =>
              join.onRef("t.smart_account_id", "=", "p.smart_account_id").onRef("t.tag_id", "=", "p.tag_id"),
            )
            .selectAll("p")
            .select("t.tag")
            .where("p.smart_account_id", "=", smartAccountId)
            .where("p.quantity", ">", 0)
            .orderBy("p.purchase_id"),
        )
        .map(purchaseOf),
  };
}

/** Joins small sets: sums of use (one row per virtual account and tag), purchases and sums of codes. The fleet is not touched. */
// `indexed by`, `cross join`: without statistics SQLite walks all purchases and tags of the account instead.
const balancesSql = (
  place: string,
  purchases: string,
) => `select m.virtual_account_id, t.tag, sum(m.purchased) as purchased,
    sum(m.verified) as verified, sum(m.unverified) as unverified, sum(m.installations) as installations,
    sum(m.reserved) as reserved
  from (
    select virtual_account_id, tag_id, 0 as purchased, in_use_verified as verified, in_use_unverified as unverified,
        installations, 0 as reserved
      from usage_totals where smart_account_id = ?1 ${place}
    union all
    select virtual_account_id, tag_id,
        case when starts_at_ms <= ?2 and (ends_at_ms is null or ends_at_ms > ?2) then quantity else 0 end, 0, 0, 0, 0
      from ${purchases} where smart_account_id = ?1 ${place} and quantity > 0
    union all
    select virtual_account_id, n.tag_id, 0, 0, 0, 0, a.authorized from authorized_totals a
      join entitlement_tags n on n.smart_account_id = a.smart_account_id and n.tag = a.tag
      where a.smart_account_id = ?1 ${place} and a.authorized <> 0
  ) m cross join entitlement_tags t on t.smart_account_id = ?1 and t.tag_id = m.tag_id
  group by m.virtual_account_id, t.tag order by m.virtual_account_id, t.tag`;
const allBalancesSql = balancesSql("", "purchases");
const balancesInSql = balancesSql("and virtual_account_id = ?3", "purchases indexed by purchases_by_virtual_account");

export function licenseWriter(connection: Connection, usage: Pick<UsageWriter, "tagIdOf">): LicenseWriter {
  return {
    ...managementWriter(connection),
    ...licenseDayWriter(connection),
    addPurchases: async (smartAccountId, purchases) => {
      const firstId = reserveIds(connection, smartAccountId, "purchase", purchases.length);
      const added: Purchase[] = [];
      for (const [at, purchase] of purchases.entries()) {
        const tagId = await usage.tagIdOf(smartAccountId, purchase.tag);
        connection.run(
          queries()
            .insertInto("purchases")
            .values({
              smart_account_id: smartAccountId,
              purchase_id: firstId + at,
              virtual_account_id: purchase.virtualAccountId,
              tag_id: tagId,
              quantity: purchase.quantity,
              kind: purchase.kind,
              starts_at_ms: purchase.startsAtMs,
              ends_at_ms: purchase.endsAtMs,
              order_reference: purchase.orderReference,
            }),
        );
        added.push({ ...purchase, smartAccountId, purchaseId: firstId + at });
      }
      return added;
    },
  };
}

export function policyReader(connection: Connection): PolicyReader {
  return {
    listPolicySettings: (smartAccountId) =>
      connection
        .prepare(
          `select s.* from policy_settings s join (
             select coalesce(virtual_account_id, 0) as place, max(version) as version from policy_settings
             where smart_account_id = ? group by coalesce(virtual_account_id, 0)
           ) newest on newest.version = s.version where s.smart_account_id = ? order by s.version`,
        )
        .all(smartAccountId, smartAccountId)
        .map((row) => policySettingOf(row as Row)),
    newestPolicyVersion: (smartAccountId) => {
      const row = connection
        .prepare("select newest_policy_version from smart_accounts where smart_account_id = ?")
        .get(smartAccountId);
      return Number(row?.newest_policy_version ?? 0);
    },
  };
}

export function policyWriter(connection: Connection): PolicyWriter {
  return {
    nextPolicyVersion: (smartAccountId) => {
      const row = connection
        .prepare(
          `update smart_accounts set newest_policy_version = newest_policy_version + 1 where smart_account_id = ?
           returning newest_policy_version`,
        )
        .get(smartAccountId);
      return Number(row?.newest_policy_version);
    },
    addPolicySetting: (setting) => {
      connection.run(
        queries()
          .insertInto("policy_settings")
          .values({
            smart_account_id: setting.smartAccountId,
            version: setting.version,
            virtual_account_id: setting.virtualAccountId,
            set_at_ms: setting.setAtMs,
            layer: JSON.stringify(setting.layer),
          }),
      );
    },
  };
}
