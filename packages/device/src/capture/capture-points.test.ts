import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectionEvent } from "@countersign/agent";
import { CapturePoints } from "./capture-points.ts";
import { type CaptureSettings, capturePointsMax } from "./capture-view.ts";
import { segmentBytesMax } from "./tcp-frames.ts";

const local = { address: "192.0.2.1", port: 22_425 };
const remote = { address: "198.51.100.9", port: 443 };
let connections = 0;

function capturing(settings: Partial<CaptureSettings> = {}) {
  const time = { nowMs: 1_000 };
  const ended: (string | null)[] = [];
  const points = new CapturePoints({
    now: () => time.nowMs,
    addressesOf: (name) => ({ Vlan10: ["192.0.2.1"], Vlan20: ["192.0.2.2"], Any: null })[name],
    ended: (_, why) => ended.push(why),
  });
  const wanted = { interfaceName: "Vlan10", matchesAny: true, ...settings };
  assert.equal(points.change({ change: "define", name: "CSSM", settings: wanted }).outcome, "done");
  assert.equal(points.change({ change: "start", name: "CSSM" }).outcome, "done");
  connections += 1;
  const connectionId = connections;
  const opened = (): void => {
    points.seen({ type: "dialled", connectionId, local, remote });
    points.seen({ type: "connected", connectionId, local, remote });
  };
  const bytes = (isSent: boolean, count: number): ConnectionEvent => ({
    ...{ type: "bytes", connectionId, isSent },
    bytes: new Uint8Array(count),
  });
  const held = () => points.views()[0]?.frames.length ?? 0;
  return { points, time, ended, opened, bytes, held, isActive: () => points.views()[0]?.isActive };
}

test("[DIA-23] a message is cut into segments, and what came in is acknowledged", () => {
  for (const [count, segments] of [
    [segmentBytesMax - 1, 1],
    [segmentBytesMax, 1],
    [segmentBytesMax + 1, 2],
  ] as const) {
    const { points, opened, bytes, held } = capturing();
    opened();
    assert.equal(held(), 3);
    points.seen(bytes(true, count));
    assert.equal(held(), 3 + segments);
    points.seen(bytes(false, count));
    assert.equal(held(), 3 + segments + segments + 1);
  }
});

test("a limit of packets ends the capture with the last one", () => {
  const { points, opened, bytes, held, isActive, ended } = capturing({ packets: 4 });
  opened();
  assert.equal(isActive(), true);
  points.seen(bytes(true, 1));
  points.seen(bytes(true, 1));
  assert.deepEqual([held(), isActive(), ended], [4, false, ["4 packets were captured"]]);
});

test("a limit of time ends the capture when it is over, not before", () => {
  const { points, time, opened, held, isActive } = capturing({ durationSeconds: 10 });
  time.nowMs += 9_999;
  assert.equal(isActive(), true);
  assert.equal(points.demand.seesBytes, true);
  time.nowMs += 1;
  assert.equal(points.demand.seesBytes, false);
  opened();
  assert.deepEqual([held(), isActive()], [0, false]);
});

test("a full buffer ends the capture before it overflows", () => {
  const { points, opened, bytes, ended } = capturing({ bufferMegabytes: 1 });
  opened();
  for (let sent = 0; sent < 1_048_576; sent += segmentBytesMax) points.seen(bytes(true, segmentBytesMax));
  assert.deepEqual(ended, ["the buffer is full"]);
  const [view] = points.views();
  assert.ok(view !== undefined && view.bufferedBytes <= 1_048_576 && view.bufferedBytes > 1_046_000);
});

test("what leaves from another interface, and the direction that is not wanted, are left out", () => {
  const count = (settings: Partial<CaptureSettings>): number => {
    const { opened, held } = capturing(settings);
    opened();
    return held();
  };
  assert.deepEqual([count({ interfaceName: "Vlan20" }), count({ interfaceName: "Any" })], [0, 3]);
  assert.deepEqual([count({ direction: "out" }), count({ direction: "in" })], [2, 1]);
});

test("each start asks for connections of its own, and clears what was there", () => {
  const { points, opened, held } = capturing();
  opened();
  const first = points.demand.generation;
  points.change({ change: "stop", name: "CSSM" });
  assert.equal(held(), 3);
  points.change({ change: "start", name: "CSSM" });
  assert.equal(held(), 0);
  assert.notEqual(points.demand.generation, first);
});

test("what a capture cannot do is refused with the reason", () => {
  const { points } = capturing();
  const code = (change: Parameters<CapturePoints["change"]>[0]) => {
    const outcome = points.change(change);
    return outcome.outcome === "refused" ? outcome.code : "done";
  };
  assert.equal(code({ change: "start", name: "CSSM" }), "capture_active");
  assert.equal(code({ change: "remove", name: "CSSM" }), "capture_active");
  assert.equal(code({ change: "stop", name: "other" }), "capture_unknown");
  assert.equal(code({ change: "define", name: "x", settings: { interfaceName: "Vlan99" } }), "interface_unknown");
  for (let made = 1; made < capturePointsMax; made += 1) {
    assert.equal(code({ change: "define", name: `c${made}`, settings: {} }), "done");
  }
  assert.equal(code({ change: "define", name: "one-more", settings: {} }), "captures_too_many");
  assert.equal(code({ change: "start", name: "c1" }), "capture_incomplete");
  assert.equal(code({ change: "stop", name: "c1" }), "capture_inactive");
});
