// Judges two floors by what devices saw acknowledged and by each other, with plain SQL and none of the managers' code.

import type { DatabaseSync } from "node:sqlite";
import type { AcknowledgedEntry } from "./acknowledged-list.ts";
import { audit, countLost, openForAudit } from "./audit.ts";

/** Where the two databases are. */
export type FloorFiles = Readonly<Record<"below" | "above", { readonly databaseFile: string }>>;

export type FloorsJudgement = {
  /** Acknowledged, and not there: on premises, or above where the one on premises counts them as sent. */
  readonly lost: number;
  readonly doubled: number;
  /** Reports and purchases that one floor has and the other has not, or has otherwise. */
  readonly apart: number;
  readonly integrity: string;
};

/** Between rounds, as the kills have left the files; what was found right is not looked at again. */
export class MovingJudge {
  readonly #pair: FloorFiles;
  #sentThrough = 0;

  constructor(pair: FloorFiles) {
    this.#pair = pair;
  }

  /** How many are lost: of what devices saw acknowledged since the last call, and of what the one on premises counts as sent. */
  countLost(entries: readonly AcknowledgedEntry[]): number {
    return withBoth(this.#pair, (below, above) => {
      const from = this.#sentThrough;
      this.#sentThrough = sentThrough(below);
      const sent = contentsOf(below, from, this.#sentThrough);
      return countLost(below, entries) + missingIn(new Set(contentsOf(above)), sent);
    });
  }
}

/** The whole judgement, after a last synchronisation; nobody may be writing. */
export function judgeFloors(pair: FloorFiles, entries: readonly AcknowledgedEntry[]): FloorsJudgement {
  const below = audit(pair.below.databaseFile, entries);
  const above = audit(pair.above.databaseFile, []);
  return withBoth(pair, (lower, upper) => {
    const [own, theirs] = [contentsOf(lower), contentsOf(upper)];
    const purchases = [lower, upper].map((database) => JSON.stringify(purchasesOf(database)));
    return {
      lost: below.lost + missingIn(new Set(theirs), contentsOf(lower, 0, sentThrough(lower))),
      doubled: below.doubled + above.doubled,
      apart:
        missingIn(new Set(theirs), own) + missingIn(new Set(own), theirs) + (purchases[0] === purchases[1] ? 0 : 1),
      integrity: [below, above].every(({ integrity }) => integrity === "ok")
        ? "ok"
        : `below: ${below.integrity}; above: ${above.integrity}`,
    };
  });
}

function withBoth<T>(pair: FloorFiles, judge: (below: DatabaseSync, above: DatabaseSync) => T): T {
  const databases = [pair.below, pair.above].map(({ databaseFile }) => openForAudit(databaseFile));
  try {
    const [below, above] = databases as [DatabaseSync, DatabaseSync];
    return judge(below, above);
  } finally {
    for (const database of databases) database.close();
  }
}

/** The leaf up to which the one on premises says that everything is acknowledged above. */
function sentThrough(database: DatabaseSync): number {
  const text = database.prepare("select upstream from premises").get()?.upstream;
  return text === null || text === undefined ? 0 : Number(JSON.parse(String(text)).syncedThrough);
}

/** Device, id and hash of every report; the device by its UDI, because each floor has identifiers of its own. */
function contentsOf(database: DatabaseSync, fromLeaf = 0, toLeaf = Number.MAX_SAFE_INTEGER): readonly string[] {
  const found = database.prepare(`select p.pid || ' ' || p.serial_number || ' ' || r.report_id || ' ' ||
      lower(hex(r.payload_sha256)) as content
    from reports r join product_instances p
      on p.smart_account_id = r.smart_account_id and p.instance_id = r.instance_id
    where r.leaf_index >= ? and r.leaf_index < ?`);
  return found.all(fromLeaf, toLeaf).map(({ content }) => String(content));
}

function purchasesOf(database: DatabaseSync): readonly unknown[] {
  const found = database.prepare(`select t.tag, p.quantity, p.kind, p.starts_at_ms, p.ends_at_ms
    from purchases p join entitlement_tags t on t.smart_account_id = p.smart_account_id and t.tag_id = p.tag_id
    order by t.tag, p.quantity`);
  return found.all();
}

function missingIn(known: ReadonlySet<string>, contents: readonly string[]): number {
  return contents.filter((content) => !known.has(content)).length;
}
