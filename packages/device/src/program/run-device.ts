// A device as a process of its own: it runs until it is told to stop, and prints its log.

import { readFile } from "node:fs/promises";
import type { Writable } from "node:stream";
import { keepCompiledCode } from "@countersign/terminal";
import { type TransportType, transportTypes } from "../device-configuration.ts";
import { DeviceError } from "../device-error.ts";
import type { DeviceOptions } from "./device-options.ts";
import { startDevice } from "./start-device.ts";

export type RunDevice = {
  readonly state: string;
  readonly platform: string | undefined;
  readonly hostname: string | undefined;
  readonly softwareVersion: string | undefined;
  readonly transport: string | undefined;
  readonly url: string | undefined;
  readonly trustAnchorsFile: string | undefined;
  /** Port and address of the SSH server; no port, no server. */
  readonly sshPort: string | undefined;
  readonly sshHost: string | undefined;
  /** The same of the HTTPS server. */
  readonly httpsPort: string | undefined;
  readonly httpsHost: string | undefined;
  readonly stdout: Writable;
  /** One JSON object a line: first where the console is, then each log line. */
  readonly json: boolean;
  readonly signal: AbortSignal;
};

/** Resolves after the signal, when everything is stored. Throws what `startDevice` throws, and `option_invalid`. */
export async function runDevice(wish: RunDevice): Promise<void> {
  const { platform, hostname, softwareVersion, stdout, json, signal } = wish;
  const transport = transportOf(wish);
  const trustAnchors = wish.trustAnchorsFile === undefined ? undefined : await readAnchors(wish.trustAnchorsFile);
  const device = await startDevice({
    stateDirectory: wish.state,
    ...(platform === undefined ? {} : { platform }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(softwareVersion === undefined ? {} : { softwareVersion }),
    ...(transport === undefined ? {} : { transport }),
    ...(trustAnchors === undefined ? {} : { trustAnchors }),
    ...sshOf(wish),
    ...httpsOf(wish),
    onLog: (text, line, atMs) =>
      stdout.write(json ? `${JSON.stringify({ at: new Date(atMs).toISOString(), ...line })}\n` : `${text}\n`),
  });
  try {
    const { hostname: name, profile, controlSocketPath: controlSocket, ssh, https } = device;
    const facts = { hostname: name, platform: profile.name, controlSocket, ssh, https };
    const login = [
      ssh === null ? "" : `SSH: ssh -p ${ssh.port} <user>@${ssh.host}\n`,
      https === null ? "" : `Page: https://${https.host}:${https.port}/\n`,
    ].join("");
    stdout.write(
      json ? `${JSON.stringify(facts)}\n` : `${name} (${profile.title}) runs; console: ${controlSocket}\n${login}`,
    );
    // One that is killed later starts from it all the same.
    keepCompiledCode();
    await aborted(signal);
  } finally {
    await device.stop();
  }
}

/** On loopback unless an address is given. */
function sshOf({ sshPort, sshHost }: RunDevice): Pick<DeviceOptions, "ssh"> {
  if (sshPort === undefined && sshHost === undefined) return {};
  return { ssh: { port: portOf("--ssh-port", sshPort), ...(sshHost === undefined ? {} : { host: sshHost }) } };
}

/** An address alone says where the server listens that the console switches on. */
function httpsOf({ httpsPort, httpsHost }: RunDevice): Pick<DeviceOptions, "https"> {
  const host = httpsHost === undefined ? {} : { host: httpsHost };
  if (httpsPort === undefined) return httpsHost === undefined ? {} : { https: host };
  return { https: { ...host, port: portOf("--https-port", httpsPort) } };
}

function portOf(option: string, text = ""): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port < 65_536)) throw new DeviceError("option_invalid", `${option}: a port, or 0 for a free one.`);
  return port;
}

function transportOf({ transport, url }: RunDevice): DeviceOptions["transport"] {
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
