// A device against a manager whose history was rewritten: its data directory was put back from an older copy, in place, and it
// goes on as if what it countersigned since had never been. Everything that can be told is told, and nothing is taken.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startDevice } from "@countersign/device";
import { createRequestHandler, initManager, type Manager, openManager } from "@countersign/manager";
import { ManualTime } from "@countersign/simulation";
import { startAtMs } from "./device-with-manager.test-support.ts";

const cause = { kind: "operator", name: "ada" } as const;
/** 1.3.6.1.4.1.32473.1.0.10 as it travels. */
const rewrittenOid = Buffer.from([0x2b, 6, 1, 4, 1, 0x81, 0xfd, 0x59, 1, 0, 10]);

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

/** A manager that can be stopped, copied, and put back. */
async function startRestorable(t: TestContext, time: ManualTime) {
  const folder = mkdtempSync(join(tmpdir(), "countersign-rewritten-"));
  const [dataDirectory, copy] = [join(folder, "manager"), join(folder, "copy")];
  await initManager({ dataDirectory, smartAccount: "Example Corp", virtualAccount: "Lab", clock: time });
  const open = () => openManager({ dataDirectory, clock: time, logLevel: "silent", isProcessMeasured: false });
  let manager: Manager = await open();
  t.after(async () => {
    await manager.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const whileStopped = async (change: () => void): Promise<void> => {
    await manager.close();
    change();
    manager = await open();
  };
  return {
    now: () => manager,
    exchange: (_url: string, body: Uint8Array) => createRequestHandler(manager)(body),
    keepCopy: () => whileStopped(() => cpSync(dataDirectory, copy, { recursive: true })),
    putBack: () =>
      whileStopped(() => {
        rmSync(dataDirectory, { recursive: true });
        cpSync(copy, dataDirectory, { recursive: true });
      }),
  };
}

test("a manager that was put back to an older state is refused, and that is told on every way", async (t) => {
  const time = new ManualTime(startAtMs);
  const manager = await startRestorable(t, time);
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
  const report = async () => {
    await say("license smart sync all");
    await pass(120);
  };
  for (const line of [
    "snmp-server enable traps license",
    `snmp-server host 127.0.0.1 traps version 2c told udp-port ${traps.port}`,
    `logging host 127.0.0.1 transport udp port ${lines.port}`,
  ])
    await say(line);
  const wish = { smartAccount: "Example Corp", virtualAccount: "Lab", usesMax: 10, cause };
  const { text: token } = await manager.now().administration.createToken(wish);
  await say(`license smart trust idtoken ${token} all`);
  await pass(600);
  await report();
  await manager.keepCopy();
  await report();
  const [kept] = device.agent.state().reporting.ledger.heads;
  assert.ok(kept !== undefined);
  const acknowledged = device.agent.schedule().lastAcknowledgementAtMs;
  await manager.putBack();

  await report();
  const { ledger } = device.agent.state().reporting;
  assert.deepEqual(ledger.heads[0], kept, "the head that was verified stays");
  assert.equal(device.agent.schedule().lastAcknowledgementAtMs, acknowledged, "no acknowledgement was taken");
  assert.ok(
    device.agent.reports().some(({ status }) => status !== "open"),
    "the report is kept",
  );
  assert.ok(ledger.refused !== null && ledger.refused.offered.size <= kept.size);
  assert.ok(notices.length > 0 && notices.every((type) => type === "ledger-rewritten"));
  assert.ok(log.some((line) => /%SMART_LIC-2-LEDGER_REWRITTEN: .* acknowledgement was refused/.test(line)));
  assert.match(await say("show license eventlog"), /SAEVT_LEDGER_REWRITTEN .*keptSize="\d+".*offeredSize="\d+"/);
  assert.match(String(await lines.heard("LEDGER_REWRITTEN")), /%SMART_LIC-2-LEDGER_REWRITTEN/);
  const trap = await traps.heard(rewrittenOid);
  assert.ok(trap.includes(`${kept.size} ${kept.root_sha256}`) && trap.includes(kept.ledger_id));

  await pass(86_400);
  const events = await manager.now().administration.listEvents({});
  assert.match(JSON.stringify(events), /"ledger_disputed"/, "the manager was told what the device refused");
});
