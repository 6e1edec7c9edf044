// A year of policy in under a minute: the same fleet, the same code, no sockets, and a clock that jumps from timer to
// timer. Every deadline, push and ACK becomes a line.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentCallbacks } from "@countersign/agent";
import { type Device, startDevice } from "@countersign/device";
import { createRequestHandler, type Manager, openManager } from "@countersign/manager";
import { ManualTime, SeededRandomness } from "@countersign/simulation";
import type { CommandInput } from "@countersign/terminal";
import { firstAccessPoints, nextAccessPointChange } from "./access-point-life.ts";
import { embeddedOptions } from "./embedded-instance.ts";
import { type FleetInstance, labPurchases, labSmartAccount, labVirtualAccount } from "./fleet.ts";
import { ownOptions } from "./running-lab.ts";
import { type Timeline, type TimelineEntry, watchSchedule } from "./timeline.ts";

const firstInstantMs = Date.parse("2031-01-01T00:00:00Z");
const dayMs = 86_400_000;
const stepMs = dayMs / 4;

export async function runFastYear(input: CommandInput, instances: readonly FleetInstance[]): Promise<number> {
  const days = Number(input.values.days ?? 365);
  const startedAtMs = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "countersign-year-"));
  const counts = { deadlines: 0, pushes: 0, acknowledgements: 0 };
  const timeline: Timeline = (entry) => {
    counts[entry.kind === "deadline" ? "deadlines" : entry.kind === "push" ? "pushes" : "acknowledgements"] += 1;
    input.stdout.write(input.json ? `${JSON.stringify(entry)}\n` : renderEntry(entry));
  };
  try {
    const isWhole = await live({ folder, instances, days, timeline, signal: input.signal });
    const seconds = Math.round((performance.now() - startedAtMs) / 100) / 10;
    const summary = { kind: "summary", days, ...counts, seconds };
    input.stdout.write(
      input.json
        ? `${JSON.stringify(summary)}\n`
        : `\n${days} days in ${seconds} s: ${counts.pushes} pushes, ${counts.acknowledgements} ACKs, ${counts.deadlines} deadlines\n`,
    );
    return isWhole ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function renderEntry({ atMs, instance, text }: TimelineEntry): string {
  return `${new Date(atMs).toISOString().replace(".000Z", "Z")}  ${instance.padEnd(12)}  ${text}\n`;
}

type Year = {
  readonly folder: string;
  readonly instances: readonly FleetInstance[];
  readonly days: number;
  readonly timeline: Timeline;
  readonly signal: AbortSignal;
};

async function live({ folder, instances, days, timeline, signal }: Year): Promise<boolean> {
  const time = new ManualTime(firstInstantMs);
  const manager = await openYearManager({ folder, instances }, time);
  const devices: Device[] = [];
  try {
    const handle = createRequestHandler(manager);
    for (const instance of instances)
      devices.push(await startYearDevice(instance, { manager, handle, time, timeline }));
    const settle = async () => {
      for (const device of devices) await device.agent.idle();
    };
    const randomness = new SeededRandomness(1);
    const endMs = firstInstantMs + days * dayMs;
    for (let now = time.now(); now < endMs && !signal.aborted; now = time.now()) {
      await time.advanceTo(Math.min(now + stepMs, endMs), settle);
      await moveAccessPoints(devices, instances, randomness);
    }
    return devices.every((device) => device.agent.schedule().lastAcknowledgementAtMs !== null);
  } finally {
    for (const device of devices) await device.stop();
    await manager.close();
  }
}

async function moveAccessPoints(
  devices: readonly Device[],
  instances: readonly FleetInstance[],
  randomness: SeededRandomness,
): Promise<void> {
  for (const [index, device] of devices.entries()) {
    const usual = instances[index]?.accessPoints ?? 0;
    if (usual > 0) await device.changeAccessPoints(nextAccessPointChange(device.accessPoints, usual, randomness));
  }
}

async function openYearManager(
  { folder, instances }: Pick<Year, "folder" | "instances">,
  time: ManualTime,
): Promise<Manager> {
  const clock = { now: () => time.now() };
  const manager = await openManager({ dataDirectory: folder, clock, logLevel: "silent", isProcessMeasured: false });
  const cause = { kind: "operator", name: "lab" } as const;
  await manager.administration.createSmartAccount({ name: labSmartAccount, cause });
  await manager.administration.createVirtualAccount({ name: labVirtualAccount, cause });
  await manager.administration.importLicenses({ bytes: Buffer.from(labPurchases(instances)), cause });
  return manager;
}

type YearParts = {
  readonly manager: Manager;
  readonly handle: (body: Uint8Array) => Promise<Uint8Array>;
  readonly time: ManualTime;
  readonly timeline: Timeline;
};

async function startYearDevice(instance: FleetInstance, parts: YearParts): Promise<Device> {
  const { manager, handle, time, timeline } = parts;
  let device: Device | null = null;
  const watch = watchSchedule(
    instance.name,
    timeline,
    () => device?.agent ?? null,
    () => time.now(),
  );
  const on: AgentCallbacks = {
    acknowledged: ({ reportIds }) => watch.acknowledged(reportIds.length),
    overdue: (notice) => watch.overdue(notice.deadlineAtMs),
  };
  device = await startDevice({
    stateDirectory: null,
    platform: instance.platform,
    hostname: instance.name,
    transport: { type: "smart", url: "https://manager.invalid/licservice/license" },
    ...ownOptions(instance),
    ...embeddedOptions(instance),
    trustAnchors: manager.rootCertificatePem,
    keyType: "p-256",
    clock: time,
    timers: time,
    exchange: async (_url, body) => {
      watch.sending(body);
      return handle(body);
    },
    on,
  });
  await device.changeAccessPoints({ join: firstAccessPoints(instance.accessPoints) });
  const cause = { kind: "operator", name: "lab" } as const;
  const usesMax = device.agent.state().installation.members.length;
  const token = await manager.administration.createToken({ virtualAccount: labVirtualAccount, usesMax, cause });
  await device.agent.trust(token.text);
  await device.agent.idle();
  watch.started();
  return device;
}
