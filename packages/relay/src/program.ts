// The composition root: the one place that knows every adapter of the relay. Wiring only.

import { createPrivateKey, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseCertificate, udiOf } from "@countersign/protocol";
import { type LogLines, ReceivedBytes, type Repeated, repeatWhileRunning, syncDirectory } from "@countersign/terminal";
import { smartlicClient } from "./collecting/smartlic-client.ts";
import { listenForDevices } from "./http/device-listener.ts";
import { createLog, type Log } from "./logging/log.ts";
import { createMetrics, type Metrics } from "./metrics/metrics.ts";
import type { Clock, Randomness } from "./ports.ts";
import { RelayError } from "./relay-error.ts";
import { KeptIdentity } from "./state-directory/identity-file.ts";
import { lockForServing } from "./state-directory/serving-lock.ts";
import { type RelaySettings, readSettings } from "./state-directory/settings.ts";
import { openRelayStore, type RelayStore } from "./storage/relay-store.ts";
import { renewRelay } from "./upstream/enrol-relay.ts";
import { ManagerClient, type ProxySettings } from "./upstream/manager-client.ts";
import { answerDevice } from "./use-cases/answer-device.ts";
import { type CollectPorts, collectFromAll, deliverToAll } from "./use-cases/collect-usage.ts";
import { RenewIdentity } from "./use-cases/renew-identity.ts";
import { SendUp } from "./use-cases/send-up.ts";

const mebibyte = 1024 * 1024;
const dayMs = 86_400_000;
/** Commands may have put something into the store meanwhile. */
const lookEveryMs = 1_000;
/** A device that cannot be given its answer now is not asked again at once. */
const deliverEveryMs = 300_000;
const renewalLookEveryMs = 60_000;

export const systemClock: Clock = { now: () => Date.now() };
export const systemRandomness: Randomness = { bytes: (size) => randomBytes(size) };

/** A relay on its state directory, without any listener. */
export type Relay = {
  readonly settings: RelaySettings;
  readonly identity: KeptIdentity;
  readonly store: RelayStore;
  readonly sendUp: SendUp;
  readonly renewal: RenewIdentity;
  readonly metrics: Metrics;
  /** What a listener has received and not answered. */
  readonly received: ReceivedBytes;
  readonly log: Log;
  readonly clock: Clock;
  readonly collecting: CollectPorts;
  /** Ends what is asked of the manager and of devices. */
  abort(): void;
  close(): void;
};

/** Throws `relay_not_initialised`, `relay_state_damaged` or `relay_setting_invalid`. */
export function openRelay(directory: string, logDestination: LogLines, clock: Clock = systemClock): Relay {
  const settings = readSettings(directory);
  const identity = new KeptIdentity(directory);
  const log = createLog(settings.logLevel, logDestination);
  const store = openRelayStore(join(directory, "relay.db"), systemRandomness, settings.storeMebibytesMax * mebibyte);
  const ending = new AbortController();
  const way = {
    managerUrl: settings.managerUrl,
    licensingRootPem: parseCertificate(identity.stored.licensing_root).toString(),
    proxy: proxyOf(settings),
    clock,
    randomness: systemRandomness,
    signal: ending.signal,
  };
  const upstream = new ManagerClient(way, identity);
  const renewal = new RenewIdentity({
    identity,
    notes: store,
    renewer: { renew: () => renewRelay(renewalWish(identity), way) },
    clock,
    log,
  });
  const received = new ReceivedBytes(settings.requestMebibytesReceivedMax * mebibyte);
  const metrics = createMetrics({
    counts: () => store.counts(),
    failingSinceMs: () => sendUp.way.failingSinceMs,
    certificate: () => renewal.view(),
    requestBytesReceived: () => received.total,
    now: () => clock.now(),
  });
  const sendUp = new SendUp({ store, upstream, identity, clock, log, metrics });
  const collecting = {
    store,
    devices: store.devices,
    client: smartlicClient(ending.signal),
    clock,
    log,
    metrics,
    randomness: systemRandomness,
    signal: ending.signal,
  };
  return {
    ...{ settings, identity, store, sendUp, renewal, metrics, received, log, clock, collecting },
    abort: () => ending.abort(),
    close() {
      ending.abort();
      upstream.close();
      store.close();
    },
  };
}

function renewalWish(identity: KeptIdentity) {
  const { request, connectInfo, stored } = identity;
  const privateKey = createPrivateKey(stored.private_key);
  return { udi: udiOf(request.sudi), privateKey, who: { ...request, connectInfo }, hostname: hostname() };
}

export function proxyOf(settings: RelaySettings): ProxySettings {
  const { proxyAddress: address, proxyPort: port, proxyUser: username, proxyPasswordFile } = settings;
  if (address === "") return null;
  if (username === "") return { address, port, username: null, password: null };
  return { address, port, username, password: readSecret(proxyPasswordFile) };
}

/** One line of a file that is closed to others. Throws `relay_setting_invalid`. */
export function readSecret(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (cause) {
    throw new RelayError("relay_setting_invalid", `The file ${file} cannot be read.`, { cause });
  }
}

/** For its owner only, and there after a loss of power. */
export async function makeStateDirectory(directory: string): Promise<void> {
  const made = await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  if (made !== undefined) await syncDirectory(dirname(resolve(directory)));
}

export type RunningRelay = {
  readonly relay: Relay;
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
};

/** Listens, sends up what waits, collects when it is time. Throws `relay_running` besides what `openRelay` throws. */
export async function startRelay(directory: string, logDestination: LogLines): Promise<RunningRelay> {
  // Before anything is made in a folder that is no relay's.
  readSettings(directory);
  const lock = lockForServing(directory);
  let relay: Relay | null = null;
  try {
    relay = openRelay(directory, logDestination);
    return await serve(relay, lock.release);
  } catch (cause) {
    relay?.close();
    lock.release();
    throw cause;
  }
}

async function serve(relay: Relay, release: () => void): Promise<RunningRelay> {
  const { settings, log, metrics, received } = relay;
  const options = answerOptions(settings);
  const ports = { ...relay, wait: waitMs };
  const listener = await listenForDevices(
    { answer: (body) => answerDevice(body, ports, options), health: () => healthOf(relay), metrics, log, received },
    { host: settings.host, port: settings.port, connectionsMax: settings.connectionsMax, tls: tlsOf(settings) },
  );
  const jobs = startJobs(relay);
  const { port } = listener;
  log.info("relay_started", { host: settings.host, port, isSecure: !settings.plainHttp });
  const shownHost = settings.host.includes(":") ? `[${settings.host}]` : settings.host;
  const stop = async () => {
    await listener.stop();
    // A device or a manager that never answers must not keep a relay that was told to stop; what waits stays on the disk.
    relay.abort();
    await jobs.stop();
    log.info("relay_stopped", {});
    relay.close();
    release();
  };
  let stopping: Promise<void> | null = null;
  return {
    ...{ relay, port, url: `${settings.plainHttp ? "http" : "https"}://${shownHost}:${port}/cslu/v1/pi` },
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

function answerOptions({ answerWithinSeconds, pollIntervalSeconds, connected }: RelaySettings) {
  return { answerWithinMs: answerWithinSeconds * 1000, pollIntervalSeconds, isConnected: connected };
}

function tlsOf({ plainHttp, tlsCertificateFile, tlsKeyFile }: RelaySettings) {
  return plainHttp ? null : { cert: readSecret(tlsCertificateFile), key: readSecret(tlsKeyFile) };
}

function waitMs(ms: number): { readonly done: Promise<void>; cancel(): void } {
  let cancel = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    cancel = () => clearTimeout(timer);
  });
  return { done, cancel };
}

type Healthy = Pick<Relay, "store" | "sendUp"> & { readonly renewal: Pick<RenewIdentity, "view"> };

/**
 * A manager that is away is what a relay is for; health fails when the relay itself cannot keep what it is given, or when nobody
 * believes it any more.
 */
export function healthOf({ store, sendUp, renewal }: Healthy) {
  const certificate = renewal.view();
  const told = { managerAwaySinceMs: sendUp.way.failingSinceMs, certificate };
  try {
    const { waiting } = store.counts();
    const isFailing = certificate.state === "ended" || !store.isWritable();
    return { status: isFailing ? "failing" : "ok", waiting, ...told } as const;
  } catch {
    return { status: "failing", waiting: 0, ...told } as const;
  }
}

type Job = { readonly everyMs: number; readonly work: () => Promise<void> | void };

/** What is done without anybody asking. No job waits for another: collecting from devices that are away takes its time. */
function startJobs(relay: Relay): { stop(): Promise<void> } {
  const { settings, store, sendUp, renewal, clock } = relay;
  const deliver: Job = {
    everyMs: deliverEveryMs,
    async work() {
      if (store.undelivered().length > 0) await deliverToAll(relay.collecting);
    },
  };
  const collect: Job = {
    everyMs: settings.collectEveryHours * 3_600_000,
    async work() {
      await collectFromAll(relay.collecting);
      if (settings.connected) await sendUp.run();
      await deliver.work();
    },
  };
  const forget: Job = {
    everyMs: dayMs,
    work() {
      const count = store.forget(clock.now() - settings.keepDays * dayMs);
      if (count > 0) relay.log.info("results_forgotten", { count });
    },
  };
  const send: Job = { everyMs: 0, work: () => sendUp.run() };
  const renew: Job = {
    everyMs: renewalLookEveryMs,
    work: () => (settings.connected ? renewal.runIfDue() : renewal.useStored()),
  };
  const jobs = [
    repeat(settings.connected ? [send] : [], relay),
    repeat([renew], relay),
    repeat(settings.collectEveryHours > 0 ? [collect, deliver] : [deliver], relay),
    repeat([forget], relay),
  ];
  return { stop: async () => void (await Promise.all(jobs.map((job) => job.stop()))) };
}

/** One after the other. A clock that was set back delays nothing: what is further away than its period is due. */
function repeat(jobs: readonly Job[], { clock, log }: Pick<Relay, "clock" | "log">): Repeated {
  const dueAtMs = jobs.map(() => clock.now());
  const look = async (signal: AbortSignal): Promise<void> => {
    for (const [at, { everyMs, work }] of jobs.entries()) {
      const now = clock.now();
      const leftMs = (dueAtMs[at] ?? 0) - now;
      if (signal.aborted || (leftMs > 0 && leftMs <= everyMs)) continue;
      dueAtMs[at] = now + everyMs;
      await work();
    }
  };
  return repeatWhileRunning(look, lookEveryMs, (cause) => log.error("request_failed", {}, cause));
}
