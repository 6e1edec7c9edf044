// Purchases, balances, policy settings and events from their rows, the same for every adapter.

import type { PolicyLayer } from "@countersign/protocol";
import type { BalanceRow } from "../../accounts/balance.ts";
import type { Purchase, PurchaseKind } from "../../accounts/purchase.ts";
import type { Cause, EventKind, StoredEvent } from "../../events/event.ts";
import type { PolicySetting } from "../../policies/policy-setting.ts";
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
