// Devices for tests: on a folder that is gone after the test or in memory, without a network, with the time in the test's hand.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Exchange, TransportFailure } from "@countersign/agent";
import { ManualTime } from "@countersign/simulation";
import type { Device, DeviceOptions } from "../program/device-options.ts";
import { startDevice } from "../program/start-device.ts";

export const startAtMs = Date.parse("2031-01-24T23:02:12.000Z");

/** Hooks of a test run in the order in which they were given; devices must stop before their folder goes. */
const devicesOf = new WeakMap<TestContext, Device[]>();

async function stopDevices(context: TestContext): Promise<void> {
  for (const device of devicesOf.get(context) ?? []) await device.stop();
}

/** Gone after the test. */
export function temporaryFolder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "countersign-device-"));
  context.after(async () => {
    await stopDevices(context);
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

/** Nobody answers, and no packet leaves the machine. */
export const noAnswer: Exchange = async () => {
  throw new TransportFailure("connection_timed_out");
};

export type TestDevice = {
  readonly device: Device;
  readonly time: ManualTime;
  /** Log lines as printed. */
  readonly log: readonly string[];
  /** What one console line prints. */
  say(line: string): Promise<string>;
};

/** Stopped after the test. */
export async function startTestDevice(context: TestContext, options: Partial<DeviceOptions> = {}): Promise<TestDevice> {
  const time = new ManualTime(startAtMs);
  const log: string[] = [];
  const device = await startDevice({
    stateDirectory: null,
    platform: "c9300-stack",
    keyType: "p-256",
    clock: time,
    timers: time,
    exchange: noAnswer,
    onLog: (text) => log.push(text),
    ...options,
  });
  devicesOf.set(context, [...(devicesOf.get(context) ?? []), device]);
  context.after(() => stopDevices(context));
  return { device, time, log, say: async (line) => (await device.execute(line)).output };
}
