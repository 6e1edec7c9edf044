// A device that is listened to on every way it tells of a rewritten ledger, and a manager whose data directory is within reach.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { startDevice } from "@countersign/device";
import { createRequestHandler, initManager, type Manager, openManager } from "@countersign/manager";
import { ManualTime } from "@countersign/simulation";
import { startAtMs } from "./device-with-manager.test-support.ts";

const cause = { kind: "operator", name: "ada" } as const;
const account = { smartAccount: "Example Corp", virtualAccount: "Lab" };

/** Everything that comes to one port of loopback. */
async function startReceiver(t: TestContext) {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  t.after(() => socket.close());
  const received: Buffer[] = [];
  socket.on("message", (bytes) => received.push(bytes));
  const heard = async (part: string | Buffer): Promise<Buffer> => {
    for (;;) {
      const found = received.find((bytes) => bytes.includes(part));
      if (found !== undefined) return found;
      await once(socket, "message");
    }
  };
  return { port: socket.address().port, heard };
}

/** A manager that can be stopped while somebody is at its files. */
async function startStoppable(t: TestContext, time: ManualTime) {
  const folder = mkdtempSync(join(tmpdir(), "countersign-rewritten-"));
  const dataDirectory = join(folder, "manager");
  await initManager({ dataDirectory, ...account, clock: time });
  const open = () => openManager({ dataDirectory, clock: time, logLevel: "silent", isProcessMeasured: false });
  let manager: Manager = await open();
  t.after(async () => {
    await manager.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    ...{ folder, dataDirectory },
    now: () => manager,
    exchange: (_url: string, body: Uint8Array) => createRequestHandler(manager)(body),
    whileStopped: async (change: () => void | Promise<void>): Promise<void> => {
      await manager.close();
      try {
        await change();
      } finally {
        manager = await open();
      }
    },
  };
}

/** With trust, and configured to send traps and log lines. */
export async function startWatchedDevice(t: TestContext, fromMs = startAtMs) {
  const time = new ManualTime(fromMs);
  const manager = await startStoppable(t, time);
  const [traps, lines] = [await startReceiver(t), await startReceiver(t)];
  const log: string[] = [];
  const notices: string[] = [];
  const device = await startDevice({
    ...{ stateDirectory: null, platform: "c8000v", keyType: "p-256", clock: time, timers: time },
    trustAnchors: manager.now().rootCertificatePem,
    exchange: manager.exchange,
    onLog: (text) => log.push(text),
    on: { ledger: ({ type }) => notices.push(type) },
  });
  t.after(() => device.stop());
  const say = async (line: string) => (await device.execute(line)).output;
  const pass = (seconds: number) => time.advanceTo(time.now() + seconds * 1000, () => device.agent.idle());
  for (const line of [
    "snmp-server enable traps license",
    `snmp-server host 127.0.0.1 traps version 2c told udp-port ${traps.port}`,
    `logging host 127.0.0.1 transport udp port ${lines.port}`,
  ])
    await say(line);
  const { text: token } = await manager.now().administration.createToken({ ...account, usesMax: 10, cause });
  await say(`license smart trust idtoken ${token} all`);
  await pass(600);
  const report = async () => {
    await say("license smart sync all");
    await pass(120);
  };
  return { ...{ manager, device, traps, lines, log, notices }, say, pass, report };
}
