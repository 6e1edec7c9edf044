// What a fleet does that was cut off for long: everybody reports everything at once. The manager decides the pace with
// OK_TRY_AGAIN and its time; meanwhile somebody else asks for other things, and what that takes is measured.

import { setTimeout as wait } from "node:timers/promises";
import { encodeRequest } from "@countersign/protocol";
import { percentile } from "../../bench/load/closed-loop.ts";
import { createDeviceKeys } from "../../bench/load/device-keys.ts";
import { createEnrollees } from "../../bench/load/enrolment-messages.ts";
import { type KeepAliveConnection, openConnection } from "../../bench/load/keep-alive-connection.ts";
import { establishTrust } from "../../bench/load/trusted-instances.ts";
import { encodeUsageMessages, type ReportingInstance } from "../../bench/load/usage-messages.ts";
import { benchConnectInfo, licensePath, nextNonce } from "../../bench/load/wire-constants.ts";
import { withConnections, withManager } from "../../bench/programs/manager-session.ts";

export type DrainWish = {
  readonly folder: string;
  readonly reports: number;
  readonly connections: number;
  readonly onProgress?: (reports: number, seconds: number) => void;
};
export type DrainResult = {
  readonly reports: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Answers that asked to come again. */
  readonly putOff: number;
  /** HELLO requests answered meanwhile, and how long they took. */
  readonly otherRequests: number;
  readonly otherP50Ms: number;
  readonly otherP99Ms: number;
  readonly managerPeakMegabytes: number;
};

/** As many as a device may put into one message. */
const reportsPerMessage = 40;
const otherEveryMs = 50;

export async function runDrain({ folder, reports, connections: width, onProgress }: DrainWish): Promise<DrainResult> {
  return withManager(folder, null, async (manager) => {
    const { ready } = manager;
    const keys = await createDeviceKeys("p-256", 16);
    return withConnections(ready, width, async (connections) => {
      const [first] = connections;
      const enrollees = createEnrollees("SOA", width, keys);
      const instances = await establishTrust(
        first as KeepAliveConnection,
        ready.rootCertificatePem,
        ready.token,
        enrollees,
      );
      const other = await openConnection(ready);
      const isDone = { value: false };
      const asking = askMeanwhile(other, instances[0] as ReportingInstance, isDone);
      const drain = new Drain(reports, onProgress);
      await Promise.all(
        connections.map((connection, at) => drain.empty(connection, instances[at] as ReportingInstance)),
      );
      const seconds = drain.seconds();
      isDone.value = true;
      const latencies = Float64Array.from(await asking).toSorted();
      other.close();
      const { peakMegabytes } = await manager.usage();
      return {
        ...{ reports: drain.taken, seconds, perSecond: drain.taken / seconds, putOff: drain.putOff },
        ...{ otherRequests: latencies.length, otherP50Ms: percentile(latencies, 0.5) },
        ...{ otherP99Ms: percentile(latencies, 0.99), managerPeakMegabytes: peakMegabytes },
      };
    });
  });
}

class Drain {
  taken = 0;
  putOff = 0;
  readonly #wanted: number;
  readonly #startedAtMs = performance.now();
  readonly #onProgress: DrainWish["onProgress"];
  #given = 0;

  constructor(wanted: number, onProgress: DrainWish["onProgress"]) {
    this.#wanted = wanted;
    this.#onProgress = onProgress;
  }

  seconds(): number {
    return (performance.now() - this.#startedAtMs) / 1000;
  }

  /** Sends message after message; one that is put off is sent again when its time has come. */
  async empty(connection: KeepAliveConnection, instance: ReportingInstance): Promise<void> {
    while (this.#given < this.#wanted) {
      const count = Math.min(reportsPerMessage, this.#wanted - this.#given);
      this.#given += count;
      const [message] = await encodeUsageMessages([instance], 1, count);
      for (;;) {
        const retrySeconds = retryOf((await connection.post(licensePath, message?.body ?? Buffer.alloc(0))).body);
        if (retrySeconds === null) break;
        this.putOff += 1;
        await wait(retrySeconds * 1000);
      }
      const before = this.taken;
      this.taken += count;
      const step = Math.max(1, Math.floor(this.#wanted / 10));
      if (Math.floor(before / step) !== Math.floor(this.taken / step)) this.#onProgress?.(this.taken, this.seconds());
    }
  }
}

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
