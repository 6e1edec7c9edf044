// What a fleet does that was cut off for long: everybody reports everything at once. The manager decides the pace with
// OK_TRY_AGAIN and its time; meanwhile somebody else asks for other things, and what that takes is measured.

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { encodeRequest, reportsPerDeviceMessageMax } from "@countersign/protocol";
import { percentile } from "../../bench/load/closed-loop.ts";
import { createDeviceKeys, type DeviceKeyType } from "../../bench/load/device-keys.ts";
import { createEnrollees } from "../../bench/load/enrolment-messages.ts";
import { type KeepAliveConnection, type LoadTarget, openConnection } from "../../bench/load/keep-alive-connection.ts";
import { establishTrust } from "../../bench/load/trusted-instances.ts";
import type { ReportingInstance } from "../../bench/load/usage-messages.ts";
import { benchConnectInfo, licensePath, nextNonce } from "../../bench/load/wire-constants.ts";
import { withConnections, withManager } from "../../bench/programs/manager-session.ts";
import { PreparedMessages } from "./prepared-messages.ts";

export type DrainWish = {
  /** The manager's data directory; its log and the messages stand beside it. */
  readonly folder: string;
  readonly reports: number;
  /** As many product instances report, each over a connection of its own. */
  readonly connections: number;
  /** Reports in one message; more than a device may send come as from a relay. */
  readonly perMessage: number;
  readonly keyType: DeviceKeyType;
  /** Folder for a processor profile of the manager; null for none. */
  readonly profileDirectory?: string | null;
  /** Everything is signed; the clock starts when this is over. */
  readonly onPrepared?: (seconds: number) => void | Promise<void>;
  readonly onProgress?: (reports: number, seconds: number) => void;
};
export type DrainResult = {
  readonly reports: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly messageBytes: number;
  /** Answers that asked to come again. */
  readonly putOff: number;
  /** Messages that were not read within the manager's time limit, and sent again on another connection. */
  readonly timedOut: number;
  /** HELLO requests answered meanwhile, and how long they took. */
  readonly otherRequests: number;
  readonly otherP50Ms: number;
  readonly otherP99Ms: number;
  /** Processor time of the manager for each report: all threads, and the main one. */
  readonly managerMicroseconds: number;
  readonly managerMainThreadMicroseconds: number;
  readonly managerPeakMegabytes: number;
};

const otherEveryMs = 50;
const relayPath = "/cslu/v1/pi";
/** A signature costs the same whose key it is. */
const keyCount = 16;

export async function runDrain(wish: DrainWish): Promise<DrainResult> {
  const { folder, connections: width, keyType, profileDirectory = null, onPrepared } = wish;
  mkdirSync(dirname(folder), { recursive: true });
  return withManager(folder, profileDirectory, async (manager) => {
    const { ready } = manager;
    const beganAtMs = performance.now();
    const instances = await withConnections(ready, 1, async ([connection]) => {
      const enrollees = createEnrollees("SOA", width, await createDeviceKeys(keyType, keyCount));
      return establishTrust(connection as KeepAliveConnection, ready.rootCertificatePem, ready.token, enrollees);
    });
    const messages = await PreparedMessages.write(`${folder}.messages`, instances, wish);
    try {
      await onPrepared?.((performance.now() - beganAtMs) / 1000);
      const before = await manager.usage();
      const drain = new Drain(ready, messages, wish);
      const other = await openConnection(ready);
      const isDone = { value: false };
      const asking = askMeanwhile(other, instances[0] as ReportingInstance, isDone);
      await withConnections(ready, width, (connections) => drain.empty(connections));
      const seconds = drain.seconds();
      isDone.value = true;
      const latencies = Float64Array.from(await asking).toSorted();
      other.close();
      const after = await manager.usage();
      const perReport = (ms: number) => (ms * 1000) / drain.taken;
      return {
        ...{ reports: drain.taken, seconds, perSecond: drain.taken / seconds },
        ...{ messageBytes: messages.queueOf(0)[0]?.bytes ?? 0, putOff: drain.putOff, timedOut: drain.timedOut },
        ...{ otherRequests: latencies.length, otherP50Ms: percentile(latencies, 0.5) },
        otherP99Ms: percentile(latencies, 0.99),
        managerMicroseconds: perReport(after.cpuMs - before.cpuMs),
        managerMainThreadMicroseconds: perReport(after.mainThreadCpuMs - before.mainThreadCpuMs),
        managerPeakMegabytes: after.peakMegabytes,
      };
    } finally {
      await messages.close();
    }
  });
}

class Drain {
  taken = 0;
  putOff = 0;
  timedOut = 0;
  readonly #target: LoadTarget;
  readonly #messages: PreparedMessages;
  readonly #wanted: number;
  readonly #path: string;
  readonly #onProgress: DrainWish["onProgress"];
  #startedAtMs = 0;

  constructor(
    target: LoadTarget,
    messages: PreparedMessages,
    wish: Pick<DrainWish, "reports" | "perMessage" | "onProgress">,
  ) {
    this.#target = target;
    this.#messages = messages;
    this.#wanted = wish.reports;
    this.#path = wish.perMessage > reportsPerDeviceMessageMax ? relayPath : licensePath;
    this.#onProgress = wish.onProgress;
  }

  async empty(connections: readonly KeepAliveConnection[]): Promise<void> {
    this.#startedAtMs = performance.now();
    await Promise.all(connections.map((connection, instance) => this.#emptyOver(connection, instance)));
  }

  seconds(): number {
    return (performance.now() - this.#startedAtMs) / 1000;
  }

  /** Sends an instance's messages one after the other; one that is put off is sent again when its time has come. */
  async #emptyOver(first: KeepAliveConnection, instance: number): Promise<void> {
    let connection = first;
    for (const message of this.#messages.queueOf(instance)) {
      const body = await this.#messages.read(message);
      for (;;) {
        const answer = await connection.post(this.#path, body).catch(() => null);
        if (answer === null || answer.status === requestTimedOut) {
          this.timedOut += 1;
          connection.close();
          connection = await openConnection(this.#target);
          continue;
        }
        const retrySeconds = retryOf(answer.body);
        if (retrySeconds === null) break;
        this.putOff += 1;
        await wait(retrySeconds * 1000);
      }
      this.#took(message.reports);
    }
    if (connection !== first) connection.close();
  }

  #took(count: number): void {
    const before = this.taken;
    this.taken += count;
    const step = Math.max(1, Math.floor(this.#wanted / 10));
    if (Math.floor(before / step) !== Math.floor(this.taken / step)) this.#onProgress?.(this.taken, this.seconds());
  }
}

/** The manager's time limit for a request that is not whole; it ends the connection then, which may be all that arrives. */
const requestTimedOut = 408;

/** Null for an ACK, else the seconds to wait; throws for a refusal. */
function retryOf(body: Buffer): number | null {
  const answer = JSON.parse(JSON.parse(body.toString()).response);
  if (answer.status_code === "OK") return null;
  if (answer.status_code === "OK_TRY_AGAIN") return answer.retry_time_seconds;
  throw new Error(`a report was refused: ${answer.status_message}`);
}

async function askMeanwhile(
  connection: KeepAliveConnection,
  { sudi, productInstanceIdentifier }: ReportingInstance,
  isDone: { readonly value: boolean },
): Promise<readonly number[]> {
  const latencies: number[] = [];
  const identity = {
    sudi,
    productInstanceIdentifier,
    connectInfo: benchConnectInfo,
    signingCertificateSerial: "",
    key: null,
  };
  while (!isDone.value) {
    const data = {
      sudi,
      timestamp: Date.now(),
      nonce: nextNonce(),
      product_instance_identifier: productInstanceIdentifier,
    };
    const body = Buffer.from(await encodeRequest("HELLO", data, identity));
    const sentAtMs = performance.now();
    await connection.post(licensePath, body);
    latencies.push(performance.now() - sentAtMs);
    await wait(otherEveryMs);
  }
  return latencies;
}
