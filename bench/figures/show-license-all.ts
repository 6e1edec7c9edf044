// show-license-all-365d: the command that people and scripts use most, on a device that has had no acknowledgement for a year
// and measured its licences on every day of it.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { TransportFailure } from "@countersign/agent";
import { type Device, startDevice } from "@countersign/device";
import { ManualTime } from "@countersign/simulation";
import { type BenchContext, type Figure, figureOf } from "../figure.ts";
import { percentile } from "../load/closed-loop.ts";

const days = 365;
const dayMs = 86_400_000;
const startAtMs = Date.UTC(2031, 0, 1);
const timedCommands = 300;
const warmUpCommands = 20;
const accessPointsOnDay = (day: number): number => 5 + (day % 7);

export async function measureShowLicenseAll(context: BenchContext): Promise<Figure> {
  const time = new ManualTime(startAtMs);
  const device = await openDevice(join(context.directory, "device"), time);
  try {
    const freshMs = await timeCommand(device);
    context.progress(`${days} days without an acknowledgement`);
    await useForDays(device, time, context.signal);
    const reports = device.agent.reports().length;
    context.progress(`${timedCommands} commands`);
    const samplesMs = await timeCommand(device);
    const p50Ms = percentile(samplesMs, 0.5);
    return figureOf({
      name: "show-license-all-365d",
      value: p50Ms,
      unit: "ms",
      ceiling: percentile(freshMs, 0.5),
      p50Ms,
      p99Ms: percentile(samplesMs, 0.99),
      note:
        `Median of ${timedCommands} times \`show license all\` on a wireless controller with ${reports} reports of ${days} un-ACKed days in ` +
        "its state folder, inside the daemon. Floor: the same before the first day. Less is better.",
    });
  } finally {
    await device.stop();
  }
}

function openDevice(stateDirectory: string, time: ManualTime): Promise<Device> {
  mkdirSync(stateDirectory);
  return startDevice({
    stateDirectory,
    platform: "c9800-cl",
    keyType: "p-256",
    opensControlSocket: false,
    clock: time,
    timers: time,
    exchange: () => Promise.reject(new TransportFailure("connection_refused", "nobody listens")),
  });
}

async function useForDays(device: Device, time: ManualTime, signal: AbortSignal): Promise<void> {
  for (let day = 0; day < days; day += 1) {
    signal.throwIfAborted();
    const wanted = accessPointsOnDay(day);
    const joined = device.accessPoints;
    if (wanted > joined.length) await device.changeAccessPoints({ join: newAccessPoints(day, wanted - joined.length) });
    else if (wanted < joined.length) await device.changeAccessPoints({ leave: joined.slice(wanted) });
    // Every day has reports of its own, as a report frequency of one day makes them.
    await device.agent.closeReports();
    await time.advanceTo(startAtMs + (day + 1) * dayMs, () => device.agent.idle());
  }
}

function newAccessPoints(day: number, count: number) {
  return Array.from({ length: count }, (_, index) => ({
    pid: "C9120AXI-B",
    serialNumber: `AP${String(day).padStart(4, "0")}${index}`,
  }));
}

async function timeCommand(device: Device): Promise<Float64Array> {
  const samplesMs = new Float64Array(timedCommands);
  for (let command = -warmUpCommands; command < timedCommands; command += 1) {
    const startedAtMs = performance.now();
    const { outcome, output } = await device.execute("show license all");
    if (command >= 0) samplesMs[command] = performance.now() - startedAtMs;
    if (outcome !== "done" || !output.includes("License Usage")) throw new Error(output);
  }
  return samplesMs.sort();
}
