import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { createClassicDevice } from "../../test-support/classic-device.ts";
import { baseTag } from "../../test-support/core-device.ts";
import { createTestManager, operator, startMs } from "../../test-support/core-manager.ts";
import { withManager } from "../../test-support/test-manager.ts";
import { openSqliteStorage } from "./sqlite-storage.ts";

/** Tables with a row for each device or report: what a device waits for must not walk one account of them. */
const growing =
  /\b(?:from|join|update|into)\s+(product_instances|installations|device_certificates|enrolments|reports|report_bodies|installation_usage|acknowledgements|events|ledger_tiles|authorizations|classic_installations|conversions|converted_devices)\b/;

/** Every statement that SQLite prepares meanwhile, with the plan it makes for it. */
async function plansDuring(run: () => Promise<void>): Promise<ReadonlyMap<string, string>> {
  const plans = new Map<string, string>();
  const { prepare } = DatabaseSync.prototype;
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string, ...rest) {
    if (/^\s*(select|update|delete|with)\b/i.test(sql)) {
      const steps = prepare.call(this, `explain query plan ${sql}`).all();
      plans.set(sql.replace(/\s+/g, " "), steps.map(({ detail }) => String(detail)).join("; "));
    }
    return prepare.call(this, sql, ...rest);
  };
  try {
    await run();
  } finally {
    DatabaseSync.prototype.prepare = prepare;
  }
  return plans;
}

test("alerts are found without a walk through the other events", async () => {
  const plans = await plansDuring(() =>
    withManager({ usageThread: "off" }, async ({ running: { manager } }) => {
      await manager.administration.listAlerts({});
    }),
  );
  const [asked, ...more] = [...plans].filter(([sql]) => sql.includes("alert_handled"));
  assert.deepEqual(more, []);
  assert.match(asked?.[1] ?? "", /^SEARCH events USING INDEX alert_events \(smart_account_id=\?\)$/);
});

test("a look at the sums finds the newest day of each licence, and the days of a question, without a walk through the others", async () => {
  const plans = await plansDuring(async () => {
    const manager = await createTestManager({ storage: openSqliteStorage(":memory:", startMs) });
    await manager.useCases.addPurchase({ purchase: { tag: baseTag, quantity: 1 }, cause: operator });
    await manager.useCases.noteStandings();
    await manager.useCases.showLicenseHistory({ tag: baseTag });
  });
  const found = [...plans].filter(([sql]) => sql.includes("license_days"));
  assert.equal(found.length, 4, "two questions, and what a written day ends and forgets");
  for (const [sql, plan] of found) {
    if (sql.includes("indexed by license_days_newest"))
      assert.equal(plan, "SEARCH license_days USING INDEX license_days_newest (smart_account_id=?)");
    else assert.doesNotMatch(plan, /SCAN license_days|\(smart_account_id=\?\)/, sql);
  }
});

test("a search walks a bounded part of the devices, by an index", async () => {
  const plans = await plansDuring(() =>
    withManager({ usageThread: "off" }, async (manager) => {
      await manager.device().enrol(await manager.token(1));
      await manager.running.manager.administration.searchAccount({ text: "2305843009213693953" });
      await manager.running.manager.administration.searchAccount({ text: "PID:A,SN:B" });
    }),
  );
  const plansOf = (part: string) => [...plans].filter(([sql]) => sql.includes(part)).map(([, plan]) => plan);
  const [bySerialNumber] = plansOf("serial_number >= ?");
  assert.equal(
    bySerialNumber,
    "SEARCH product_instances USING INDEX product_instances_by_udi (smart_account_id=? AND serial_number>?)",
  );
  const [byVirtualAccount] = plansOf("order by p.instance_id limit");
  assert.match(
    byVirtualAccount ?? "",
    /^SEARCH p USING INDEX product_instances_by_virtual_account \(smart_account_id=\? AND virtual_account_id=\? AND instance_id>\?\); SEARCH i/,
  );
  assert.doesNotMatch(byVirtualAccount ?? "", /TEMP B-TREE/);
  await requireNoWalk(plans);
});

test("no statement that a device waits for walks all devices or reports of an account", async () => {
  const plans = await plansDuring(() =>
    // On one thread, because only that one's statements are seen here.
    withManager({ usageThread: "off" }, async (manager) => {
      const device = manager.device();
      const token = await manager.token(3);
      await device.enrol(token);
      await device.enrol(token);
      await device.ask("LICENSE_USAGE", await device.usage([device.reportPayload(1, 4)]));
      await device.ask("LICENSE_USAGE", await device.usage([device.reportPayload(1, 4), device.reportPayload(3, 2)]));
      await device.ask("LICENSE_USAGE", await device.usage([device.reportPayload(2, 1)]));
      await device.ask("TRUST_SYNC", device.trustSync());
      await device.ask("AUTHORIZATION_REQUEST", device.authorizationRequest());
      await device.ask("AUTHORIZATION_REQUEST", device.authorizationRequest());
      await device.ask("HELLO", device.hello());
    }),
  );
  await requireNoWalk(plans);
});

test("no statement that a classic device or its upkeep waits for walks all devices of an account", async () => {
  const plans = await plansDuring(async () => {
    const manager = await createTestManager({ storage: openSqliteStorage(":memory:", startMs) });
    const { text } = await manager.useCases.createToken({ cause: operator });
    const device = createClassicDevice(manager);
    await device.register(text);
    await device.register(text);
    await device.authorize({ [baseTag]: 3 });
    manager.clock.advance(100 * 86_400_000);
    await manager.useCases.keepClassic();
    await device.renew();
    await device.convert([{ kind: "pak", name: "A", entitlement_tag: baseTag, count: 1 }]);
    await manager.useCases.setConversion({ isAutomatic: true, cause: operator });
    await device.convert([{ kind: "pak", name: "A", entitlement_tag: baseTag, count: 1 }]);
    await device.deregister();
  });
  await requireNoWalk(plans);
});

async function requireNoWalk(plans: ReadonlyMap<string, string>): Promise<void> {
  assert.ok(plans.size > 15);
  for (const [sql, plan] of plans) {
    if (!growing.test(sql)) continue;
    assert.doesNotMatch(plan, /SCAN|\(smart_account_id=\?\)/, sql);
  }
}
