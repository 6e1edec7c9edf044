// device-rss: what a device's daemon holds after it has established trust and its first report was acknowledged, a moment
// later, with nobody on its console.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { bareRuntimeMemory } from "../ceilings/bare-runtime.ts";
import { type BenchContext, type Figure, figureOf } from "../figure.ts";
import { type DeviceProcess, type ResidentMemory, startDeviceProcess } from "../programs/device-process.ts";
import { withManager } from "../programs/manager-session.ts";

/** The collector of garbage gets its chance, as in the hours that follow a report. */
const restMs = 5_000;
const askEveryMs = 200;
const asksMax = 150;

export async function measureDeviceRss(context: BenchContext): Promise<Figure> {
  const compileCache = join(context.directory, "compiled");
  const { first, again } = await withManager(join(context.directory, "manager"), null, async ({ ready }) => {
    const rootFile = join(context.directory, "root.pem");
    writeFileSync(rootFile, ready.rootCertificatePem);
    const url = `https://localhost:${ready.port}/licservice/license`;
    const state = join(context.directory, "device");
    mkdirSync(state);
    const live = async (name: string): Promise<ResidentMemory> => {
      context.progress(`${name} start of the daemon`);
      const parameters = ["--platform", "c9300-stack", "--url", url, "--trust-anchors", rootFile];
      const device = await startDeviceProcess(state, parameters, compileCache);
      try {
        return await reportOnce(device, ready.token, context.signal);
      } finally {
        await device.stop();
      }
    };
    return { first: await live("first"), again: await live("second") };
  });
  const floor = await bareRuntimeMemory();
  return figureOf({
    name: "device-rss",
    value: again.rssMegabytes,
    unit: "MB",
    ceiling: floor.rssMegabytes,
    p50Ms: null,
    p99Ms: null,
    note:
      `VmRSS of \`countersign device run\` (stack of three, from source) ${restMs / 1000} s after its first ACK; ` +
      `${Math.round(again.anonymousMegabytes)} MB of it are its own (RssAnon), the rest is Node's file, which all Node processes of a machine ` +
      `share. At the very first start, which compiles the sources: ${Math.round(first.rssMegabytes)} MB. Floor: Node with TLS and a key, ` +
      `${Math.round(floor.anonymousMegabytes)} MB its own. Less is better.`,
  });
}

async function reportOnce(device: DeviceProcess, token: string, signal: AbortSignal): Promise<ResidentMemory> {
  const before = await device.execute("show license status");
  if (before.includes("Trust Code Installed: <none>")) {
    await device.execute(`license smart trust idtoken ${token} all`);
    await until(device, (status) => !status.includes("Trust Code Installed: <none>"), signal);
  }
  await device.execute("license smart sync all");
  await until(device, (status) => lastAck(status) !== lastAck(before), signal);
  await pause(restMs, undefined, { signal });
  return device.memory();
}

async function until(device: DeviceProcess, isThere: (status: string) => boolean, signal: AbortSignal): Promise<void> {
  let status = "";
  for (let ask = 0; ask < asksMax; ask += 1) {
    status = await device.execute("show license status");
    if (isThere(status)) return;
    await pause(askEveryMs, undefined, { signal });
  }
  throw new Error(`The device does not get there: ${await device.execute("show license eventlog")}\n${status}`);
}

function lastAck(status: string): string {
  return /Last ACK received: .*/.exec(status)?.[0] ?? "";
}
