// What a recomputation reads, the same for every adapter: plain SQL of which $1 is the smart account.

import type { AuditReader, CertificateReader, Readers } from "../../storage-ports.ts";
import { acknowledgementOf, treeHeadOf } from "./ledger-mapping.ts";
import { inUseOf } from "./report-mapping.ts";
import type { Row } from "./row.ts";

/** Streams rows; memory does not grow with their number. */
export type StreamRows = (sql: string, smartAccountId: number) => AsyncIterable<Row>;

export function auditReader(
  {
    accounts,
    bodies,
    ledger,
    trust,
  }: Pick<Readers, "accounts" | "bodies" | "ledger"> & { readonly trust: CertificateReader },
  rows: StreamRows,
): AuditReader {
  const stream =
    <T>(sql: string, toValue: (row: Row) => T) =>
    (smartAccountId: number) =>
      map(rows(sql, smartAccountId), toValue);
  return {
    accounts,
    ledger,
    leafTiles: stream(
      "select hashes from ledger_tiles where smart_account_id = $1 and level = 0 order by tile_index",
      (row) => row.hashes as Uint8Array,
    ),
    treeHeads: stream("select * from tree_heads where smart_account_id = $1 order by size", (row) => ({
      size: row.size as number,
      rootSha256: treeHeadOf(row).rootSha256,
    })),
    reportsByLeaf: stream(
      `select r.smart_account_id, r.installation_id, r.report_id, r.leaf_index, r.payload_sha256, r.ends_at_s, r.use_count,
        r.is_verified, t.tag, b.payload, b.signature from reports r
        join entitlement_tags t on t.smart_account_id = r.smart_account_id and t.tag_id = r.tag_id
        left join report_bodies b on b.smart_account_id = r.smart_account_id and b.leaf_index = r.leaf_index
        where r.smart_account_id = $1 order by r.leaf_index`,
      (row) => ({
        smartAccountId: row.smart_account_id as number,
        installationId: row.installation_id as number,
        reportId: row.report_id as number,
        leafIndex: row.leaf_index as number,
        tag: row.tag as string,
        payloadSha256: Buffer.from(row.payload_sha256 as Uint8Array).toString("hex"),
        endsAtSeconds: row.ends_at_s as number,
        count: row.use_count as number,
        isVerified: row.is_verified === 1,
        payload: row.payload as string | null,
        signature: row.signature as string | null,
      }),
    ),
    certificates: stream(
      `select c.serial_number, c.public_key, c.certificate, p.pid, p.serial_number as device_serial_number
        from device_certificates c left join product_instances p
        on p.smart_account_id = c.smart_account_id and p.instance_id = c.instance_id where c.smart_account_id = $1`,
      (row) => ({
        serialNumber: row.serial_number as string,
        publicKey: row.public_key as Uint8Array,
        certificate: row.certificate as Uint8Array,
        udi: row.pid === null ? null : { pid: row.pid as string, serialNumber: row.device_serial_number as string },
      }),
    ),
    findCertificate: (serialNumber) => trust.findCertificate(serialNumber),
    auditEntries: stream(
      "select leaf_index, entry from audit_entries where smart_account_id = $1 order by leaf_index",
      (row) => ({ leafIndex: row.leaf_index as number, entry: row.entry as string }),
    ),
    purgedBelow: (smartAccountId) => bodies.readPurgedBelow(smartAccountId),
    acknowledgements: stream(
      "select * from acknowledgements where smart_account_id = $1 order by acknowledgement_id",
      acknowledgementOf,
    ),
    installations: stream(
      `select i.installation_id, i.virtual_account_id, (select count(*) from product_instances p
        where p.smart_account_id = i.smart_account_id and p.installation_id = i.installation_id and p.removed_at_ms is null)
        as members, (select count(*) from classic_installations c
        where c.smart_account_id = i.smart_account_id and c.installation_id = i.installation_id)
        as classic from installations i where i.smart_account_id = $1 order by i.installation_id`,
      (row) => ({
        installationId: row.installation_id as number,
        virtualAccountId: row.virtual_account_id as number,
        isRegistered: (row.members as number) > 0,
        isClassic: (row.classic as number) > 0,
      }),
    ),
    reportedUsage: stream(
      `select installation_id, tag_id, report_id, ends_at_s, use_count, is_verified from reports
        where smart_account_id = $1 order by installation_id, report_id`,
      usageOf,
    ),
    storedUsage: stream(
      "select * from installation_usage where smart_account_id = $1 order by installation_id, tag_id",
      usageOf,
    ),
    usageTotals: stream("select * from usage_totals where smart_account_id = $1", (row) => ({
      smartAccountId: row.smart_account_id as number,
      virtualAccountId: row.virtual_account_id as number,
      tagId: row.tag_id as number,
      verified: row.in_use_verified as number,
      unverified: row.in_use_unverified as number,
      installations: row.installations as number,
    })),
  };
}

function usageOf(row: Row) {
  return { installationId: row.installation_id as number, tagId: row.tag_id as number, inUse: inUseOf(row) };
}

async function* map<T>(rows: AsyncIterable<Row>, toValue: (row: Row) => T): AsyncIterable<T> {
  for await (const row of rows) yield toValue(row);
}
