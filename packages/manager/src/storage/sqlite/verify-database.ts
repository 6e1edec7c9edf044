// Recomputes from the raw reports what the database says of them: hashes, leaves, tree heads and what is in use.

import {
  appendLeaves,
  decodeRumReport,
  emptyTree,
  type Hash,
  hashBytes,
  latestMeasurement,
  reportLeaf,
  rootOf,
  sha256Hex,
} from "@countersign/protocol";
import { decidesOver, type InUse } from "../../usage/in-use.ts";
import type { Connection } from "./connection.ts";

export type DatabaseCheck = {
  readonly reports: number;
  readonly ledgers: readonly { readonly smartAccountId: number; readonly size: number; readonly rootSha256: string }[];
  /** What does not hold, in words; empty when all does. */
  readonly problems: readonly string[];
};

const problemsMax = 20;

/** Reads the whole database once; minutes for millions of reports. */
export function verifyDatabase(connection: Connection): DatabaseCheck {
  const problems = connection.database
    .prepare("pragma integrity_check")
    .all()
    .flatMap(({ integrity_check: line }) => (line === "ok" ? [] : [String(line)]));
  const reports = checkReports(connection, problems);
  const heads = connection.database.prepare("select smart_account_id, size from ledgers").all();
  const ledgers = heads.map((row) => checkLedger(connection, Number(row.smart_account_id), Number(row.size), problems));
  return { reports, ledgers, problems: problems.slice(0, problemsMax) };
}

/** Each body has the report's hash, each report's hash is its leaf, and the newest measurements give what is in use. */
function checkReports({ database }: Connection, problems: string[]): number {
  const newest = new Map<string, InUse & { readonly tag: string }>();
  const rows = database.prepare(`select r.*, t.tag, b.payload from reports r
    join entitlement_tags t on t.smart_account_id = r.smart_account_id and t.tag_id = r.tag_id
    left join report_bodies b on b.smart_account_id = r.smart_account_id and b.leaf_index = r.leaf_index`);
  let count = 0;
  for (const row of rows.iterate()) {
    count += 1;
    const name = `report ${row.report_id} of installation ${row.installation_id}`;
    const payload = typeof row.payload === "string" ? row.payload : null;
    if (payload === null || sha256Hex(payload) !== hex(row.payload_sha256))
      problems.push(`${name} has another content`);
    else {
      const measured = { ...latestMeasurement(decodeRumReport(payload)), isVerified: row.is_verified === 1 };
      const key = `${row.smart_account_id} ${row.installation_id} ${row.tag_id}`;
      if (decidesOver(measured, newest.get(key))) newest.set(key, { ...measured, tag: String(row.tag) });
    }
  }
  checkUsage(database, newest, problems);
  return count;
}

function checkUsage(database: Connection["database"], newest: ReadonlyMap<string, InUse>, problems: string[]): void {
  const rows = database.prepare("select * from installation_usage").all();
  for (const row of rows) {
    const raw = newest.get(`${row.smart_account_id} ${row.installation_id} ${row.tag_id}`);
    if (raw?.count !== row.use_count || raw?.reportId !== row.report_id)
      problems.push(`installation ${row.installation_id} uses another number of tag ${row.tag_id}`);
  }
  const sums = database
    .prepare(`select coalesce((select sum(use_count) from installation_usage), 0) as used,
      coalesce((select sum(in_use_verified + in_use_unverified) from usage_totals), 0) as stated`)
    .get();
  if (sums?.used !== sums?.stated)
    problems.push(`the sums say ${sums?.stated} in use, the installations ${sums?.used}`);
}

function checkLedger({ database }: Connection, smartAccountId: number, size: number, problems: string[]) {
  const leaves = readLeaves(database, smartAccountId);
  if (leaves.length !== size) problems.push(`the ledger has ${leaves.length} leaves and says ${size}`);
  const reports = database.prepare("select leaf_index, payload_sha256 from reports where smart_account_id = ?");
  for (const { leaf_index: at, payload_sha256: sha256 } of reports.iterate(smartAccountId)) {
    if (hex(leaves[Number(at)]) !== hex(reportLeaf(sha256 as Uint8Array))) problems.push(`leaf ${at} is another`);
  }
  const rootSha256 = hex(rootOf(appendLeaves(emptyTree, leaves)));
  const head = database
    .prepare("select root_sha256 from tree_heads where smart_account_id = ? and size = ?")
    .get(smartAccountId, size);
  if (size > 0 && hex(head?.root_sha256) !== rootSha256) problems.push(`the tree head of ${size} leaves is another`);
  return { smartAccountId, size, rootSha256 };
}

function readLeaves(database: Connection["database"], smartAccountId: number): readonly Hash[] {
  const tiles = database
    .prepare("select hashes from ledger_tiles where smart_account_id = ? and level = 0 order by tile_index")
    .all(smartAccountId);
  const bytes = Buffer.concat(tiles.map((row) => row.hashes as Uint8Array));
  return Array.from({ length: bytes.length / hashBytes }, (_, at) =>
    bytes.subarray(at * hashBytes, (at + 1) * hashBytes),
  );
}

function hex(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : "";
}
