// Accepted reports, holes and evidence in PostgreSQL.

import type { ReportReader, ReportWriter } from "../../storage-ports.ts";
import type { NewAcceptedReport } from "../../usage/stored-report.ts";
import { timeMarks } from "../../usage/time-mark.ts";
import { bodyOf, evidenceOf, gapOf, reportOf } from "../mapping/report-mapping.ts";
import { type BulkInsert, bulkInsert, insertAll } from "./bulk.ts";
import type { Session } from "./connection.ts";

const selectReport = `select r.*, t.tag from reports r
  join entitlement_tags t on t.smart_account_id = r.smart_account_id and t.tag_id = r.tag_id
  where r.smart_account_id = $1 and r.installation_id = $2`;

export function reportReader(session: Session): ReportReader {
  return {
    findReport: async ({ smartAccountId, installationId, reportId }) => {
      const row = await session.first(`${selectReport} and r.report_id = $3`, smartAccountId, installationId, reportId);
      return row === undefined ? undefined : reportOf(row);
    },
    findReportBody: async ({ smartAccountId, leafIndex }) => {
      const sql = "select payload, signature from report_bodies where smart_account_id = $1 and leaf_index = $2";
      const row = await session.first(sql, smartAccountId, leafIndex);
      return row === undefined ? undefined : { payload: row.payload as string, signature: row.signature as string };
    },
    listBodiesFrom: async (smartAccountId, leafIndex, limit) => {
      const sql = `select leaf_index, payload, signature from report_bodies where smart_account_id = $1 and leaf_index >= $2
        order by leaf_index limit $3`;
      return (await session.all(sql, smartAccountId, leafIndex, limit)).map(bodyOf);
    },
    listReports: async (smartAccountId, installationId, page) =>
      (
        await session.all(
          `${selectReport} and r.report_id < $3 order by r.report_id desc limit $4`,
          smartAccountId,
          installationId,
          page.after ?? Number.MAX_SAFE_INTEGER,
          page.limit,
        )
      ).map(reportOf),
    listGaps: async (smartAccountId, installationId) =>
      (
        await session.all(
          "select from_id, to_id from report_gaps where smart_account_id = $1 and installation_id = $2 order by from_id",
          smartAccountId,
          installationId,
        )
      ).map(gapOf),
    listEvidence: async (smartAccountId, installationId) =>
      (
        await session.all(
          `select * from report_evidence where smart_account_id = $1 and installation_id = $2
           order by report_id, received_at_ms`,
          smartAccountId,
          installationId,
        )
      ).map(evidenceOf),
  };
}

export const insertReports: BulkInsert<NewAcceptedReport> = bulkInsert(
  "reports",
  [
    { name: "installation_id", type: "bigint", of: (one) => one.installationId },
    { name: "report_id", type: "bigint", of: (one) => one.reportId },
    { name: "tag_id", type: "bigint", of: (one) => one.tagId },
    { name: "payload_sha256", type: "bytea", of: (one) => Buffer.from(one.payloadSha256, "hex") },
    { name: "leaf_index", type: "bigint", of: (one) => one.leafIndex },
    { name: "acknowledgement_id", type: "bigint", of: (one) => one.acknowledgementId },
    { name: "instance_id", type: "bigint", of: (one) => one.instanceId },
    { name: "received_at_ms", type: "bigint", of: (one) => one.receivedAtMs },
    { name: "starts_at_s", type: "bigint", of: (one) => one.startsAtSeconds },
    { name: "ends_at_s", type: "bigint", of: (one) => one.endsAtSeconds },
    { name: "use_count", type: "bigint", of: (one) => one.count },
    { name: "measurements", type: "integer", of: (one) => one.measurements },
    { name: "is_verified", type: "integer", of: (one) => (one.isVerified ? 1 : 0) },
    { name: "time_mark", type: "integer", of: (one) => timeMarks.indexOf(one.timeMark) },
  ],
  "on conflict (smart_account_id, installation_id, report_id) do nothing",
);

export const insertBodies: BulkInsert<NewAcceptedReport> = bulkInsert("report_bodies", [
  { name: "leaf_index", type: "bigint", of: (one) => one.leafIndex },
  { name: "payload", type: "text", of: (one) => one.payload },
  { name: "signature", type: "text", of: (one) => one.signature },
]);

type Gap = { readonly installationId: number; readonly from: number; readonly to: number };
const insertGaps: BulkInsert<Gap> = bulkInsert("report_gaps", [
  { name: "installation_id", type: "bigint", of: (gap) => gap.installationId },
  { name: "from_id", type: "bigint", of: (gap) => gap.from },
  { name: "to_id", type: "bigint", of: (gap) => gap.to },
]);

export function reportWriter(session: Session): ReportWriter {
  return {
    addReport: async (one) => {
      if ((await insertAll(session, insertReports, one.smartAccountId, [one])) === 0) return false;
      await insertAll(session, insertBodies, one.smartAccountId, [one]);
      return true;
    },
    findGaps: async (smartAccountId, installationId, range) =>
      (
        await session.all(
          `select from_id, to_id from report_gaps where smart_account_id = $1 and installation_id = $2 and from_id <= $3
           and to_id >= $4 order by from_id`,
          smartAccountId,
          installationId,
          range.to,
          range.from,
        )
      ).map(gapOf),
    replaceGaps: async (smartAccountId, installationId, { removed, added }) => {
      if (removed.length > 0) {
        await session.run(
          "delete from report_gaps where smart_account_id = $1 and installation_id = $2 and from_id = any($3::bigint[])",
          smartAccountId,
          installationId,
          removed.map(({ from }) => from),
        );
      }
      const gaps = added.map((gap) => ({ installationId, ...gap }));
      await insertAll(session, insertGaps, smartAccountId, gaps);
    },
    addEvidence: async (one) => {
      const changes = await session.run(
        `insert into report_evidence (smart_account_id, installation_id, report_id, payload_sha256, instance_id,
         received_at_ms, payload, signature) values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (smart_account_id, installation_id, report_id, payload_sha256) do nothing`,
        one.smartAccountId,
        one.installationId,
        one.reportId,
        Buffer.from(one.payloadSha256, "hex"),
        one.instanceId,
        one.receivedAtMs,
        one.payload,
        one.signature,
      );
      return changes !== 0;
    },
  };
}
