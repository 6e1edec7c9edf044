import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { createScreen, renderFleet } from "./fleet-table.ts";
import type { InstanceStatus } from "./instance-status.ts";

const now = Date.parse("2031-05-01T12:00:00Z");
const status: InstanceStatus = {
  name: "c9300-stack",
  members: 3,
  trustedMembers: 3,
  inUse: { "regid.2031-01.org.example.A,1.0_00000000-0000-4000-8000-000000000001": 3 },
  licenses: { "network-advantage": 3 },
  lastPushAtMs: now - 65_000,
  lastAckAtMs: now - 64_000,
  nextPushAtMs: now + 86_400_000,
  problem: null,
};

test("a line says instance, trust, use, last report, ACK and what comes next", () => {
  const [header, line] = renderFleet([status], now).split("\n");
  assert.match(header ?? "", /^Instance +Trust +In use +Reported +ACK +Next$/);
  assert.equal(line, "c9300-stack  installed 3/3  3 network-advantage  1 min ago  1 min ago  report in 1 d");
});

test("missing trust, nothing in use and a failure are words, not blanks", () => {
  const failing = { ...status, trustedMembers: 1, licenses: {}, lastAckAtMs: null, problem: "tcp: Connection refused" };
  assert.match(renderFleet([failing], now), /partial 1\/3 +– +1 min ago +– +tcp: Connection refused/);
  assert.match(renderFleet([{ ...failing, trustedMembers: 0 }], now), /none/);
});

function read(stream: PassThrough): string {
  return String(stream.read() ?? "");
}

test("on a terminal the table is drawn over itself, and words stand above it", () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 100 });
  const screen = createScreen(stream);
  screen.show([status], now);
  assert.equal(read(stream).split("\n").length, 3);
  screen.say("the manager ended");
  const redrawn = read(stream);
  assert.ok(redrawn.startsWith("\u001b[2F"), "goes up over the two lines of the table");
  assert.ok(redrawn.indexOf("the manager ended") < redrawn.indexOf("c9300-stack"));
});

test("what comes next is readable in 80 columns, and no line is wrapped in fewer", () => {
  const long = {
    ...status,
    licenses: { "network-advantage": 3, "dna-advantage": 3 },
    nextPushAtMs: now + 2_588_000_000,
  };
  for (const line of renderFleet([long], now, 80).trimEnd().split("\n")) assert.ok(line.length <= 80, line);
  assert.match(renderFleet([long], now, 80), /report in 29 d\n$/);
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 40 });
  createScreen(stream).show([long], now);
  const [, ...lines] = read(stream).split("\n");
  assert.ok(lines.length === 2 && lines.every((line) => line.length <= 40));
});

test("in a log each change is one line, and what has not changed is not said again", () => {
  const stream = new PassThrough();
  const screen = createScreen(stream);
  screen.show([status], now);
  screen.show([status], now + 1000);
  assert.equal(read(stream).trimEnd().split("\n").length, 1);
  screen.show([{ ...status, licenses: { "network-advantage": 4 } }], now + 2000);
  assert.match(read(stream), /in use 4 network-advantage/);
});
