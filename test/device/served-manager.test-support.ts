// A real manager on HTTPS, a real device with interfaces of its own, a real name server, and a proxy: all on loopback.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { type Device, type DeviceOptions, startDevice } from "@countersign/device";
import { initManager, startManager } from "@countersign/manager";

const cause = { kind: "operator", name: "ada" } as const;
export const managerName = "manager.lab.test";
const virtualAccount = "Lab";

export type Served = {
  readonly port: number;
  readonly url: string;
  readonly rootCertificatePem: string;
  /** Addresses that connections came from, in their order. */
  readonly callers: readonly string[];
  token(): Promise<string>;
  /** The virtual account's event log, newest first. */
  events(): Promise<readonly string[]>;
};

type ServedSettings = { readonly clientCertificates?: "request" | "require"; readonly role?: "cloud" | "onprem" };

/**
 * In front of the manager stands a gate that notes who comes: what the manager itself would see. `listUrl` is what its
 * certificate says about the list of revoked ones, from the gate's port.
 */
export async function serveManager(
  t: TestContext,
  listUrl: (port: number) => string = () => "",
  { role = "cloud", ...settings }: ServedSettings = {},
): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-served-"));
  const dataDirectory = join(folder, "manager");
  await initManager({ dataDirectory, smartAccount: "Example Corp", virtualAccount, role });
  const callers: string[] = [];
  let inside = 0;
  const gate = createServer((caller) => {
    callers.push(caller.remoteAddress ?? "");
    const inner = connect(inside, "127.0.0.1");
    caller.on("error", () => inner.destroy());
    inner.on("error", () => caller.destroy());
    caller.pipe(inner).pipe(caller);
  });
  const port = await listening(gate);
  const running = await startManager({
    ...{ dataDirectory, port: 0, logLevel: "silent", isProcessMeasured: false },
    ...{ serverNames: [managerName], revocationListUrl: listUrl(port), ...settings },
  });
  inside = running.port;
  t.after(async () => {
    gate.close();
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    ...{ port, callers, url: `https://${managerName}:${port}/licservice/license` },
    rootCertificatePem: running.rootCertificatePem,
    token: async () => {
      const wish = { smartAccount: "Example Corp", virtualAccount, usesMax: 10, cause };
      return (await running.manager.administration.createToken(wish)).text;
    },
    events: async () => {
      const events = await running.manager.administration.listEvents({ smartAccount: "Example Corp", virtualAccount });
      return events.map(({ message }) => message);
    },
  };
}

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

export type Console = {
  readonly device: Device;
  readonly log: readonly string[];
  /** Types lines into a session, one after the other; answers what the last one printed. */
  type(...lines: readonly string[]): Promise<string>;
  /** Resolves with the first log line that matches. */
  logged(pattern: RegExp): Promise<string>;
  /** Resolves when so many lines have matched. */
  loggedTimes(pattern: RegExp, times: number): Promise<void>;
};

/** A switch with Vlan10 at 127.0.0.21, and a management interface at 127.0.0.22 in a VRF. */
export async function startSwitch(
  t: TestContext,
  served: Served,
  options: Partial<DeviceOptions> = {},
): Promise<Console> {
  const log: string[] = [];
  const waiting: { readonly pattern: RegExp; readonly found: (line: string) => void }[] = [];
  const device = await startDevice({
    stateDirectory: null,
    platform: "c9300-stack",
    hostname: "access-1",
    keyType: "p-256",
    trustAnchors: served.rootCertificatePem,
    defaultSmartUrl: served.url,
    interfaces: [
      { name: "Vlan10", address: "127.0.0.21" },
      { name: "GigabitEthernet0/0", address: "127.0.0.22", vrf: "Mgmt-vrf" },
    ],
    onLog: (text) => {
      log.push(text);
      for (const { pattern, found } of waiting) if (pattern.test(text)) found(text);
    },
    ...options,
  });
  t.after(() => device.stop());
  const session = openSession(device);
  return {
    ...{ device, log, type: session.type },
    logged: (pattern) => {
      const known = log.find((line) => pattern.test(line));
      return known === undefined ? new Promise((found) => waiting.push({ pattern, found })) : Promise.resolve(known);
    },
    loggedTimes: async (pattern, times) => {
      while (log.filter((line) => pattern.test(line)).length < times)
        await new Promise((found) => waiting.push({ pattern, found }));
    },
  };
}

const promptPattern = /(?:^|\n)([\w-]+(\([\w-]+\))?[>#]|.*\]: |.*\[confirm\])$/;

function openSession(device: Device) {
  let screen = "";
  let wake = (): void => undefined;
  const session = device.openSession({
    ...{ user: "lab", privilege: 15, columns: 0, rows: 0, idleSeconds: null },
    write: (text) => {
      screen += text.replaceAll("\r\n", "\n");
      wake();
    },
    close: () => wake(),
  });
  const typeOne = async (line: string): Promise<string> => {
    const before = screen.length;
    session.input(Buffer.from(`${line}\r`));
    while (!promptPattern.test(screen.slice(before)) || screen.length <= before + line.length)
      await new Promise<void>((resolve) => (wake = resolve));
    return screen
      .slice(before)
      .replace(/^[^\n]*\n/, "")
      .replace(promptPattern, "");
  };
  return {
    type: async (...lines: readonly string[]): Promise<string> => {
      let last = "";
      for (const line of lines) last = await typeOne(line);
      return last;
    },
  };
}

/** dnsmasq with these lines of configuration, on a free port of 127.0.0.1. Needs the Debian package dnsmasq. */
export async function startNameServer(t: TestContext, ...records: readonly string[]) {
  const probe = createServer();
  const port = await listening(probe);
  probe.close();
  await once(probe, "close");
  const fixed = ["--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces"];
  const where = [`--port=${port}`, "--listen-address=127.0.0.1", "--user=", "--group=", "--pid-file="];
  const dnsmasq = spawn(
    "dnsmasq",
    [...fixed, ...where, "--log-queries=extra", "--log-facility=-", ...records.map((record) => `--${record}`)],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  t.after(async () => {
    dnsmasq.kill("SIGTERM");
    if (dnsmasq.exitCode === null && dnsmasq.signalCode === null) await once(dnsmasq, "exit");
  });
  return { port, lines: await linesFrom(dnsmasq) };
}

async function linesFrom({ stderr }: ChildProcess): Promise<readonly string[]> {
  assert.ok(stderr);
  const lines: string[] = [];
  const reader = createInterface({ input: stderr });
  reader.on("line", (line) => lines.push(line));
  while (!lines.some((line) => line.includes("started, version"))) {
    const [line] = await Promise.race([once(reader, "line"), once(reader, "close")]);
    if (line === undefined) throw new Error(`dnsmasq did not start:\n${lines.join("\n")}`);
  }
  return lines;
}

/** A proxy that opens tunnels and notes to where. */
export async function startProxy(t: TestContext) {
  const tunnels: string[] = [];
  const proxy = createHttpServer();
  proxy.on("connect", (request, caller) => {
    const [, port = ""] = (request.url ?? "").split(":");
    tunnels.push(request.url ?? "");
    const inner = connect(Number(port), "127.0.0.1", () => {
      caller.write("HTTP/1.1 200 Connection established\r\n\r\n");
      inner.pipe(caller).pipe(inner);
    });
    inner.on("error", () => caller.destroy());
    caller.on("error", () => inner.destroy());
  });
  const port = await listening(proxy);
  t.after(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return { port, tunnels };
}
