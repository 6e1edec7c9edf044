// Conversions of old licences in PostgreSQL.

import { type ConversionReader, type ConversionWriter, managerScope } from "../../storage-ports.ts";
import { conversionOf, conversionRow } from "../mapping/conversion-mapping.ts";
import type { Session } from "./connection.ts";
import { insertRow } from "./insert-row.ts";
import { reserveIds } from "./sequences.ts";

export function conversionReader(session: Session): ConversionReader {
  return {
    findConversion: async (smartAccountId, { pid, serialNumber }) => {
      const sql = "select * from conversions where smart_account_id = $1 and pid = $2 and serial_number = $3";
      const row = await session.first(sql, smartAccountId, pid, serialNumber);
      return row === undefined ? undefined : conversionOf(row);
    },
    listConversions: async ({ smartAccountId, virtualAccountIds, page }) => {
      const sql = `select * from conversions where smart_account_id = $1
        and ($2::bigint[] is null or virtual_account_id = any($2)) and ($3::bigint is null or conversion_id < $3)
        order by conversion_id desc limit $4`;
      return (await session.all(sql, smartAccountId, virtualAccountIds, page.after, page.limit)).map(conversionOf);
    },
    isAutomatic: async (smartAccountId) => {
      const sql = "select is_automatic from conversion_settings where smart_account_id = $1";
      return (await session.first(sql, smartAccountId))?.is_automatic === 1;
    },
  };
}

export function conversionWriter(session: Session): ConversionWriter {
  return {
    addConversion: async (conversion) => {
      const conversionId = await reserveIds(session, conversion.smartAccountId, "conversion", 1);
      const added = { ...conversion, conversionId };
      await insertRow(session, "conversions", conversionRow(added));
      return added;
    },
    changeConversion: async (conversion) => {
      const { smart_account_id, conversion_id, virtual_account_id, state, licenses, changed_at_ms, payload } =
        conversionRow(conversion);
      await session.run(
        `update conversions set virtual_account_id = $3, state = $4, licenses = $5, changed_at_ms = $6, payload = $7
         where smart_account_id = $1 and conversion_id = $2`,
        ...([smart_account_id, conversion_id, virtual_account_id, state, licenses, changed_at_ms, payload] as const),
      );
      return conversion;
    },
    claimDevice: async ({ pid, serialNumber }, smartAccountId) => {
      await session.run(
        `insert into converted_devices (smart_account_id, pid, serial_number, converted_in) values ($1, $2, $3, $4)
         on conflict (smart_account_id, pid, serial_number) do nothing`,
        ...([managerScope, pid, serialNumber, smartAccountId] as const),
      );
      const sql =
        "select converted_in from converted_devices where smart_account_id = $1 and pid = $2 and serial_number = $3";
      return Number((await session.first(sql, managerScope, pid, serialNumber))?.converted_in);
    },
    setAutomatic: async (smartAccountId, isAutomatic) => {
      await session.run(
        `insert into conversion_settings (smart_account_id, is_automatic) values ($1, $2)
         on conflict (smart_account_id) do update set is_automatic = excluded.is_automatic`,
        smartAccountId,
        isAutomatic ? 1 : 0,
      );
    },
  };
}
