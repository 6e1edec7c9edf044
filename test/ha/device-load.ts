// Devices that report without pause through every fault, and know when which report was acknowledged.

import { setTimeout as wait } from "node:timers/promises";
import { type LoadTarget, openConnection } from "../../bench/load/keep-alive-connection.ts";
import type { AcknowledgedList } from "../torture/acknowledged-list.ts";
import { enrolClients } from "../torture/enrol-clients.ts";
import type { ReportingClient } from "../torture/reporting-client.ts";
import { until } from "./server-process.ts";

const clientCount = 8;
/** Shorter than a device is told to wait: what is measured is the system's time without writes, not the devices' patience. */
const comeAgainMs = 500;
const reconnectMs = 100;

export class DeviceLoad {
  readonly #target: LoadTarget;
  readonly #watch: AcknowledgementWatch;
  readonly #running: Promise<unknown>;
  #isStopping = false;
  /** Answers that asked to come again, by their code. */
  readonly deferrals = new Map<string, number>();

  private constructor(clients: readonly ReportingClient[], target: LoadTarget, watch: AcknowledgementWatch) {
    this.#target = target;
    this.#watch = watch;
    this.#running = Promise.all(clients.map((client) => this.#reportOn(client)));
    this.#running.catch(() => undefined);
  }

  static async start(target: LoadTarget, token: string, list: AcknowledgedList): Promise<DeviceLoad> {
    const watch = new AcknowledgementWatch();
    const clients = await enrolClients(target, token, clientCount, (entries) => {
      list.add(entries);
      watch.saw(entries.length);
    });
    return new DeviceLoad(clients, target, watch);
  }

  /** Waits for so many further ACKs; throws when a device was refused or lied to. */
  async furtherAcknowledgements(count: number, seconds: number): Promise<void> {
    const enough = this.#watch.count + count;
    const arrived = until(`${count} further reports are acknowledged`, seconds, async () =>
      this.#watch.count >= enough ? true : undefined,
    );
    await Promise.race([arrived, this.#running]);
  }

  /** Runs a fault and answers the longest time without an ACK from just before it to so many ACKs after it. */
  async secondsWithoutWrites(fault: () => Promise<void>, countAfter: number, secondsMax: number): Promise<number> {
    this.#watch.forgetGaps();
    await fault();
    await this.furtherAcknowledgements(countAfter, secondsMax);
    return Math.round(this.#watch.longestGapMs / 100) / 10;
  }

  /** Ends the load; what is outstanding is sent until it is acknowledged. */
  async settle(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
  }

  async #reportOn(client: ReportingClient): Promise<void> {
    while (!this.#isStopping || client.isWaiting) {
      const connection = await openConnection(this.#target).catch(() => null);
      if (connection === null) {
        await wait(reconnectMs);
        continue;
      }
      try {
        while (!this.#isStopping || client.isWaiting) {
          const reported = await client.report(connection);
          if (reported.outcome === "cut") break;
          if (reported.outcome === "deferred") await this.#comeAgain(reported.code);
        }
      } finally {
        connection.close();
      }
    }
  }

  async #comeAgain(code: string): Promise<void> {
    this.deferrals.set(code, (this.deferrals.get(code) ?? 0) + 1);
    await wait(comeAgainMs);
  }
}

/** Counts ACKs and remembers the longest time between two. */
class AcknowledgementWatch {
  count = 0;
  longestGapMs = 0;
  #lastAtMs = performance.now();

  saw(count: number): void {
    const now = performance.now();
    this.longestGapMs = Math.max(this.longestGapMs, now - this.#lastAtMs);
    this.#lastAtMs = now;
    this.count += count;
  }

  forgetGaps(): void {
    this.longestGapMs = 0;
  }
}
