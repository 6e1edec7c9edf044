// A device as a process of its own: it runs until it is told to stop, and prints its log.

import { readFile } from "node:fs/promises";
import type { Writable } from "node:stream";
import type { TransportOptions } from "@countersign/agent";
import { DeviceError } from "../device-error.ts";
import { type TransportType, transportTypes } from "../license-view.ts";
import { startDevice } from "./start-device.ts";

export type RunDevice = {
  readonly state: string;
  readonly platform: string | undefined;
  readonly hostname: string | undefined;
  readonly transport: string | undefined;
  readonly url: string | undefined;
  readonly trustAnchorsFile: string | undefined;
  readonly stdout: Writable;
  /** One JSON object a line: first where the console is, then each log line. */
  readonly json: boolean;
  readonly signal: AbortSignal;
};

/** Resolves after the signal, when everything is stored. Throws what `startDevice` throws, and `option_invalid`. */
export async function runDevice(wish: RunDevice): Promise<void> {
  const { platform, hostname, stdout, json, signal } = wish;
  const transport = transportOf(wish);
  const trustAnchors = wish.trustAnchorsFile === undefined ? undefined : await readAnchors(wish.trustAnchorsFile);
  const device = await startDevice({
    stateDirectory: wish.state,
    ...(platform === undefined ? {} : { platform }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(transport === undefined ? {} : { transport }),
    ...(trustAnchors === undefined ? {} : { trustAnchors }),
    onLog: (text, line, atMs) =>
      stdout.write(json ? `${JSON.stringify({ at: new Date(atMs).toISOString(), ...line })}\n` : `${text}\n`),
  });
  try {
    const facts = { hostname: device.hostname, platform: device.profile.name, controlSocket: device.controlSocketPath };
    stdout.write(
      json
        ? `${JSON.stringify(facts)}\n`
        : `${device.hostname} (${device.profile.title}) runs; console: ${device.controlSocketPath}\n`,
    );
    await aborted(signal);
  } finally {
    await device.stop();
  }
}

function transportOf({ transport, url }: RunDevice): TransportOptions | undefined {
  if (transport === undefined && url === undefined) return undefined;
  const type = transport ?? "smart";
  if (!isTransportType(type))
    throw new DeviceError("option_invalid", `--transport: one of ${transportTypes.join(", ")}.`);
  return { type, ...(url === undefined ? {} : { url }) };
}

function isTransportType(text: string): text is TransportType {
  return (transportTypes as readonly string[]).includes(text);
}

async function readAnchors(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new DeviceError("option_invalid", `--trust-anchors: ${path} cannot be read.`, { cause });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
