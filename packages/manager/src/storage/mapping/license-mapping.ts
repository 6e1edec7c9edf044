// Purchases, balances, policy settings and events from their rows, the same for every adapter.

import type { PolicyLayer } from "@countersign/protocol";
import type { Purchase, PurchaseKind } from "../../accounts/purchase.ts";
import type { Cause, EventKind, StoredEvent } from "../../events/event.ts";
import type { LicenseDay } from "../../licenses/license-day.ts";
import type { LicenseTransfer, MovedLot } from "../../licenses/license-transfer.ts";
import type { Shortage } from "../../licenses/shortage.ts";
import type { BalanceRow } from "../../licenses/standing.ts";
import type { SubstitutionEdge } from "../../licenses/substitution.ts";
import type { PolicySetting } from "../../policies/policy-setting.ts";
import type { LicenseUserPage, LicenseUserQuery } from "../../storage-ports.ts";
import type { Row } from "./row.ts";

export function purchaseOf(row: Row): Purchase {
  return {
    smartAccountId: row.smart_account_id as number,
    purchaseId: row.purchase_id as number,
    virtualAccountId: row.virtual_account_id as number,
    tag: row.tag as string,
    quantity: row.quantity as number,
    kind: row.kind as PurchaseKind,
    startsAtMs: row.starts_at_ms as number,
    endsAtMs: row.ends_at_ms as number | null,
    orderReference: row.order_reference as string,
  };
}

export function balanceOf(row: Row): BalanceRow {
  return {
    virtualAccountId: row.virtual_account_id as number,
    tag: row.tag as string,
    purchased: row.purchased as number,
    inUseVerified: row.verified as number,
    inUseUnverified: row.unverified as number,
    installations: row.installations as number,
    reserved: row.reserved as number,
  };
}

export function substitutionOf(row: Row): SubstitutionEdge {
  return {
    provider: row.provider as string,
    consumer: row.consumer as string,
    ratio: row.ratio as number,
    rank: row.distance as number,
  };
}

export function shortageOf(row: Row): Shortage {
  return {
    virtualAccountId: row.virtual_account_id as number,
    tag: row.tag as string,
    sinceMs: row.since_ms as number,
  };
}

export function licenseDayOf(row: Row): LicenseDay {
  return {
    virtualAccountId: row.virtual_account_id as number,
    tag: row.tag as string,
    day: row.day as number,
    inUseVerified: row.in_use_verified as number,
    inUseUnverified: row.in_use_unverified as number,
    purchased: row.purchased as number,
    short: row.short as number,
    inUseMax: row.in_use_max as number,
    shortMax: row.short_max as number,
  };
}

export function transferOf(row: Row): LicenseTransfer {
  return {
    smartAccountId: row.smart_account_id as number,
    transferId: row.transfer_id as number,
    atMs: row.at_ms as number,
    tag: row.tag as string,
    fromVirtualAccountId: row.from_virtual_account_id as number,
    toVirtualAccountId: row.to_virtual_account_id as number,
    quantity: row.quantity as number,
    lots: JSON.parse(row.lots as string) as readonly MovedLot[],
    cause: JSON.parse(row.cause as string) as Cause,
    undoneAtMs: row.undone_at_ms as number | null,
  };
}

/** Rows are the product instances that were walked; those that do not use the tag, or are not the first, have no count. */
export function licenseUsersOf(rows: readonly Row[], { page }: LicenseUserQuery): LicenseUserPage {
  const last = rows.length < page.limit ? undefined : rows.at(-1);
  return {
    users: rows
      .filter((row) => row.use_count !== null && Number(row.use_count) > 0)
      .map((row) => ({
        instanceId: row.instance_id as number,
        productInstanceIdentifier: row.product_instance_identifier as string,
        udi: { pid: row.pid as string, serialNumber: row.serial_number as string },
        hostname: row.hostname as string,
        count: row.use_count as number,
        isVerified: row.is_verified === 1,
      })),
    next: last === undefined ? null : (last.instance_id as number),
  };
}

export function policySettingOf(row: Row): PolicySetting {
  return {
    smartAccountId: row.smart_account_id as number,
    virtualAccountId: row.virtual_account_id as number | null,
    version: row.version as number,
    setAtMs: row.set_at_ms as number,
    layer: JSON.parse(row.layer as string) as PolicyLayer,
  };
}

export function eventOf(row: Row): StoredEvent {
  return {
    smartAccountId: row.smart_account_id as number,
    eventId: row.event_id as number,
    atMs: row.at_ms as number,
    kind: row.kind as EventKind,
    virtualAccountId: row.virtual_account_id as number | null,
    installationId: row.installation_id as number | null,
    cause: JSON.parse(row.cause as string) as Cause,
    before: JSON.parse(row.state_before as string),
    after: JSON.parse(row.state_after as string),
    leafIndex: row.leaf_index as number | null,
  };
}
