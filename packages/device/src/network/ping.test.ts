import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pingAddress, readPing } from "./ping.ts";

const printed = `PING 127.0.0.1 (127.0.0.1) from 127.0.0.21 : 72(100) bytes of data.
80 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.031 ms
80 bytes from 127.0.0.1: icmp_seq=2 ttl=64 time=0.045 ms
From 10.0.0.1 icmp_seq=3 Destination Host Unreachable
80 bytes from 127.0.0.1: icmp_seq=5 ttl=64 time=1.2 ms

--- 127.0.0.1 ping statistics ---
5 packets transmitted, 3 received, 40% packet loss, time 4080ms
rtt min/avg/max/mdev = 0.031/0.425/1.200/0.550 ms
`;

test("[SHO-31] which packets came back, and how long they took, is read from what ping prints", () => {
  assert.deepEqual(readPing(printed), {
    replies: [true, true, false, false, true],
    roundTripMs: { min: 0.031, average: 0.425, max: 1.2 },
  });
  assert.deepEqual(readPing(""), { replies: Array(5).fill(false), roundTripMs: null });
});

/** A program in ping's place that prints its arguments. */
function program(t: TestContext, script: string): string {
  const folder = mkdtempSync(join(tmpdir(), "countersign-ping-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "ping");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

test("ping gets fixed arguments and two addresses; that nothing came back is an answer", async (t) => {
  const wanted = "-n -c 5 -W 2 -s 72 -I 127.0.0.21 127.0.0.1";
  const says = program(
    t,
    `[ "$*" = "${wanted}" ] || exit 9; echo "80 bytes from 127.0.0.1: icmp_seq=4 ttl=64 time=1 ms"; exit 1`,
  );
  const result = await pingAddress("127.0.0.1", "127.0.0.21", says);
  assert.deepEqual(result.outcome === "sent" && result.replies, [false, false, false, true, false]);
});

test("a machine without ping, or one that may not send, says so; nothing is pretended", async (t) => {
  const missing = await pingAddress("127.0.0.1", null, "/nonexistent/ping");
  assert.deepEqual(missing, { outcome: "unavailable", reason: "the machine that this device runs on has no ping" });
  const refused = await pingAddress("127.0.0.1", null, program(t, "echo 'Operation not permitted' >&2; exit 2"));
  assert.match(refused.outcome === "unavailable" ? refused.reason : "", /Operation not permitted/);
});
