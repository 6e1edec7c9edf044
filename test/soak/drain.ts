// What a fleet does that was cut off for long: everybody reports everything at once. The manager decides the pace with
// OK_TRY_AGAIN and its time; meanwhile somebody else asks for other things, and what that takes is measured.

import { setTimeout as wait } from "node:timers/promises";
import { encodeRequest, reportsPerDeviceMessageMax } from "@countersign/protocol";
import { percentile } from "../../bench/load/closed-loop.ts";
import { createDeviceKeys } from "../../bench/load/device-keys.ts";
import { createEnrollees } from "../../bench/load/enrolment-messages.ts";
import { type KeepAliveConnection, type LoadTarget, openConnection } from "../../bench/load/keep-alive-connection.ts";
import { establishTrust } from "../../bench/load/trusted-instances.ts";
import { encodeUsageMessages, type ReportingInstance, type UsageMessage } from "../../bench/load/usage-messages.ts";
import { benchConnectInfo, licensePath, nextNonce } from "../../bench/load/wire-constants.ts";
import { withConnections, withManager } from "../../bench/programs/manager-session.ts";

export type DrainWish = {
  readonly folder: string;
  readonly reports: number;
  readonly connections: number;
  /** Reports in one message; more than a device may send come as from a relay. */
  readonly perMessage: number;
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
  readonly managerPeakMegabytes: number;
};

const otherEveryMs = 50;
const relayPath = "/cslu/v1/pi";

export async function runDrain({ folder, connections: width, ...wish }: DrainWish): Promise<DrainResult> {
  return withManager(folder, null, async (manager) => {
    const { ready } = manager;
    const instances = await withConnections(ready, 1, async ([connection]) => {
      const enrollees = createEnrollees("SOA", width, await createDeviceKeys("p-256", 16));
      return establishTrust(connection as KeepAliveConnection, ready.rootCertificatePem, ready.token, enrollees);
    });
    const drain = new Drain(ready, wish);
    await drain.prepare(instances);
    const other = await openConnection(ready);
    const isDone = { value: false };
    const asking = askMeanwhile(other, instances[0] as ReportingInstance, isDone);
    await withConnections(ready, width, (connections) => drain.empty(connections));
    const seconds = drain.seconds();
    isDone.value = true;
    const latencies = Float64Array.from(await asking).toSorted();
    other.close();
    const { peakMegabytes } = await manager.usage();
    return {
      ...{ reports: drain.taken, seconds, perSecond: drain.taken / seconds, messageBytes: drain.messageBytes },
      ...{ putOff: drain.putOff, timedOut: drain.timedOut },
      ...{ otherRequests: latencies.length, otherP50Ms: percentile(latencies, 0.5) },
      ...{ otherP99Ms: percentile(latencies, 0.99), managerPeakMegabytes: peakMegabytes },
    };
  });
}

class Drain {
  taken = 0;
  putOff = 0;
  timedOut = 0;
  messageBytes = 0;
  readonly #target: LoadTarget;
  readonly #wanted: number;
  readonly #perMessage: number;
  readonly #path: string;
  readonly #onProgress: DrainWish["onProgress"];
  /** Everybody's first message: signing them all while the others send would be a herd that walks. */
  #prepared: UsageMessage[] = [];
  #startedAtMs = 0;
  #given = 0;

  constructor(target: LoadTarget, wish: Pick<DrainWish, "reports" | "perMessage" | "onProgress">) {
    this.#target = target;
    this.#wanted = wish.reports;
    this.#perMessage = wish.perMessage;
    this.#path = wish.perMessage > reportsPerDeviceMessageMax ? relayPath : licensePath;
    this.#onProgress = wish.onProgress;
  }

  async prepare(instances: readonly ReportingInstance[]): Promise<void> {
    for (const instance of instances) {
      const message = await this.#next(instance);
      if (message !== null) this.#prepared.push(message);
    }
    this.messageBytes = this.#prepared[0]?.body.length ?? 0;
  }

  async empty(connections: readonly KeepAliveConnection[]): Promise<void> {
    this.#startedAtMs = performance.now();
    await Promise.all(connections.map((connection) => this.#emptyOver(connection)));
  }

  seconds(): number {
    return (performance.now() - this.#startedAtMs) / 1000;
  }

  /** Sends message after message; one that is put off is sent again when its time has come. */
  async #emptyOver(first: KeepAliveConnection): Promise<void> {
    let connection = first;
    let message = this.#prepared.pop() ?? null;
    while (message !== null) {
      const answer = await connection.post(this.#path, message.body).catch(() => null);
      if (answer === null || answer.status === requestTimedOut) {
        this.timedOut += 1;
        connection.close();
        connection = await openConnection(this.#target);
        continue;
      }
      const retrySeconds = retryOf(answer.body);
      if (retrySeconds === null) {
        this.#took(message.reports.length);
        message = await this.#next(message.instance);
      } else {
        this.putOff += 1;
        await wait(retrySeconds * 1000);
      }
    }
    if (connection !== first) connection.close();
  }

  /** Null when everything has been given out. */
  async #next(instance: ReportingInstance): Promise<UsageMessage | null> {
    const count = Math.min(this.#perMessage, this.#wanted - this.#given);
    if (count === 0) return null;
    this.#given += count;
    const [message] = await encodeUsageMessages([instance], 1, count);
    return message ?? null;
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
