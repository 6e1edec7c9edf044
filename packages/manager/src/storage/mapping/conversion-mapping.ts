// Conversions from their rows and to them, the same for every adapter.

import type { LegacyLicense } from "@countersign/protocol";
import type { ConversionState, StoredConversion } from "../../conversions/conversion.ts";
import type { Row } from "./row.ts";

export function conversionOf(row: Row): StoredConversion {
  return {
    smartAccountId: row.smart_account_id as number,
    conversionId: row.conversion_id as number,
    udi: { pid: row.pid as string, serialNumber: row.serial_number as string },
    virtualAccountId: row.virtual_account_id as number,
    state: row.state as ConversionState,
    licenses: JSON.parse(row.licenses as string) as readonly LegacyLicense[],
    askedAtMs: row.asked_at_ms as number,
    changedAtMs: row.changed_at_ms as number,
    payload: row.payload as string | null,
  };
}

export function conversionRow(one: StoredConversion) {
  return {
    smart_account_id: one.smartAccountId,
    conversion_id: one.conversionId,
    pid: one.udi.pid,
    serial_number: one.udi.serialNumber,
    virtual_account_id: one.virtualAccountId,
    state: one.state,
    licenses: JSON.stringify(one.licenses),
    asked_at_ms: one.askedAtMs,
    changed_at_ms: one.changedAtMs,
    payload: one.payload,
  };
}
