// Purchases, balances and policy settings in PostgreSQL.

import type { Purchase } from "../../accounts/purchase.ts";
import type { LicenseReader, LicenseWriter, PolicyReader, PolicyWriter, UsageWriter } from "../../storage-ports.ts";
import { balanceOf, policySettingOf, purchaseOf } from "../mapping/license-mapping.ts";
import type { Session } from "./connection.ts";
import { insertRow } from "./insert-row.ts";
import { licenseDayReader, licenseDayWriter } from "./license-day-rows.ts";
import { managementReader, managementWriter } from "./license-management-rows.ts";
import { reserveIds } from "./sequences.ts";

/** Joins small sets: sums of use (one row per virtual account and tag), purchases and sums of codes. The fleet is not touched. */
const balancesSql = (place: string) => `select m.virtual_account_id, t.tag, sum(m.purchased) as purchased,
    sum(m.verified) as verified, sum(m.unverified) as unverified, sum(m.installations) as installations,
    sum(m.reserved) as reserved
  from (
    select virtual_account_id, tag_id, 0 as purchased, in_use_verified as verified, in_use_unverified as unverified,
        installations, 0 as reserved
      from usage_totals where smart_account_id = $1 ${place}
    union all
    select virtual_account_id, tag_id,
        case when starts_at_ms <= $2 and (ends_at_ms is null or ends_at_ms > $2) then quantity else 0 end, 0, 0, 0, 0
      from purchases where smart_account_id = $1 ${place} and quantity > 0
    union all
    select virtual_account_id, n.tag_id, 0, 0, 0, 0, a.authorized from authorized_totals a
      join entitlement_tags n on n.smart_account_id = a.smart_account_id and n.tag = a.tag
      where a.smart_account_id = $1 ${place} and a.authorized <> 0
  ) m join entitlement_tags t on t.smart_account_id = $1 and t.tag_id = m.tag_id
  group by m.virtual_account_id, t.tag order by m.virtual_account_id, t.tag collate "C"`;
const allBalancesSql = balancesSql("");
const balancesInSql = balancesSql("and virtual_account_id = $3");

export function licenseReader(session: Session): LicenseReader {
  return {
    ...managementReader(session),
    ...licenseDayReader(session),
    listBalances: async (smartAccountId, validAtMs, virtualAccountId) => {
      const rows =
        virtualAccountId === undefined
          ? await session.all(allBalancesSql, smartAccountId, validAtMs)
          : await session.all(balancesInSql, smartAccountId, validAtMs, virtualAccountId);
      return rows.map(balanceOf);
    },
    listPurchases: async (smartAccountId) =>
      (
        await session.all(
          `select p.*, t.tag from purchases p
           join entitlement_tags t on t.smart_account_id = p.smart_account_id and t.tag_id = p.tag_id
           where p.smart_account_id = $1 and p.quantity > 0 order by p.purchase_id`,
          smartAccountId,
        )
      ).map(purchaseOf),
  };
}

export function licenseWriter(session: Session, usage: Pick<UsageWriter, "tagIdOf">): LicenseWriter {
  return {
    ...managementWriter(session),
    ...licenseDayWriter(session),
    addPurchases: async (smartAccountId, purchases) => {
      const firstId = await reserveIds(session, smartAccountId, "purchase", purchases.length);
      const added: Purchase[] = [];
      for (const [at, purchase] of purchases.entries()) {
        await insertRow(session, "purchases", {
          smart_account_id: smartAccountId,
          purchase_id: firstId + at,
          virtual_account_id: purchase.virtualAccountId,
          tag_id: await usage.tagIdOf(smartAccountId, purchase.tag),
          quantity: purchase.quantity,
          kind: purchase.kind,
          starts_at_ms: purchase.startsAtMs,
          ends_at_ms: purchase.endsAtMs,
          order_reference: purchase.orderReference,
        });
        added.push({ ...purchase, smartAccountId, purchaseId: firstId + at });
      }
      return added;
    },
  };
}

export function policyReader(session: Session): PolicyReader {
  return {
    listPolicySettings: async (smartAccountId) =>
      (
        await session.all(
          `select s.* from policy_settings s join (
             select coalesce(virtual_account_id, 0) as place, max(version) as version from policy_settings
             where smart_account_id = $1 group by coalesce(virtual_account_id, 0)
           ) newest on newest.version = s.version where s.smart_account_id = $1 order by s.version`,
          smartAccountId,
        )
      ).map(policySettingOf),
    newestPolicyVersion: async (smartAccountId) => {
      const sql = "select newest_policy_version from smart_accounts where smart_account_id = $1";
      return Number((await session.first(sql, smartAccountId))?.newest_policy_version ?? 0);
    },
  };
}

export function policyWriter(session: Session): PolicyWriter {
  return {
    nextPolicyVersion: async (smartAccountId) => {
      const row = await session.first(
        `update smart_accounts set newest_policy_version = newest_policy_version + 1 where smart_account_id = $1
         returning newest_policy_version`,
        smartAccountId,
      );
      return Number(row?.newest_policy_version);
    },
    addPolicySetting: async (setting) => {
      await insertRow(session, "policy_settings", {
        smart_account_id: setting.smartAccountId,
        version: setting.version,
        virtual_account_id: setting.virtualAccountId,
        set_at_ms: setting.setAtMs,
        layer: JSON.stringify(setting.layer),
      });
    },
  };
}
