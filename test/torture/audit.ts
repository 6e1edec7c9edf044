// Judges a manager's database by what devices saw acknowledged. Reads the file with plain SQL and recomputes everything
// naively, with none of the manager's code, so that a mistake there cannot hide itself here.

import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import type { AcknowledgedEntry } from "./acknowledged-list.ts";

export type Audit = { readonly lost: number; readonly doubled: number; readonly integrity: string };

const hashBytes = 32;

export function openForAudit(databaseFile: string): DatabaseSync {
  return new DatabaseSync(databaseFile, { readOnly: true });
}

/** How many of the entries are not in the database as they were acknowledged: id, hash, leaf, and the tree head named. */
export function countLost(database: DatabaseSync, entries: readonly AcknowledgedEntry[]): number {
  const find = database.prepare(`select lower(hex(r.payload_sha256)) as hash, r.leaf_index, b.payload,
      lower(hex(h.root_sha256)) as root
    from product_instances p
    join reports r on r.smart_account_id = p.smart_account_id and r.installation_id = p.installation_id
    left join report_bodies b on b.smart_account_id = r.smart_account_id and b.leaf_index = r.leaf_index
    left join tree_heads h on h.smart_account_id = r.smart_account_id and h.size = ?
    where p.product_instance_identifier = ? and r.report_id = ?`);
  return entries.filter((entry) => {
    const row = find.get(entry.treeSize, entry.productInstanceIdentifier, entry.reportId);
    const isStored = row?.hash === entry.payloadSha256 && sha256(String(row?.payload)) === entry.payloadSha256;
    return !isStored || row?.leaf_index !== entry.leafIndex || row?.root !== entry.treeRootSha256;
  }).length;
}

/** The whole judgement; the manager must not be writing. */
export function audit(databaseFile: string, entries: readonly AcknowledgedEntry[]): Audit {
  const database = openForAudit(databaseFile);
  try {
    const problems = [...fileProblems(database), ...ledgerProblems(database), ...sumProblems(database)];
    const integrity = problems.length === 0 ? "ok" : problems.join("; ");
    return { lost: countLost(database, entries), doubled: countDoubled(database), integrity };
  } finally {
    database.close();
  }
}

/** Report ids and contents that were taken more than once. */
function countDoubled(database: DatabaseSync): number {
  const count = (of: string) =>
    Number(database.prepare(`select count(*) - count(distinct ${of}) as n from reports`).get()?.n);
  const bodies = Number(
    database.prepare("select (select count(*) from report_bodies) - (select count(*) from reports) as n").get()?.n,
  );
  return (
    count("smart_account_id || ' ' || installation_id || ' ' || report_id") +
    count("smart_account_id || ' ' || installation_id || ' ' || hex(payload_sha256)") +
    count("smart_account_id || ' ' || leaf_index") +
    Math.abs(bodies)
  );
}

function fileProblems(database: DatabaseSync): readonly string[] {
  const found = database
    .prepare("pragma integrity_check")
    .all()
    .map((row) => String(row.integrity_check));
  return found.filter((line) => line !== "ok");
}

/** Every report's and every act's hash stands at its leaf, no leaf is anything else, and they give the newest tree head. */
function ledgerProblems(database: DatabaseSync): readonly string[] {
  return database
    .prepare("select smart_account_id, size from ledgers")
    .all()
    .flatMap(({ smart_account_id: account, size }) => {
      const leaves = leavesOf(database, Number(account));
      const problems = leaves.length === size ? [] : [`the ledger has ${leaves.length} leaves instead of ${size}`];
      const reports = database.prepare("select leaf_index, payload_sha256 from reports where smart_account_id = ?");
      for (const { leaf_index: at, payload_sha256: hash } of reports.iterate(account as number)) {
        const expected = sha256(Buffer.concat([Buffer.of(0x00, 0x01), hash as Uint8Array]));
        if (leaves[Number(at)]?.toString("hex") !== expected) problems.push(`leaf ${at} is not its report's`);
      }
      const acts = database.prepare("select leaf_index, entry from audit_entries where smart_account_id = ?");
      let told = Number(
        database.prepare("select count(*) as n from reports where smart_account_id = ?").get(account as number)?.n,
      );
      for (const { leaf_index: at, entry } of acts.iterate(account as number)) {
        told += 1;
        const hash = createHash("sha256").update(String(entry)).digest();
        const expected = sha256(Buffer.concat([Buffer.of(0x00, 0x02), hash]));
        if (leaves[Number(at)]?.toString("hex") !== expected) problems.push(`leaf ${at} is not its act's`);
      }
      if (told !== size) problems.push(`${told} of ${size} leaves are a report or an act`);
      const head = database
        .prepare("select lower(hex(root_sha256)) as root from tree_heads where smart_account_id = ? and size = ?")
        .get(account as number, size as number);
      if (leaves.length > 0 && head?.root !== rootOf(leaves).toString("hex")) problems.push("the tree head is another");
      return problems;
    });
}

function leavesOf(database: DatabaseSync, account: number): readonly Buffer[] {
  const tiles = database
    .prepare("select hashes from ledger_tiles where smart_account_id = ? and level = 0 order by tile_index")
    .all(account);
  const bytes = Buffer.concat(tiles.map((row) => row.hashes as Uint8Array));
  return Array.from({ length: bytes.length / hashBytes }, (_, at) =>
    bytes.subarray(at * hashBytes, (at + 1) * hashBytes),
  );
}

/** RFC 9162, section 2.1.1, as it is written there. */
function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 1) return leaves[0] as Buffer;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const node = Buffer.concat([Buffer.of(0x01), rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split))]);
  return createHash("sha256").update(node).digest();
}

type Latest = { readonly endsAt: number; readonly reportId: number; readonly count: number };

/** What the manager says is in use, against what the raw reports say. */
function sumProblems(database: DatabaseSync): readonly string[] {
  const latest = new Map<string, Latest>();
  const bodies = database.prepare(`select r.installation_id, r.smart_account_id, b.payload from reports r
    join report_bodies b on b.smart_account_id = r.smart_account_id and b.leaf_index = r.leaf_index`);
  for (const row of bodies.iterate()) {
    const { asset_identification: asset, meta, measurements } = JSON.parse(String(row.payload));
    const key = `${row.smart_account_id} ${row.installation_id} ${meta.entitlement_tag}`;
    for (const { end_time: endsAt, value } of measurements) {
      const one = { endsAt, reportId: asset.report_id, count: Number(value.value) };
      if (decides(one, latest.get(key))) latest.set(key, one);
    }
  }
  const expected = [...latest.values()].reduce((sum, { count }) => sum + count, 0);
  const stated = database
    .prepare("select coalesce(sum(in_use_verified + in_use_unverified), 0) as n from usage_totals")
    .get();
  return stated?.n === expected ? [] : [`in use are ${expected} by the raw reports, ${stated?.n} by the sums`];
}

function decides(one: Latest, other: Latest | undefined): boolean {
  if (other === undefined || one.endsAt !== other.endsAt) return one.endsAt > (other?.endsAt ?? -1);
  return one.reportId >= other.reportId;
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
