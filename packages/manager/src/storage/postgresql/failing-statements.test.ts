// A failure at every statement that writes, one after the other, of what devices and administrators make the manager do: each lost race and each
// lost connection, wherever it strikes, leaves everything done once.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createTrustedDevice, type TestDevice } from "../../test-support/core-device.ts";
import { createTestManager, startMs, type TestManager } from "../../test-support/core-manager.ts";
import { PostgresqlServer } from "../../test-support/postgresql-server.ts";
import { auditLedgers } from "../../use-cases/ledger-audit/audit-ledger.ts";
import { openPool } from "./connection.ts";
import { openPostgresqlStorage } from "./postgresql-storage.ts";
import { postgresqlSnapshot } from "./snapshot.ts";

const server = await PostgresqlServer.start();
after(() => server.stop());

const lostRace = "raise exception 'injected' using errcode = case strikes_at % 2 when 0 then '40001' else '40P01' end;";
const lostConnection = "perform pg_terminate_backend(pg_backend_pid());";

/** A sequence counts the statements that write, through rollbacks, so that a repeated transaction goes on counting; the nth one fails. */
function injecting(failure: string): string {
  return `create sequence written; create table strikes (at bigint);
    create function strike() returns trigger language plpgsql as $$
      declare strikes_at bigint := (select max(at) from strikes);
      begin if nextval('written') = strikes_at then ${failure} end if; return null; end $$;
    do $$ declare named name; begin
      for named in select tablename from pg_tables where schemaname = 'public' and tablename not in ('strikes', 'schema_migrations') loop
        execute format('create trigger struck before insert or update or delete on %I for each statement execute function strike()', named);
      end loop; end $$;
    create constraint trigger struck_at_commit after insert on acknowledgements deferrable initially deferred
      for each row execute function strike()`;
}

type Struck = { readonly manager: TestManager; readonly url: string };

/** Runs `act` with a failure at its first statement, then at its second …, until it has none left; answers how often. */
async function strikeEach(
  failure: string,
  begin: (struck: Struck) => Promise<(nth: number) => Promise<void>>,
  end: (struck: Struck, runs: number) => Promise<void>,
): Promise<void> {
  const url = await server.createDatabase();
  const storage = await openPostgresqlStorage({ url });
  const control = openPool({ url, connectionsMax: 1, isPipelined: false });
  try {
    const struck = { manager: await createTestManager({ storage }), url };
    const act = await begin(struck);
    await control.query(injecting(failure));
    let nth = 0;
    for (let statements = 1; nth < statements; ) {
      nth += 1;
      await control.query(`alter sequence written restart; delete from strikes; insert into strikes values (${nth})`);
      await act(nth);
      statements = Number((await control.query("select last_value from written")).rows[0]?.last_value);
    }
    await end(struck, nth);
  } finally {
    await control.end();
    await storage.close();
  }
}

async function report(device: TestDevice, reportId: number, count: number): Promise<void> {
  const { acknowledgement } = await device.use({ reportId, count, toSeconds: startMs / 1000 + reportId });
  assert.equal(acknowledgement.reports[0]?.outcome, "accepted");
}

async function soundLedger({ manager, url }: Struck) {
  const verify = postgresqlSnapshot(url);
  const { isSound, ledgers, findings } = await verify((reader) => auditLedgers(reader, manager.authorities));
  assert.ok(isSound, JSON.stringify(findings));
  return ledgers[0] ?? assert.fail();
}

test("[I9] 40001 or 40P01 at any statement that writes leaves a token with one use, and trust once", () =>
  strikeEach(
    lostRace,
    async ({ manager }) =>
      async () =>
        assert.notEqual((await createTrustedDevice(manager)).certificateSerial, null),
    async (struck, runs) => {
      assert.ok(runs > 20, `${runs} statements`);
      const { acts, certificates, installations } = await soundLedger(struck);
      // The account, and a token each.
      assert.deepEqual([acts, certificates, installations], [runs + 1, runs, runs]);
      const tokens = await struck.manager.useCases.listTokens({});
      assert.deepEqual([tokens.length, tokens.every(({ uses }) => uses === 1)], [runs, true]);
    },
  ));

test("[I2] 40001 or 40P01 at any statement of a report, or at its commit, leaves it there once", () =>
  reportStruckBy(lostRace));

test("[I2] [I5] a connection that is lost at any statement of a report, or at its commit, leaves it there once", () =>
  reportStruckBy(lostConnection));

function reportStruckBy(failure: string): Promise<void> {
  return strikeEach(
    failure,
    async ({ manager }) => {
      const device = await createTrustedDevice(manager);
      return (nth) => report(device, nth, nth);
    },
    async (struck, runs) => {
      assert.ok(runs > 8, `${runs} statements`);
      const { reports, acknowledgements, inUse } = await soundLedger(struck);
      assert.deepEqual([reports, acknowledgements, inUse], [runs, runs, runs]);
    },
  );
}
