// Conversions of old licences in SQLite.

import { type ConversionReader, type ConversionWriter, managerScope } from "../../storage-ports.ts";
import { conversionOf, conversionRow } from "../mapping/conversion-mapping.ts";
import type { Row } from "../mapping/row.ts";
import { queries } from "../schema.ts";
import type { Connection } from "./connection.ts";
import { reserveIds } from "./sequences.ts";

export function conversionReader(connection: Connection): ConversionReader {
  return {
    findConversion: (smartAccountId, { pid, serialNumber }) => {
      const row = connection
        .prepare("select * from conversions where smart_account_id = ? and pid = ? and serial_number = ?")
        .get(smartAccountId, pid, serialNumber);
      return row === undefined ? undefined : conversionOf(row as Row);
    },
    listConversions: ({ smartAccountId, virtualAccountIds, page }) => {
      let query = queries()
        .selectFrom("conversions")
        .selectAll()
        .where("smart_account_id", "=", smartAccountId)
        .orderBy("conversion_id", "desc")
        .limit(page.limit);
      if (virtualAccountIds !== null) query = query.where("virtual_account_id", "in", virtualAccountIds);
      if (page.after !== null) query = query.where("conversion_id", "<", page.after);
      return connection.all(query).map(conversionOf);
    },
    isAutomatic: (smartAccountId) =>
      connection.prepare("select is_automatic from conversion_settings where smart_account_id = ?").get(smartAccountId)
        ?.is_automatic === 1,
  };
}

export function conversionWriter(connection: Connection): ConversionWriter {
  return {
    addConversion: (conversion) => {
      const conversionId = reserveIds(connection, conversion.smartAccountId, "conversion", 1);
      const added = { ...conversion, conversionId };
      connection.run(queries().insertInto("conversions").values(conversionRow(added)));
      return added;
    },
    changeConversion: (conversion) => {
      const { smart_account_id, conversion_id, virtual_account_id, state, licenses, changed_at_ms, payload } =
        conversionRow(conversion);
      connection
        .prepare(
          `update conversions set virtual_account_id = ?, state = ?, licenses = ?, changed_at_ms = ?, payload = ?
           where smart_account_id = ? and conversion_id = ?`,
        )
        .run(virtual_account_id, state, licenses, changed_at_ms, payload, smart_account_id, conversion_id);
      return conversion;
    },
    claimDevice: ({ pid, serialNumber }, smartAccountId) => {
      connection
        .prepare(
          `insert into converted_devices (smart_account_id, pid, serial_number, converted_in) values (?, ?, ?, ?)
           on conflict (smart_account_id, pid, serial_number) do nothing`,
        )
        .run(managerScope, pid, serialNumber, smartAccountId);
      const row = connection
        .prepare(
          "select converted_in from converted_devices where smart_account_id = ? and pid = ? and serial_number = ?",
        )
        .get(managerScope, pid, serialNumber);
      return Number(row?.converted_in);
    },
    setAutomatic: (smartAccountId, isAutomatic) => {
      connection
        .prepare("insert or replace into conversion_settings (smart_account_id, is_automatic) values (?, ?)")
        .run(smartAccountId, isAutomatic ? 1 : 0);
    },
  };
}
