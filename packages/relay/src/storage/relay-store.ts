// The relay's database: SQLite with its log written through to the disk before anything is answered, readable by its owner alone.
// Passwords of devices stand in it, so it is never served and never copied by a command.

import { chmodSync, closeSync, openSync } from "node:fs";
import { basename } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { CollectedDevice } from "../devices/collected-device.ts";
import { type HeldRequest, type NewRequest, putOffMsMax, type Settlement } from "../holding/held-request.ts";
import type { CarriedStore, DeviceStore, Held, HeldCounts, HeldStore, Randomness, RenewalNotes } from "../ports.ts";
import { RelayError } from "../relay-error.ts";
import type { RenewalFailure } from "../renewal/renewal.ts";

const busyTimeoutMs = 10_000;

const schema = `
create table if not exists items (
  item_id integer primary key autoincrement,
  poll_id text not null unique,
  kind text not null,
  udi text not null,
  digest text not null,
  asked text not null,
  reports integer not null,
  received_at_ms integer not null,
  body blob not null,
  attempts integer not null default 0,
  next_attempt_at_ms integer not null default 0,
  outcome text,
  settlement text,
  settled_at_ms integer,
  delivered_at_ms integer
) strict;
create unique index if not exists items_waiting on items (digest) where outcome is null;
create index if not exists items_due on items (next_attempt_at_ms, received_at_ms) where outcome is null;
create index if not exists items_outcome on items (outcome) where outcome is not null;
create index if not exists items_settled on items (settled_at_ms) where outcome is not null;
create index if not exists items_undelivered on items (udi)
  where kind = 'usage-file' and outcome = 'acknowledged' and delivered_at_ms is null;
create table if not exists totals (only integer primary key check (only = 1), waiting_bytes integer not null) strict;
insert or ignore into totals values (1, 0);
create trigger if not exists item_held after insert on items begin
  update totals set waiting_bytes = waiting_bytes + length(new.body);
end;
create trigger if not exists item_settled after update of outcome on items when old.outcome is null begin
  update totals set waiting_bytes = waiting_bytes - length(old.body);
end;
create table if not exists renewal_failure (
  only integer primary key check (only = 1),
  code text not null,
  since_ms integer not null
) strict;
create table if not exists devices (
  name text primary key,
  url text not null,
  user_name text not null,
  password text not null,
  fingerprint text not null,
  udi text,
  last_contact_at_ms integer,
  last_outcome text not null
) strict;
`;

type ItemRow = {
  readonly item_id: number;
  readonly poll_id: string;
  readonly kind: HeldRequest["kind"];
  readonly udi: string;
  readonly digest: string;
  readonly asked: string;
  readonly reports: number;
  readonly received_at_ms: number;
  readonly body: Uint8Array;
  readonly attempts: number;
  readonly settlement: string | null;
};

type DeviceRow = {
  readonly name: string;
  readonly url: string;
  readonly user_name: string;
  readonly password: string;
  readonly fingerprint: string;
  readonly udi: string | null;
  readonly last_contact_at_ms: number | null;
  readonly last_outcome: string;
};

export type RelayStore = HeldStore & CarriedStore & RenewalNotes & { readonly devices: DeviceStore; close(): void };

/** What SQLite says of a file that is no database of its, or a damaged one. */
const damaged: ReadonlySet<number> = new Set([11, 26]);

/** `bytesMax` bounds what waits; what is settled is small. Throws `relay_state_damaged`. */
export function openRelayStore(path: string, randomness: Randomness, bytesMax: number): RelayStore {
  const database = openDatabase(path);
  return {
    ...heldItems(database, randomness, bytesMax),
    ...renewalNotes(database),
    devices: devicesIn(database),
    close: () => database.close(),
  };
}

function openDatabase(path: string): DatabaseSync {
  // SQLite would make the file as the umask says, and gives its log the same rights.
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  // FULL makes a commit wait for the log to reach the disk: nothing is said to be held before that.
  try {
    database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on");
    database.exec(schema);
    return database;
  } catch (cause) {
    database.close();
    if (!isDatabaseError(cause) || !damaged.has(cause.errcode & 0xff)) throw cause;
    throw new RelayError("relay_state_damaged", basename(path), { cause });
  }
}

function heldItems(database: DatabaseSync, randomness: Randomness, bytesMax: number): HeldStore & CarriedStore {
  const columns = "item_id, poll_id, kind, udi, digest, asked, reports, received_at_ms, body, attempts, settlement";
  const waitingByDigest = database.prepare(`select ${columns} from items where digest = ? and outcome is null`);
  const waitingBytes = database.prepare("select waiting_bytes as bytes from totals");
  const insert = database.prepare(
    "insert into items (poll_id, kind, udi, digest, asked, reports, received_at_ms, body) values (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const dueItems = database.prepare(
    `select ${columns} from items
      where outcome is null and (next_attempt_at_ms <= ? or next_attempt_at_ms > ?) order by item_id limit ?`,
  );
  const waitingItems = database.prepare(`select ${columns} from items where outcome is null order by udi, item_id`);
  const settleItem = database.prepare(
    "update items set outcome = ?, settlement = ?, settled_at_ms = ?, body = x'' where item_id = ? and outcome is null",
  );
  const putOffItem = database.prepare(
    "update items set attempts = attempts + 1, next_attempt_at_ms = ? where item_id = ? and outcome is null",
  );
  const byPoll = database.prepare(`select ${columns} from items where poll_id = ? and udi = ?`);
  const countWaiting = database.prepare(
    "select count(*) as waiting, min(received_at_ms) as oldest from items where outcome is null",
  );
  const countSettled = database.prepare("select count(*) as settled from items where outcome = ?");
  const countTaken = database.prepare(
    "select coalesce(max(seq), 0) as taken from sqlite_sequence where name = 'items'",
  );
  const undelivered = `select item_id, udi, settlement from items
    where kind = 'usage-file' and outcome = 'acknowledged' and delivered_at_ms is null`;
  const undeliveredItems = database.prepare(`${undelivered} order by item_id`);
  // Asked for each device of the list: none reads what is another's.
  const undeliveredOf = database.prepare(`${undelivered} and udi = ? order by item_id`);
  const deliver = database.prepare("update items set delivered_at_ms = ? where item_id = ?");
  const forgetItems = database.prepare("delete from items where settled_at_ms < ?");

  function hold(request: NewRequest): Held & { readonly isNew: boolean } {
    const known = waitingByDigest.get(request.digest) as ItemRow | undefined;
    if (known !== undefined) return { ...heldOf(known), isNew: false };
    const { bytes } = waitingBytes.get() as { bytes: number };
    if (bytes + request.body.length > bytesMax) throw new RelayError("relay_store_full");
    const pollId = newPollId(randomness);
    const { kind, udi, digest, asked, reports, receivedAtMs, body } = request;
    const { lastInsertRowid } = insert.run(
      pollId,
      kind,
      udi,
      digest,
      JSON.stringify(asked),
      reports,
      receivedAtMs,
      body,
    );
    return { itemId: Number(lastInsertRowid), pollId, asked, settlement: null, isNew: true };
  }

  let isWritable = true;
  /** Throws `relay_store_unwritable` for whatever the database says. */
  function writing<T>(work: () => T): T {
    try {
      const result = work();
      isWritable = true;
      return result;
    } catch (cause) {
      if (!isDatabaseError(cause)) throw cause;
      isWritable = false;
      throw new RelayError("relay_store_unwritable", "", { cause });
    }
  }

  return {
    isWritable: () => isWritable,
    hold: (request) => writing(() => inTransaction(database, () => hold(request))),
    due(now, { itemsMax, bytesMax: messageBytesMax, reportsMax }) {
      const chosen: HeldRequest[] = [];
      let [bytes, reports] = [0, 0];
      for (const row of dueItems.iterate(now, now + putOffMsMax, itemsMax) as Iterable<ItemRow>) {
        bytes += row.body.length;
        reports += row.reports;
        if (chosen.length > 0 && (bytes > messageBytesMax || reports > reportsMax)) break;
        chosen.push(requestOf(row));
      }
      return chosen;
    },
    settle: (itemId, settlement, now) =>
      void writing(() => settleItem.run(settlement.outcome, JSON.stringify(settlement), now, itemId)),
    putOff: (itemId, untilMs) => void writing(() => putOffItem.run(untilMs, itemId)),
    findByPoll(pollId, udi) {
      const row = byPoll.get(pollId, udi) as ItemRow | undefined;
      return row === undefined ? undefined : heldOf(row);
    },
    counts(): HeldCounts {
      const { waiting, oldest } = countWaiting.get() as { waiting: number; oldest: number | null };
      const { bytes } = waitingBytes.get() as { bytes: number };
      const settledAs = (outcome: string) => (countSettled.get(outcome) as { settled: number }).settled;
      return {
        ...{ waiting, oldestWaitingAtMs: oldest, waitingBytes: bytes },
        ...{ acknowledged: settledAs("acknowledged"), refused: settledAs("refused") },
        taken: (countTaken.get() as { taken: number }).taken,
      };
    },
    forget: (settledBeforeMs) => Number(forgetItems.run(settledBeforeMs).changes),
    *waiting() {
      for (const row of waitingItems.iterate() as Iterable<ItemRow>) yield requestOf(row);
    },
    undelivered(udi) {
      const rows = udi === undefined ? undeliveredItems.all() : undeliveredOf.all(udi);
      return (rows as { item_id: number; udi: string; settlement: string }[]).map((row) => {
        const { answer } = JSON.parse(row.settlement) as { answer: { file: string } };
        return { itemId: row.item_id, udi: row.udi, file: answer.file };
      });
    },
    noteDelivered: (itemId, now) => void deliver.run(now, itemId),
  };
}

function isDatabaseError(error: unknown): error is Error & { readonly errcode: number } {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number";
}

/** One writer at a time, also among processes: a command may work beside the relay that serves. */
function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("begin immediate");
  try {
    const result = work();
    database.exec("commit");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("rollback");
    throw error;
  }
}

function heldOf(row: ItemRow): Held {
  return {
    itemId: row.item_id,
    pollId: row.poll_id,
    asked: JSON.parse(row.asked) as Held["asked"],
    settlement: row.settlement === null ? null : (JSON.parse(row.settlement) as Settlement),
  };
}

function requestOf(row: ItemRow): HeldRequest {
  const { kind, udi, digest, reports, attempts, body } = row;
  return {
    ...{ kind, udi, digest, reports, attempts, body },
    itemId: row.item_id,
    pollId: row.poll_id,
    asked: JSON.parse(row.asked) as HeldRequest["asked"],
    receivedAtMs: row.received_at_ms,
  };
}

/** 63 random bits: nobody guesses another device's. */
function newPollId(randomness: Randomness): string {
  const bytes = randomness.bytes(8);
  return (new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0) >> 1n).toString(10);
}

function renewalNotes(database: DatabaseSync): RenewalNotes {
  const read = database.prepare("select code, since_ms as sinceMs from renewal_failure");
  const forget = database.prepare("delete from renewal_failure");
  const note = database.prepare("insert or replace into renewal_failure (only, code, since_ms) values (1, ?, ?)");
  return {
    renewalFailure: () => (read.get() as RenewalFailure | undefined) ?? null,
    noteRenewalFailure: (failure) => void (failure === null ? forget.run() : note.run(failure.code, failure.sinceMs)),
  };
}

function devicesIn(database: DatabaseSync): DeviceStore {
  const all = database.prepare("select * from devices order by name");
  const put =
    database.prepare(`insert into devices (name, url, user_name, password, fingerprint, udi, last_contact_at_ms, last_outcome)
    values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (name) do update set
    url = excluded.url, user_name = excluded.user_name, password = excluded.password, fingerprint = excluded.fingerprint`);
  const remove = database.prepare("delete from devices where name = ?");
  const note = database.prepare(
    "update devices set last_contact_at_ms = ?, last_outcome = ?, udi = coalesce(?, udi) where name = ?",
  );
  return {
    list: () => (all.all() as DeviceRow[]).map(deviceOf),
    put: ({ name, url, user, password, fingerprint, udi, lastContactAtMs, lastOutcome }) =>
      void put.run(name, url, user, password, fingerprint, udi, lastContactAtMs, lastOutcome),
    remove: (name) => Number(remove.run(name).changes) > 0,
    noteContact: (name, { atMs, udi, outcome }) => void note.run(atMs, outcome, udi, name),
  };
}

function deviceOf(row: DeviceRow): CollectedDevice {
  const { name, url, password, fingerprint, udi } = row;
  return {
    ...{ name, url, password, fingerprint, udi },
    user: row.user_name,
    lastContactAtMs: row.last_contact_at_ms,
    lastOutcome: row.last_outcome,
  };
}
