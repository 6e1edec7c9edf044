// Accepted reports, holes and evidence in SQLite. The hot path: prepared plain SQL only.

import type { ReportReader, ReportWriter } from "../../storage-ports.ts";
import { timeMarks } from "../../usage/time-mark.ts";
import { bodyOf, evidenceOf, gapOf, reportOf } from "../mapping/report-mapping.ts";
import type { Row } from "../mapping/row.ts";
import type { Connection } from "./connection.ts";

const selectReport = `select r.*, t.tag from reports r
  join entitlement_tags t on t.smart_account_id = r.smart_account_id and t.tag_id = r.tag_id
  where r.smart_account_id = ? and r.installation_id = ?`;

export function reportReader(connection: Connection): ReportReader {
  return {
    findReport: ({ smartAccountId, installationId, reportId }) => {
      const row = connection
        .prepare(`${selectReport} and r.report_id = ?`)
        .get(smartAccountId, installationId, reportId);
      return row === undefined ? undefined : reportOf(row as Row);
    },
    findReportBody: ({ smartAccountId, leafIndex }) => {
      const row = connection
        .prepare("select payload, signature from report_bodies where smart_account_id = ? and leaf_index = ?")
        .get(smartAccountId, leafIndex);
      return row === undefined ? undefined : { payload: row.payload as string, signature: row.signature as string };
    },
    listBodiesFrom: (smartAccountId, leafIndex, limit) =>
      connection
        .prepare(
          `select leaf_index, payload, signature from report_bodies where smart_account_id = ? and leaf_index >= ?
           order by leaf_index limit ?`,
        )
        .all(smartAccountId, leafIndex, limit)
        .map((row) => bodyOf(row as Row)),
    listReports: (smartAccountId, installationId, page) =>
      connection
        .prepare(`${selectReport} and r.report_id < ? order by r.report_id desc limit ?`)
        .all(smartAccountId, installationId, page.after ?? Number.MAX_SAFE_INTEGER, page.limit)
        .map((row) => reportOf(row as Row)),
    listGaps: (smartAccountId, installationId) =>
      connection
        .prepare(
          "select from_id, to_id from report_gaps where smart_account_id = ? and installation_id = ? order by from_id",
        )
        .all(smartAccountId, installationId)
        .map((row) => gapOf(row as Row)),
    listEvidence: (smartAccountId, installationId) =>
      connection
        .prepare(
          "select * from report_evidence where smart_account_id = ? and installation_id = ? order by report_id, received_at_ms",
        )
        .all(smartAccountId, installationId)
        .map((row) => evidenceOf(row as Row)),
  };
}

export function reportWriter(connection: Connection): ReportWriter {
  const addRow = connection.prepare(
    `insert into reports (smart_account_id, installation_id, report_id, tag_id, payload_sha256, leaf_index, acknowledgement_id,
     instance_id, received_at_ms, starts_at_s, ends_at_s, use_count, measurements, is_verified, time_mark)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
  );
  const addBody = connection.prepare(
    "insert into report_bodies (smart_account_id, leaf_index, payload, signature) values (?, ?, ?, ?)",
  );
  return {
    addReport: (one) => {
      const { changes } = addRow.run(
        one.smartAccountId,
        one.installationId,
        one.reportId,
        one.tagId,
        Buffer.from(one.payloadSha256, "hex"),
        one.leafIndex,
        one.acknowledgementId,
        one.instanceId,
        one.receivedAtMs,
        one.startsAtSeconds,
        one.endsAtSeconds,
        one.count,
        one.measurements,
        one.isVerified ? 1 : 0,
        timeMarks.indexOf(one.timeMark),
      );
      if (changes === 0) return false;
      addBody.run(one.smartAccountId, one.leafIndex, one.payload, one.signature);
      return true;
    },
    findGaps: (smartAccountId, installationId, range) =>
      connection
        .prepare(
          `select from_id, to_id from report_gaps where smart_account_id = ? and installation_id = ? and from_id <= ? and to_id >= ?
           order by from_id`,
        )
        .all(smartAccountId, installationId, range.to, range.from)
        .map((row) => gapOf(row as Row)),
    replaceGaps: (smartAccountId, installationId, { removed, added }) => {
      const remove = connection.prepare(
        "delete from report_gaps where smart_account_id = ? and installation_id = ? and from_id = ?",
      );
      const insert = connection.prepare(
        "insert into report_gaps (smart_account_id, installation_id, from_id, to_id) values (?, ?, ?, ?)",
      );
      for (const gap of removed) remove.run(smartAccountId, installationId, gap.from);
      for (const gap of added) insert.run(smartAccountId, installationId, gap.from, gap.to);
    },
    addEvidence: (one) => {
      const { changes } = connection
        .prepare(
          `insert into report_evidence (smart_account_id, installation_id, report_id, payload_sha256, instance_id, received_at_ms,
           payload, signature) values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
        )
        .run(
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
