// Failures injected into a real server: lost races, killed connections, commits whose answer never came, a server that
// crashes and comes back. Each transaction must end exactly once.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import type pg from "pg";
import { ManagerError } from "../../errors.ts";
import { CuttingProxy } from "../../test-support/cutting-proxy.ts";
import { PostgresqlServer } from "../../test-support/postgresql-server.ts";
import { openPool } from "./connection.ts";
import { StandbyMissing } from "./failures.ts";
import { migrate } from "./migrate.ts";
import { openPostgresqlStorage } from "./postgresql-storage.ts";
import { type TransactionSession, Transactions } from "./transactions.ts";

const server = await PostgresqlServer.start();
const proxy = await CuttingProxy.to(server.port);
after(async () => {
  await proxy.close();
  await server.stop();
});

type Bench = {
  readonly transactions: Transactions<TransactionSession>;
  /** A change that would show if it were made twice. */
  readonly add: (session: TransactionSession) => Promise<number>;
  readonly count: () => Promise<number>;
  readonly pool: pg.Pool;
};

/** Transactions through the proxy, on a database with smart accounts 1 and 2. */
async function withTransactions(
  run: (bench: Bench) => Promise<void>,
  retryForMs = 30_000,
  isStandbyRequired = false,
): Promise<void> {
  const url = (await server.createDatabase()).replace(`:${server.port}/`, `:${proxy.port}/`);
  const database = url.slice(url.lastIndexOf("/") + 1);
  const pool = openPool({ url, connectionsMax: 4, isPipelined: true });
  await migrate(pool, 0);
  await pool.query(`insert into smart_accounts values (1, 'one', '', 1, 0, 0), (2, 'two', '', 1, 0, 0)`);
  const transactions = new Transactions(pool, { slots: 4, retryForMs, isStandbyRequired }, (session) => ({
    work: session,
    flush: async () => undefined,
    committed: () => undefined,
  }));
  const add = (session: TransactionSession) =>
    session.run(
      `insert into sequences values ($1, 'count', 1)
       on conflict (smart_account_id, kind) do update set next_id = sequences.next_id + 1`,
      1,
    );
  const count = async () =>
    Number((await server.query("select next_id from sequences where kind = 'count'", database))[0]?.next_id ?? 0);
  try {
    await run({ transactions, add, count, pool });
  } finally {
    await transactions.close();
    await pool.end();
  }
}

/** Runs `add` with a failure in the first attempt; answers how often it was begun. */
async function addWith(bench: Bench, fail: (session: TransactionSession) => Promise<unknown>): Promise<number> {
  let begun = 0;
  await bench.transactions.run(async (session) => {
    begun += 1;
    await bench.add(session);
    if (begun === 1) await fail(session);
  });
  return begun;
}

for (const code of ["40001", "40P01", "23505", "25006", "57P03"]) {
  test(`[I2] a transaction that fails with ${code} is run again, whole`, () =>
    withTransactions(async (bench) => {
      const raise = `do $$ begin raise exception 'injected' using errcode = '${code}'; end $$`;
      assert.equal(await addWith(bench, (session) => session.anywhere(raise)), 2);
      assert.equal(await bench.count(), 1);
    }));
}

test("[I2] a transaction whose connection is killed is run again on another one", () =>
  withTransactions(async (bench) => {
    const kill = "select pg_terminate_backend(pg_backend_pid())";
    assert.equal(await addWith(bench, (session) => session.anywhere(kill)), 2);
    assert.equal(await bench.count(), 1);
  }));

test("[I2] [I5] a commit that never reached the server is made again", () =>
  withTransactions(async (bench) => {
    proxy.cutNext("before commit");
    assert.equal(await addWith(bench, async () => undefined), 2);
    assert.equal(await bench.count(), 1);
  }));

test("[I2] [I5] a commit whose answer was lost is found to be kept, and not made again", () =>
  withTransactions(async (bench) => {
    for (let round = 1; round <= 3; round += 1) {
      proxy.cutNext("after commit");
      assert.equal(await addWith(bench, async () => undefined), 1);
      assert.equal(await bench.count(), round);
    }
  }));

test("two transactions that wait for each other both end", () =>
  withTransactions(async ({ transactions, count, add }) => {
    let arrived = 0;
    let release: () => void = () => undefined;
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    const touch = (first: number, second: number) =>
      transactions.run(async (session) => {
        await session.run("update smart_accounts set ledger_id = 'x' where smart_account_id = $1", first);
        arrived += 1;
        if (arrived === 2) release();
        await both;
        await session.run("update smart_accounts set ledger_id = 'x' where smart_account_id = $1", second);
        await add(session);
      });
    await Promise.all([touch(1, 2), touch(2, 1)]);
    assert.equal(await count(), 2);
    assert.ok(arrived > 2, "nobody had to begin again");
  }));

test("what would fail again is thrown at once, and nothing is kept", () =>
  withTransactions(async (bench) => {
    let begun = 0;
    const failing = bench.transactions.run(async (session) => {
      begun += 1;
      await bench.add(session);
      await session.anywhere("select * from no_such_table");
    });
    await assert.rejects(failing, { code: "42P01" });
    // A failure that the work swallows must not look like a success: the server has dropped everything.
    const swallowed = bench.transactions.run(async (session) => {
      await bench.add(session);
      await session.anywhere("select * from no_such_table").catch(() => undefined);
    });
    await assert.rejects(swallowed);
    assert.deepEqual([begun, await bench.count()], [1, 0]);
  }));

test("a statement prepared before another version added a column is prepared again", () =>
  withTransactions(async ({ transactions, pool }) => {
    const read = () =>
      transactions.run((session) => session.all("select * from ledgers where smart_account_id = $1", 1));
    await read();
    await pool.query("alter table ledgers add column note text");
    await Promise.all([read(), read(), read(), read()]);
  }));

test("[I5] a server that crashes in the middle is waited for, and every transaction ends once", () =>
  withTransactions(async ({ transactions, add, count }) => {
    const adding = Array.from({ length: 12 }, () => transactions.run(add));
    await adding[0];
    await server.crash();
    adding.push(transactions.run(add));
    await server.run();
    await Promise.all(adding);
    assert.equal(await count(), adding.length);
  }));

test("a server that stays away is given up in time", () =>
  withTransactions(async (bench) => {
    await server.crash();
    try {
      await assert.rejects(bench.transactions.run(bench.add), { code: "storage_unavailable" });
    } finally {
      await server.run();
    }
    await bench.transactions.run(bench.add);
    assert.equal(await bench.count(), 1);
  }, 300));

test("[I5] a commit without an answer, on a server that stays away, is neither called kept nor lost", () =>
  withTransactions(async (bench) => {
    proxy.cutNext("after commit", true);
    await assert.rejects(bench.transactions.run(bench.add), { code: "commit_outcome_unknown" });
    proxy.mend();
    assert.equal(await bench.count(), 1);
  }, 300));

for (const ended of ["pg_cancel_backend", "pg_terminate_backend"]) {
  test(`[I5] a commit that ${ended} keeps from waiting for the standby is called durable only when the standby has it`, () =>
    withTransactions(async (bench) => {
      await waitForStandby("'nobody'");
      let isDone = false;
      const running = addWith(bench, async () => undefined).finally(() => {
        isDone = true;
      });
      try {
        const first = await waitingForStandby([], () => isDone);
        await server.query(`select ${ended}(${first})`);
        // What the primary shows now would be lost with it, so the question whether it was kept waits in its turn.
        const second = await waitingForStandby([first], () => isDone);
        assert.ok(second !== undefined, "nobody waited for the standby any more");
        assert.deepEqual([isDone, await bench.count()], [false, 1]);
      } finally {
        await waitForStandby("default");
      }
      assert.deepEqual([await running, await bench.count()], [1, 1]);
    }));
}

test("[I5] where a standby is required, a server that names none takes no commit, and one that does is waited for", () =>
  withTransactions(
    async (bench) => {
      await assert.rejects(bench.transactions.run(bench.add), (error) => {
        assert.ok(error instanceof ManagerError && error.code === "storage_unavailable");
        assert.ok(error.cause instanceof StandbyMissing);
        return true;
      });
      assert.equal(await bench.count(), 0);
      await waitForStandby("'nobody'");
      try {
        let isOver = false;
        const running = bench.transactions.run(bench.add).finally(() => {
          isOver = true;
        });
        assert.ok((await waitingForStandby([], () => isOver)) !== undefined, "it was not waited for");
        await waitForStandby("default");
        await running;
      } finally {
        await waitForStandby("default");
      }
      assert.equal(await bench.count(), 1);
    },
    300,
    true,
  ));

async function waitForStandby(name: string): Promise<void> {
  await server.query(`alter system set synchronous_standby_names = ${name}`);
  await server.query("select pg_reload_conf()");
  // The server's processes take a setting up one after the other, and the one that decides about waiting tells nobody when.
  while (name !== "default" && !(await isWaitedFor()));
}

/** Whether a commit waits for a standby now; the one that is tried for that is let go. */
async function isWaitedFor(): Promise<boolean> {
  let isDone = false;
  const tried = server.query("select pg_logical_emit_message(true, 'tried', '')").finally(() => {
    isDone = true;
  });
  const waiting = await waitingForStandby([], () => isDone);
  if (waiting !== undefined) await server.query(`select pg_cancel_backend(${waiting})`);
  await tried;
  return waiting !== undefined;
}

/** The process of the server that waits for a standby, other than the given ones; undefined when nobody needs to any more. */
async function waitingForStandby(others: readonly unknown[], isOver: () => boolean): Promise<unknown> {
  while (!isOver()) {
    const rows = await server.query("select pid from pg_stat_activity where wait_event = 'SyncRep'");
    const found = rows.find(({ pid }) => !others.includes(pid));
    if (found !== undefined) return found.pid;
  }
  return undefined;
}

test("many managers that start on an empty database at once make its tables once", async () => {
  const url = await server.createDatabase();
  const storages = await Promise.all(
    Array.from({ length: 6 }, () => openPostgresqlStorage({ url, connectionsMax: 2, now: 5 })),
  );
  for (const storage of storages) {
    await storage.check();
    await storage.close();
  }
  await server.query(
    "insert into schema_migrations values (9999, 'of the future', 0)",
    url.slice(url.lastIndexOf("/") + 1),
  );
  await assert.rejects(openPostgresqlStorage({ url }), { code: "storage_newer" });
});

test("[I5] every connection waits for the disk, and a server that does not is refused", async () => {
  const url = await server.createDatabase();
  const database = url.slice(url.lastIndexOf("/") + 1);
  const setting = async () => {
    const pool = openPool({ url, connectionsMax: 1, isPipelined: false });
    try {
      return (await pool.query("show synchronous_commit")).rows[0]?.synchronous_commit;
    } finally {
      await pool.end();
    }
  };
  await server.query(`alter database ${database} set synchronous_commit = off`);
  assert.equal(await setting(), "on");
  await server.query(`alter database ${database} set synchronous_commit = remote_apply`);
  assert.equal(await setting(), "remote_apply");
  await server.configure("fsync", "off");
  await assert.rejects(openPostgresqlStorage({ url }), { code: "database_not_durable" });
  await server.configure("fsync", "on");
});
