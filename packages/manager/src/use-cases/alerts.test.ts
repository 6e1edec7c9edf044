import assert from "node:assert/strict";
import { test } from "node:test";
import { type Access, fullAccess } from "../accounts/access.ts";
import { alertEventsMax } from "../alerts/alert.ts";
import type { Cause, NewEvent } from "../events/event.ts";
import { baseTag, createTrustedDevice, type TestDevice } from "../test-support/core-device.ts";
import { createTestManager, operator, startMs, type TestManager } from "../test-support/core-manager.ts";

const ada: Cause = { kind: "operator", name: "ada", reason: "restored from the backup of 3 May" };

/** What a device sends that knows a head which this ledger never had, and refused the one that it was shown. */
async function dispute(device: TestDevice, reportId: number): Promise<void> {
  const shown = (await device.use({ reportId, count: 1 })).acknowledgement.tree_head ?? assert.fail();
  const known = { ...shown, root_sha256: "c".repeat(64) };
  const data = device.usageData([await device.report({ reportId: reportId + 1, count: 1 })]);
  await device.send("LICENSE_USAGE", { ...data, known_tree_head: known, refused_tree_head: shown });
}

async function withDisputes(): Promise<{ readonly manager: TestManager; readonly device: TestDevice }> {
  const manager = await createTestManager();
  await manager.useCases.createVirtualAccount({ name: "Branch", cause: operator });
  const device = await createTrustedDevice(manager);
  await dispute(device, 1);
  await dispute(await createTrustedDevice(manager, "Branch"), 1);
  return { manager, device };
}
const inBranch: Access = [{ role: "administrator", smartAccountId: 1, virtualAccountId: 2 }];
const firstDisputed = async (useCases: Pick<TestManager["useCases"], "listAlerts">, handled = false) =>
  (await useCases.listAlerts({ handled })).alerts.find(({ kind }) => kind === "ledger_disputed");

test("a disputed ledger is one alert of two devices until somebody marks it, which is an act with the note", async () => {
  const { manager, device } = await withDisputes();
  const { useCases } = manager;
  const alert = (await firstDisputed(useCases)) ?? assert.fail();
  assert.match(alert.alertId, /^ledger_disputed:rewritten:/);
  assert.deepEqual([alert.installations, alert.virtualAccounts.toSorted()], [2, ["Branch", "DEFAULT"]]);
  const { alertId, throughEventId } = alert;
  manager.clock.advance(1000);
  const handled = await useCases.handleAlert({ alertId, throughEventId: throughEventId ?? 0, cause: ada });
  assert.deepEqual([handled.handled?.by, handled.handled?.note], ["ada", ada.kind === "operator" ? ada.reason : ""]);
  assert.equal(handled.handled?.atMs, startMs + 1000);
  const [act] = await useCases.listAuditEntries({ act: "handle_alert" });
  assert.deepEqual([act?.reason, act?.leafIndex], [handled.handled?.note, handled.handled?.leafIndex]);
  assert.equal(await firstDisputed(useCases), undefined);
  assert.equal((await firstDisputed(useCases, true))?.alertId, alertId);
  await assert.rejects(useCases.handleAlert({ alertId, throughEventId: throughEventId ?? 0, cause: ada }), {
    code: "alert_unknown",
  });
  await dispute(device, 3);
  assert.equal((await firstDisputed(useCases))?.installations, 1, "what a device tells afterwards opens it again");
});

test("[GEN-16] whoever administers one virtual account sees and marks what its devices told, and no more", async () => {
  const { manager } = await withDisputes();
  const { useCases } = manager;
  const branch = useCases.administrationWith(inBranch);
  const alert = (await firstDisputed(branch)) ?? assert.fail();
  assert.deepEqual([alert.installations, alert.virtualAccounts], [1, ["Branch"]]);
  await branch.handleAlert({ alertId: alert.alertId, throughEventId: alert.throughEventId ?? 0, cause: ada });
  assert.equal(await firstDisputed(branch), undefined);
  assert.deepEqual((await firstDisputed(useCases))?.virtualAccounts, ["DEFAULT"]);
  const readsAll = useCases.administrationWith([{ ...fullAccess[0], role: "viewer" } as Access[0], ...inBranch]);
  const rest = (await firstDisputed(readsAll)) ?? assert.fail();
  const wish = { alertId: rest.alertId, throughEventId: rest.throughEventId ?? 0, cause: ada };
  await assert.rejects(readsAll.handleAlert(wish), { code: "operator_not_permitted" });
  assert.ok(await firstDisputed(useCases));
});

test("a mark needs a note, an open alert, and an event that was seen; a shortage ends by itself", async () => {
  const { manager } = await withDisputes();
  const { useCases } = manager;
  const { alertId, throughEventId } = (await firstDisputed(useCases)) ?? assert.fail();
  const wish = { alertId, throughEventId: throughEventId ?? 0, cause: ada };
  const refused = async (changes: object, code: string) => {
    await assert.rejects(useCases.handleAlert({ ...wish, ...changes }), { code });
    assert.ok(await firstDisputed(useCases), code);
  };
  await refused({ cause: { kind: "operator", name: "ada" } }, "input_invalid");
  await refused({ alertId: "ledger_disputed:both:none" }, "alert_unknown");
  await refused({ throughEventId: wish.throughEventId + 1 }, "alert_unknown");
  await refused({ throughEventId: 1 }, "alert_unknown");
  await refused({ virtualAccount: "Nowhere" }, "virtual_account_unknown");
  const short = (await useCases.listAlerts({})).alerts.filter(({ kind }) => kind === "license_short");
  assert.deepEqual(short.map(({ virtualAccounts }) => virtualAccounts).toSorted(), [["Branch"], ["DEFAULT"]]);
  await refused({ alertId: short[0]?.alertId }, "alert_ends_by_itself");
  const purchase = { tag: baseTag, quantity: 99, virtualAccount: "Branch" };
  await useCases.addPurchase({ purchase, cause: operator });
  const left = (await useCases.listAlerts({})).alerts.filter(({ kind }) => kind === "license_short");
  assert.deepEqual(
    left.map(({ virtualAccounts }) => virtualAccounts),
    [["DEFAULT"]],
  );
  assert.deepEqual(
    (await useCases.listAlerts({ virtualAccount: "Branch" })).alerts.map(({ kind }) => kind),
    ["ledger_disputed"],
  );
});

test("[CNT-6] [HW-6] a shortage is one of its virtual account, whatever another has left, until the old device is removed by hand", async () => {
  const manager = await createTestManager();
  const { useCases } = manager;
  await useCases.createVirtualAccount({ name: "Branch", cause: operator });
  await useCases.addPurchase({ purchase: { tag: baseTag, quantity: 9, virtualAccount: "Branch" }, cause: operator });
  await useCases.addPurchase({ purchase: { tag: baseTag, quantity: 4 }, cause: operator });
  const [old, replacement] = [await createTrustedDevice(manager), await createTrustedDevice(manager)];
  for (const device of [old, replacement]) await device.use({ reportId: 1, count: 3 });
  const shortages = async () => (await useCases.listAlerts({})).alerts.map(({ title }) => title.split(": ")[1]);
  assert.deepEqual(await shortages(), ["6 in use, 4 purchased, 2 short."]);
  await useCases.removeProductInstance({ instance: old.identifier, cause: operator });
  assert.deepEqual(await shortages(), []);
  assert.deepEqual(
    (await useCases.listLicenses({})).map(({ virtualAccount, inUse }) => [virtualAccount, inUse]).toSorted(),
    [
      ["Branch", 0],
      ["DEFAULT", 3],
    ],
  );
});

test("of more events than the limit the newest are looked at, and the answer says that there are more", async () => {
  const manager = await createTestManager();
  const event: NewEvent = {
    ...{ smartAccountId: 1, atMs: startMs, kind: "report_conflict", virtualAccountId: 1, before: null, after: {} },
    ...{ installationId: 1, cause: { kind: "system", reason: "test" } },
  };
  const add = (count: number) =>
    manager.storage.inTransaction(({ events }) => events.addEvents(Array.from({ length: count }, () => event)));
  await add(alertEventsMax - 1);
  assert.equal((await manager.useCases.listAlerts({})).isComplete, true);
  await add(2);
  const { alerts, isComplete } = await manager.useCases.listAlerts({});
  assert.deepEqual([isComplete, alerts.map(({ kind }) => kind)], [false, ["report_conflict"]]);
});
