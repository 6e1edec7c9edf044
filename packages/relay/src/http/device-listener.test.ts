import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { type TestContext, test } from "node:test";
import { ReceivedBytes } from "@countersign/terminal";
import { createLog } from "../logging/log.ts";
import { createMetrics } from "../metrics/metrics.ts";
import { checkSettings } from "../state-directory/settings.ts";
import { listenForDevices } from "./device-listener.ts";

const bytesMax = 100;

async function startListener(t: TestContext, connectionsMax = 100) {
  const received = new ReceivedBytes(bytesMax);
  const out = new PassThrough();
  const answers: (() => void)[] = [];
  const counts = { waiting: 0, oldestWaitingAtMs: null, waitingBytes: 0, acknowledged: 0, refused: 0, taken: 0 };
  const certificate = { validUntilMs: 0, state: "valid", renewalFailure: null, renewalFailingSinceMs: null } as const;
  const metrics = createMetrics({
    ...{ counts: () => counts, failingSinceMs: () => null, certificate: () => certificate, now: () => 0 },
    requestBytesReceived: () => received.total,
  });
  const listener = await listenForDevices(
    {
      // Only when the test says so: until then what was received is not answered.
      answer: async (body) => {
        await new Promise<void>((resolve) => answers.push(resolve));
        return Buffer.from(String(body.length));
      },
      health: () => ({ status: "ok", waiting: 0, managerAwaySinceMs: null, certificate }),
      ...{ metrics, received, log: createLog("info", out) },
    },
    { host: "127.0.0.1", port: 0, connectionsMax, tls: null },
  );
  t.after(() => listener.stop());
  const url = `http://127.0.0.1:${listener.port}/cslu/v1/pi`;
  const post = (bytes: number) => fetch(url, { method: "POST", body: Buffer.alloc(bytes) });
  const measured = async (bytes: number) => {
    const line = `\ncountersign_relay_request_bytes_received ${bytes}\n`;
    while (!(await (await fetch(new URL("/metrics", url))).text()).includes(line));
  };
  const socket = async () => {
    const opened = connect(listener.port, "127.0.0.1");
    t.after(() => opened.destroy());
    await once(opened, "connect");
    return opened;
  };
  return { post, measured, socket, answers, logged: () => String(out.read() ?? "") };
}

test("what has arrived and is not answered takes no more room than there is, and what brings more is told to come again", async (t) => {
  const { post, measured, socket, answers, logged } = await startListener(t);
  const slow = await socket();
  slow.write("POST /cslu/v1/pi HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n");
  slow.write(Buffer.alloc(bytesMax - 10));
  await measured(bytesMax - 10);

  const fitting = post(10);
  await measured(bytesMax);
  const refused = await post(1);
  assert.deepEqual([refused.status, refused.headers.get("connection")], [503, "close"]);
  assert.equal(((await refused.json()) as { code: string }).code, "relay_overloaded");
  assert.match(logged(), /"code":"relay_overloaded","event":"request_refused"/);
  await measured(bytesMax);

  answers.shift()?.();
  assert.equal(await (await fitting).text(), "10");
  await measured(bytesMax - 10);
  const next = post(10);
  await measured(bytesMax);
  answers.shift()?.();
  assert.equal((await next).status, 200);
  slow.destroy();
  await measured(0);
});

test("as many connections as are allowed are open, and the next one is closed at once", async (t) => {
  const { socket, post } = await startListener(t, 2);
  const isAnswered = async (opened: Socket) => {
    opened.write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const [bytes] = (await Promise.race([once(opened, "data"), once(opened, "close")])) as [unknown];
    return Buffer.isBuffer(bytes);
  };
  const [one, two] = [await socket(), await socket()];
  assert.deepEqual([await isAnswered(one), await isAnswered(two)], [true, true]);
  await assert.rejects(post(1));
  one.destroy();
  await once(one, "close");
  while (!(await isAnswered(await socket().then((opened) => opened.on("error", () => undefined)))));
});

test("what a relay may receive is bounded by settings that have bounds themselves", () => {
  const settings = { managerUrl: "https://manager.test", plainHttp: true };
  for (const [name, min, max] of [
    ["requestMebibytesReceivedMax", 4, 1_048_576],
    ["connectionsMax", 1, 1_000_000],
  ] as const) {
    for (const value of [min, max]) assert.equal(checkSettings({ ...settings, [name]: value })[name], value);
    for (const value of [min - 1, max + 1])
      assert.throws(() => checkSettings({ ...settings, [name]: value }), { code: "relay_setting_invalid" });
  }
});
