import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { ManualTime } from "@countersign/simulation";
import type { LogLine } from "../syslog-line.ts";
import { queueMax, ReceiverQueue } from "./receiver-queue.ts";

type Noted = { readonly lines: LogLine[]; said(mnemonic: string): Promise<LogLine> };

/** What a queue says about itself, and a way to wait for it. */
function noting(): Noted & { readonly note: (line: LogLine) => void } {
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  return {
    lines,
    note(line) {
      lines.push(line);
      for (const wake of waiting) wake();
    },
    async said(mnemonic) {
      for (;;) {
        const index = lines.findIndex((line) => line.mnemonic === mnemonic);
        if (index >= 0) return lines.splice(index, 1)[0] as LogLine;
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
  };
}

/** A TCP receiver; `lines` come one after the other. */
async function listen(context: TestContext, port = 0) {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => sockets.add(socket)).listen(port, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  };
  context.after(() => (server.listening ? close() : undefined));
  const { port: own } = server.address() as { port: number };
  return { server, port: own, close };
}

function queueTo(port: number, context: TestContext, parts: { time: ManualTime; noted: ReturnType<typeof noting> }) {
  const receiver = { host: "127.0.0.1", transport: "tcp", port, trustpoint: null } as const;
  const queue = new ReceiverQueue(receiver, {
    timers: parts.time,
    note: parts.noted.note,
    way: () => ({ localAddress: null, resolve: null, certificateAuthorities: [], checkServer: null }),
  });
  queue.open();
  context.after(() => queue.close());
  return queue;
}

test("a receiver that is away costs the oldest messages of a full queue, and the loss is counted and said", async (context) => {
  const [time, noted] = [new ManualTime(0), noting()];
  const first = await listen(context);
  await first.close();
  const queue = queueTo(first.port, context, { time, noted });
  const failed = await noted.said("LOGGINGHOST_FAIL");
  assert.match(failed.text, new RegExp(`^Logging to host 127\\.0\\.0\\.1 port ${first.port} failed: .*ECONNREFUSED`));
  for (let count = 1; count <= queueMax; count += 1) queue.offer(`message ${count}`);
  assert.equal(queue.view.lost, 0);
  queue.offer("one too many");
  assert.deepEqual([queue.view.lost, queue.view.waiting, queue.view.state], [1, queueMax, "down"]);
  const second = await listen(context, first.port);
  const connected = once(second.server, "connection") as Promise<[Socket]>;
  await time.advanceTo(time.now() + 1000);
  const [socket] = await connected;
  const [oldest] = (await once(createInterface({ input: socket }), "line")) as [string];
  assert.equal(oldest, "message 2");
  assert.match((await noted.said("LOGGINGHOST_LOST")).text, /^1 messages for host 127\.0\.0\.1 port \d+ were lost$/);
  assert.match((await noted.said("LOGGINGHOST_STARTSTOP")).text, /started - reconnection$/);
  assert.equal(queue.view.state, "up");
});

test("reconnecting takes its time: one second, two, four, and never more than a minute", async (context) => {
  const time = new ManualTime(0);
  const delays: number[] = [];
  const timers = {
    start: (delayMs: number, callback: () => void) => {
      delays.push(delayMs);
      return time.start(delayMs, callback);
    },
  };
  const noted = noting();
  const queue = new ReceiverQueue(
    { host: "127.0.0.1", transport: "tls", port: 6514, trustpoint: "NONE" },
    { timers, note: noted.note, way: () => "trustpoint NONE has no certificate" },
  );
  queue.open();
  context.after(() => queue.close());
  for (let attempt = 1; attempt < 9; attempt += 1) await time.advanceTo(time.now() + (delays.at(-1) ?? 0));
  assert.deepEqual(delays, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  assert.equal(noted.lines.length, 1, "said once in an outage");
});
