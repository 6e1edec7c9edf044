// How licences stood on the days on which they changed, in PostgreSQL.

import type { LicenseDay } from "../../licenses/license-day.ts";
import type { LicenseReader, LicenseWriter } from "../../storage-ports.ts";
import { licenseDayOf } from "../mapping/license-mapping.ts";
import { type BulkInsert, bulkInsert, insertAll } from "./bulk.ts";
import type { Session } from "./connection.ts";

const put: BulkInsert<LicenseDay> = bulkInsert(
  "license_days",
  [
    { name: "virtual_account_id", type: "bigint", of: (one) => one.virtualAccountId },
    { name: "tag", type: "text", of: (one) => one.tag },
    { name: "day", type: "bigint", of: (one) => one.day },
    { name: "in_use_verified", type: "bigint", of: (one) => one.inUseVerified },
    { name: "in_use_unverified", type: "bigint", of: (one) => one.inUseUnverified },
    { name: "purchased", type: "bigint", of: (one) => one.purchased },
    { name: "short", type: "bigint", of: (one) => one.short },
    { name: "in_use_max", type: "bigint", of: (one) => one.inUseMax },
    { name: "short_max", type: "bigint", of: (one) => one.shortMax },
    { name: "is_newest", type: "bigint", of: () => 1 },
  ],
  `on conflict (smart_account_id, virtual_account_id, tag, day) do update set
   in_use_verified = excluded.in_use_verified, in_use_unverified = excluded.in_use_unverified,
   purchased = excluded.purchased, short = excluded.short,
   in_use_max = greatest(license_days.in_use_max, excluded.in_use_max),
   short_max = greatest(license_days.short_max, excluded.short_max)`,
);

/** Rows of the same licence as the row `d` that is changed. */
const ofSame =
  "o.smart_account_id = d.smart_account_id and o.virtual_account_id = d.virtual_account_id and o.tag = d.tag";
const ofGiven = `d.smart_account_id = $1 and d.virtual_account_id = given.virtual_account_id and d.tag = given.tag`;
const given = "unnest($2::bigint[], $3::text[]) as given (virtual_account_id, tag)";

export function licenseDayReader(session: Session): Pick<LicenseReader, "listNewestDays" | "listDays"> {
  return {
    listNewestDays: async (smartAccountId) => {
      const sql = `select * from license_days where smart_account_id = $1 and is_newest = 1
        order by virtual_account_id, tag collate "C"`;
      return (await session.all(sql, smartAccountId)).map(licenseDayOf);
    },
    listDays: async ({ smartAccountId, virtualAccountId, tag, fromDay, toDay }) => {
      const ofLicense = "smart_account_id = $1 and virtual_account_id = $2 and tag = $3";
      const sql = `select * from license_days where ${ofLicense} and day <= $5
        and day >= coalesce((select max(day) from license_days where ${ofLicense} and day <= $4), $4::bigint) order by day`;
      return (await session.all(sql, smartAccountId, virtualAccountId, tag, fromDay, toDay)).map(licenseDayOf);
    },
  };
}

export function licenseDayWriter(session: Session): Pick<LicenseWriter, "putDays"> {
  return {
    putDays: async (smartAccountId, days, keptFromDay) => {
      if (days.length === 0) return;
      await insertAll(session, put, smartAccountId, days);
      const places = [days.map((one) => one.virtualAccountId), days.map(({ tag }) => tag)] as const;
      await session.run(
        `update license_days d set is_newest = 0 from ${given} where ${ofGiven} and d.is_newest = 1
         and d.day < (select max(o.day) from license_days o where ${ofSame})`,
        smartAccountId,
        ...places,
      );
      await session.run(
        `delete from license_days d using ${given} where ${ofGiven}
         and d.day < (select max(o.day) from license_days o where ${ofSame} and o.day <= $4)`,
        smartAccountId,
        ...places,
        keptFromDay,
      );
    },
  };
}
