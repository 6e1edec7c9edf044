// SNMP of one running device: answering where it is configured to, and telling whom it is configured to tell.

import { randomBytes } from "node:crypto";
import type { AgentNotice, LookupWay, Timers } from "@countersign/agent";
import type { LicenseView } from "../license-view.ts";
import type { SnmpCounters } from "../outward-view.ts";
import { answersSomebody, type SnmpConfiguration, type SnmpHost, type SnmpUser } from "../snmp-configuration.ts";
import type { LogLine } from "../syslog-line.ts";
import { Answering } from "./answering.ts";
import { buildMib } from "./build-mib.ts";
import { notificationOf } from "./notifications.ts";
import { Notifier } from "./notifier.ts";

export type StoredEngine = { readonly idHex: string; readonly boots: number };

export type SnmpParts = {
  readonly engine: StoredEngine;
  readonly timers: Timers;
  readonly note: (line: LogLine) => void;
  /** Null while the device reloads. */
  readonly view: () => LicenseView | null;
  readonly now: () => number;
  /** How hosts are reached that get notifications; a text says why there is no way. */
  readonly way: () => LookupWay | string;
};

/** The engine id of RFC 3411 section 5: enterprise number, then twelve random octets. */
const engineIdStart = "80007ed905";
/** One line about requests that were not let in, at most, in this time. */
const refusalQuietMs = 60_000;

/** The engine of a device that starts SNMP once more. */
export function nextEngine(stored: StoredEngine | null): StoredEngine {
  if (stored !== null) return { idHex: stored.idHex, boots: stored.boots + 1 };
  return { idHex: `${engineIdStart}${randomBytes(12).toString("hex")}`, boots: 1 };
}

export class SnmpService {
  readonly counters = {
    requests: 0,
    answers: 0,
    refusedRequests: 0,
    notificationsSent: 0,
    notificationsFailed: 0,
  } satisfies SnmpCounters;
  readonly #parts: SnmpParts;
  readonly #startedAtMs = performance.now();
  #configuration: SnmpConfiguration | null = null;
  #answering: Answering | null = null;
  #notifiers: readonly Notifier[] = [];
  #told = "";
  #failure: string | null = null;
  #isQuiet = false;
  #endQuiet = () => {};

  constructor(parts: SnmpParts) {
    this.#parts = parts;
  }

  get listening() {
    return this.#answering?.listening ?? null;
  }

  get failure(): string | null {
    return this.#failure;
  }

  async apply(configuration: SnmpConfiguration, users: readonly SnmpUser[]): Promise<void> {
    const before = this.#configuration;
    this.#configuration = configuration;
    const isWanted = answersSomebody(configuration, users);
    const hasMoved = JSON.stringify(before?.listen) !== JSON.stringify(configuration.listen);
    if (this.#answering !== null && (hasMoved || !isWanted)) await this.#closeAnswering();
    if (isWanted && this.#answering === null) await this.#openAnswering(configuration);
    this.#answering?.admit(configuration, users);
    this.#tell(configuration.notifies ? configuration.hosts : [], users);
  }

  /** Hosts and users as before keep what waits for its acknowledgement. */
  #tell(hosts: readonly SnmpHost[], users: readonly SnmpUser[]): void {
    const wanted = JSON.stringify([hosts, users]);
    if (wanted === this.#told) return;
    this.#told = wanted;
    for (const notifier of this.#notifiers) notifier.close();
    const { counters } = this;
    const { way } = this.#parts;
    const upTimeCentiseconds = () => this.#upTimeCentiseconds();
    this.#notifiers = hosts.map((host) => new Notifier({ host, users, upTimeCentiseconds, counters, way }));
  }

  notify(notice: AgentNotice): void {
    const view = this.#notifiers.length === 0 ? null : this.#parts.view();
    const notification = view === null ? null : notificationOf(notice, view);
    if (notification === null) return;
    for (const notifier of this.#notifiers) notifier.send(notification);
  }

  async close(): Promise<void> {
    this.#endQuiet();
    for (const notifier of this.#notifiers) notifier.close();
    this.#notifiers = [];
    await this.#closeAnswering();
  }

  async #openAnswering(configuration: SnmpConfiguration): Promise<void> {
    const { idHex, boots } = this.#parts.engine;
    try {
      this.#answering = await Answering.open(configuration, {
        engine: {
          id: Buffer.from(idHex, "hex"),
          boots,
          timeSeconds: () => Math.floor(this.#upTimeCentiseconds() / 100),
        },
        mib: () => this.#mib(),
        counters: this.counters,
        refused: (address) => this.#noteRefusal(address),
      });
      this.#failure = null;
    } catch (error) {
      const { address, port } = configuration.listen;
      this.#failure = `${address} port ${port}: ${(error as NodeJS.ErrnoException).code ?? "cannot be opened"}`;
      this.#note(3, "SOCKET_FAILED", `SNMP cannot listen on ${this.#failure}`);
    }
  }

  async #closeAnswering(): Promise<void> {
    const answering = this.#answering;
    this.#answering = null;
    await answering?.close();
  }

  #mib() {
    const view = this.#parts.view();
    if (view === null || this.#configuration === null) return null;
    const upTimeCentiseconds = this.#upTimeCentiseconds();
    return buildMib({ view, configuration: this.#configuration, nowMs: this.#parts.now(), upTimeCentiseconds });
  }

  /** Since SNMP was started. */
  #upTimeCentiseconds(): number {
    return Math.floor((performance.now() - this.#startedAtMs) / 10);
  }

  #noteRefusal(address: string): void {
    if (this.#isQuiet) return;
    this.#isQuiet = true;
    this.#endQuiet = this.#parts.timers.start(refusalQuietMs, () => {
      this.#isQuiet = false;
    });
    this.#note(3, "AUTHFAIL", `Authentication failure for SNMP req from host ${address}`);
  }

  #note(severity: 3, mnemonic: string, text: string): void {
    this.#parts.note({ facility: "SNMP", severity, mnemonic, text });
  }
}
