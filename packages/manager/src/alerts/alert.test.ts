import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { StoredEvent } from "../events/event.ts";
import { standingsOf } from "../licenses/standing.ts";
import { type Alert, alertDevicesMax, alertOfStanding, alertsOfEvents, inOrder } from "./alert.ts";
import type { DisputeFinding } from "./event-cause.ts";

const ledgerId = "00000000-0000-4000-8000-000000000001";
const head = (isOurs: boolean, ledger = ledgerId) => ({ ledger_id: ledger, size: 2, root_sha256: "a", isOurs });

/** Facts of an event; each next one is newer. */
type Wish = Partial<StoredEvent>;
const common = { smartAccountId: 1, virtualAccountId: 1, before: null, leafIndex: null } as const;
const byDevice = { kind: "message", requestType: "LICENSE_USAGE", nonce: "1", productInstanceIdentifier: "p" } as const;

function dispute(device: number, wish: Wish = {}): Wish {
  const after = { udi: `PID:A,SN:${device}`, refused: head(true) };
  return { kind: "ledger_disputed", installationId: device, cause: byDevice, before: head(false), after, ...wish };
}
function mark(alertId: string, throughEventId: number, wish: Wish = {}): Wish {
  const cause = { kind: "operator", name: "ada", reason: "put right" } as const;
  return {
    kind: "alert_handled",
    installationId: null,
    cause,
    after: { alertId, throughEventId },
    leafIndex: 7,
    ...wish,
  };
}
/** In the order in which they happened, one a second; alerts are given them the other way round. */
function alertsOf(...wishes: readonly Wish[]): readonly Alert[] {
  const events = wishes.map(
    (wish, at) => ({ ...common, eventId: at + 1, atMs: (at + 1) * 1000, ...wish }) as StoredEvent,
  );
  return inOrder(alertsOfEvents(events.toReversed()));
}
const rewritten = `ledger_disputed:rewritten:${ledgerId}`;

suite("alerts of devices", () => {
  test("one rewritten ledger that three hundred devices found out is one alert with three hundred devices", () => {
    const [alert, ...more] = alertsOf(...Array.from({ length: 300 }, (_, at) => dispute(at)), dispute(0));
    assert.deepEqual(more, []);
    assert.ok(alert);
    assert.deepEqual([alert.alertId, alert.severity, alert.installations], [rewritten, "critical", 300]);
    assert.deepEqual([alert.sinceMs, alert.newestAtMs, alert.throughEventId], [1000, 301_000, 301]);
    assert.equal(alert.devices.length, alertDevicesMax);
    assert.equal(alert.devices[0], "PID:A,SN:0", "the newest first");
  });

  test("so many devices are named as the limit says, and one more is counted", () => {
    for (const [count, named] of [
      [alertDevicesMax, alertDevicesMax],
      [alertDevicesMax + 1, alertDevicesMax],
    ] as const) {
      const [alert] = alertsOf(...Array.from({ length: count }, (_, at) => dispute(at)));
      assert.deepEqual([alert?.installations, alert?.devices.length], [count, named]);
    }
  });

  test("what this ledger has at both sizes says what happened, each thing with a next step of its own", () => {
    const cases: readonly (readonly [DisputeFinding, boolean | null, boolean])[] = [
      ["rewritten", false, true],
      ["foreign", true, false],
      ["foreign", null, false],
      ["both", false, false],
      ["unproved", true, true],
      ["unproved", null, true],
    ];
    const steps = new Set<string>();
    for (const [finding, known, refused] of cases) {
      const before = known === null ? null : head(known);
      const [alert] = alertsOf(dispute(1, { before, after: { udi: "u", refused: head(refused) } }));
      assert.equal(alert?.alertId, `ledger_disputed:${finding}:${ledgerId}`);
      steps.add(alert?.title ?? "");
    }
    assert.equal(steps.size, 4);
  });

  test("another ledger is another cause, and so is a contradicting report", () => {
    const other = "00000000-0000-4000-8000-000000000002";
    const alerts = alertsOf(dispute(1), dispute(2, { before: head(false, other) }), {
      ...{ kind: "report_conflict", installationId: 3, cause: byDevice, after: { reportId: 1 } },
    });
    assert.deepEqual(
      alerts.map(({ alertId, devices }) => [alertId, devices]),
      [
        ["report_conflict", ["p"]],
        [`ledger_disputed:rewritten:${other}`, ["PID:A,SN:2"]],
        [rewritten, ["PID:A,SN:1"]],
      ],
    );
  });

  test("events that are no alert make none", () => {
    assert.deepEqual(alertsOf({ kind: "usage_reported", installationId: 1, cause: byDevice, after: {} }), []);
  });
});

suite("marks", () => {
  test("an alert stays until it is marked, and then is there with who, when and why", () => {
    const [alert, ...more] = alertsOf(dispute(1), dispute(2), mark(rewritten, 2));
    assert.deepEqual(more, []);
    assert.deepEqual(alert?.mark, { atMs: 3000, by: "ada", note: "put right", leafIndex: 7 });
    assert.equal(alert?.installations, 2);
  });

  test("what came after what was seen stays open, also when it came before the mark", () => {
    const alerts = alertsOf(dispute(1), dispute(2), mark(rewritten, 1), dispute(3));
    assert.deepEqual(
      alerts.map(({ installations, mark: by, sinceMs }) => [installations, by !== null, sinceMs]),
      [
        [2, false, 2000],
        [1, true, 1000],
      ],
    );
  });

  test("each mark closes what was open then", () => {
    const alerts = alertsOf(dispute(1), mark(rewritten, 1), dispute(2), mark(rewritten, 3, { leafIndex: 9 }));
    assert.deepEqual(
      alerts.map((alert) => [alert.mark?.leafIndex, alert.devices]),
      [
        [9, ["PID:A,SN:2"]],
        [7, ["PID:A,SN:1"]],
      ],
    );
  });

  test("a mark closes nothing in another virtual account, and nothing of another cause", () => {
    const alerts = alertsOf(
      dispute(1),
      dispute(2, { virtualAccountId: 2 }),
      mark(rewritten, 2),
      mark("report_conflict", 2),
    );
    assert.deepEqual(
      alerts.map((alert) => [alert.virtualAccountIds, alert.mark !== null]),
      [
        [[1], true],
        [[2], false],
      ],
    );
  });

  test("one act in two virtual accounts closes one alert", () => {
    const [alert, ...more] = alertsOf(
      ...[dispute(1), dispute(2, { virtualAccountId: 2 })],
      ...[mark(rewritten, 2), mark(rewritten, 2, { virtualAccountId: 2 })],
    );
    assert.deepEqual(more, []);
    assert.deepEqual([alert?.virtualAccountIds, alert?.mark?.leafIndex], [[2, 1], 7]);
  });
});

suite("licences", () => {
  const row = {
    ...{ virtualAccountId: 4, tag: "t", purchased: 3, inUseVerified: 2, inUseUnverified: 1, installations: 2 },
    reserved: 0,
  };
  const alertOf = (change: object, sinceMs: number | null = null) => {
    const [standing] = standingsOf([{ ...row, ...change }], []);
    return alertOfStanding(standing ?? assert.fail(), "EDGE", sinceMs);
  };

  test("exactly what was bought is enough, one more is short by one", () => {
    assert.equal(alertOf({}), null);
    const alert = alertOf({ inUseUnverified: 2 }, 77);
    assert.deepEqual(
      [alert?.alertId, alert?.severity, alert?.title, alert?.throughEventId, alert?.sinceMs],
      ["license_short:4:t", "warning", "EDGE: 4 in use, 3 purchased, 1 short.", null, 77],
    );
  });

  test("what somebody must act on comes before what is only soon", () => {
    const short = alertOf({ purchased: 0 }) ?? assert.fail();
    const [disputed] = alertsOf(dispute(1));
    assert.deepEqual(inOrder([short, disputed ?? assert.fail()]), [disputed, short]);
  });
});
