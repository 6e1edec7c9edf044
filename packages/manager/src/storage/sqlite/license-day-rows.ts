// How licences stood on the days on which they changed, in SQLite.

import type { LicenseReader, LicenseWriter } from "../../storage-ports.ts";
import { licenseDayOf } from "../mapping/license-mapping.ts";
import type { Row } from "../mapping/row.ts";
import type { Connection } from "./connection.ts";

/** `indexed by`: SQLite walks all days of an account instead, because they have the wished order already. */
const newestSql = `select * from license_days indexed by license_days_newest
  where smart_account_id = ? and is_newest = 1 order by virtual_account_id, tag`;
const ofLicense = "smart_account_id = ? and virtual_account_id = ? and tag = ?";

export function licenseDayReader(connection: Connection): Pick<LicenseReader, "listNewestDays" | "listDays"> {
  const all = (sql: string, ...values: (string | number)[]) => connection.prepare(sql).all(...values) as Row[];
  return {
    listNewestDays: (smartAccountId) => all(newestSql, smartAccountId).map(licenseDayOf),
    listDays: ({ smartAccountId, virtualAccountId, tag, fromDay, toDay }) => {
      const key = [smartAccountId, virtualAccountId, tag];
      const sql = `select * from license_days where ${ofLicense} and day <= ?
        and day >= coalesce((select max(day) from license_days where ${ofLicense} and day <= ?), ?) order by day`;
      return all(sql, ...key, toDay, ...key, fromDay, fromDay).map(licenseDayOf);
    },
  };
}

export function licenseDayWriter(connection: Connection): Pick<LicenseWriter, "putDays"> {
  return {
    putDays: (smartAccountId, days, keptFromDay) => {
      const put = connection.prepare(
        `insert into license_days (smart_account_id, virtual_account_id, tag, day, in_use_verified, in_use_unverified,
           purchased, short, in_use_max, short_max, is_newest) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
         on conflict (smart_account_id, virtual_account_id, tag, day) do update set
         in_use_verified = excluded.in_use_verified, in_use_unverified = excluded.in_use_unverified,
         purchased = excluded.purchased, short = excluded.short,
         in_use_max = max(license_days.in_use_max, excluded.in_use_max),
         short_max = max(license_days.short_max, excluded.short_max)`,
      );
      const surpass = connection.prepare(
        `update license_days set is_newest = 0 where ${ofLicense} and is_newest = 1
         and day < (select max(day) from license_days where ${ofLicense})`,
      );
      const forget = connection.prepare(
        `delete from license_days where ${ofLicense}
         and day < (select max(day) from license_days where ${ofLicense} and day <= ?)`,
      );
      for (const one of days) {
        const key = [smartAccountId, one.virtualAccountId, one.tag] as const;
        const { day, inUseVerified, inUseUnverified, purchased, short, inUseMax, shortMax } = one;
        put.run(...key, day, inUseVerified, inUseUnverified, purchased, short, inUseMax, shortMax);
        surpass.run(...key, ...key);
        forget.run(...key, ...key, keptFromDay);
      }
    },
  };
}
