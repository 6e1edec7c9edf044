// The clock of a running device: its machine's, moved by what was set by hand or by NTP. The agent looks at this clock, so that
// a wrong one has every consequence that it has in the field (FAIL-3), and setting it right heals.

import { type Clock, systemClock, systemTimers, type Timers } from "@countersign/agent";
import type { ClockConfiguration } from "../clock-configuration.ts";
import type { ClockView, NtpServerView } from "../clock-view.ts";
import { askTime, ntpPort } from "../network/sntp-client.ts";
import type { LogLine } from "../syslog-line.ts";

export type ClockPorts = {
  readonly clock: Clock | undefined;
  readonly timers: Timers | undefined;
  /** Of the time servers. */
  readonly port: number | undefined;
  /** True or false where the one who started the device says so. */
  readonly isAuthoritative: boolean | undefined;
  readonly configuration: () => ClockConfiguration;
  readonly offset: () => { readonly offsetMs: number; readonly isSetByHand: boolean };
  /** Moves the clock and makes it last. */
  readonly move: (byMs: number, isByHand: boolean) => Promise<void>;
  readonly log: (line: LogLine) => void;
  /** Throws where a name has no address, or there is no way out. */
  readonly wayTo: (host: string) => Promise<{ readonly address: string; readonly localAddress: string | null }>;
};

/** As the field's devices do once they are synchronized, and while they are not. */
const pollSeconds = { synchronized: 1_024, seeking: 64 } as const;
/** A smaller difference is left alone. */
const moveMsMin = 10;

type Asked = Omit<NtpServerView, "host" | "isPeer">;
const neverAsked: Asked = {
  ...{ address: null, stratum: 16, referenceId: ".INIT.", lastAnswerAtMs: null, reach: 0 },
  ...{ delayMs: null, offsetMs: null, failure: null },
};

export class DeviceClock implements Clock {
  readonly #ports: ClockPorts;
  readonly #asked = new Map<string, Asked>();
  #peer: string | null = null;
  #cancel: () => void = () => undefined;
  #isClosed = false;
  #servers = "";
  #round: Promise<void> = Promise.resolve();

  constructor(ports: ClockPorts) {
    this.#ports = ports;
  }

  now(): number {
    return this.#base.now() + this.#ports.offset().offsetMs;
  }

  monotonicMs(): number {
    return this.#base.monotonicMs();
  }

  get isAuthoritative(): boolean {
    return this.#ports.isAuthoritative ?? (this.#peer !== null || this.#ports.configuration().calendarValid);
  }

  view(): ClockView {
    const { calendarValid, ntpServers } = this.#ports.configuration();
    const { offsetMs, isSetByHand } = this.#ports.offset();
    const unsynchronized = isSetByHand ? "user configuration" : calendarValid ? "hardware calendar" : null;
    return {
      isAuthoritative: this.isAuthoritative,
      source: this.#peer === null ? unsynchronized : "NTP",
      offsetMs,
      isSynchronized: this.#peer !== null,
      pollSeconds: this.#peer === null ? pollSeconds.seeking : pollSeconds.synchronized,
      servers: ntpServers.map((host) => ({
        ...(this.#asked.get(host) ?? neverAsked),
        host,
        isPeer: host === this.#peer,
      })),
    };
  }

  setTo(atMs: number): Promise<void> {
    return this.#ports.move(atMs - this.now(), true);
  }

  /** Servers that were added are asked at once; answers when they were. */
  apply(): Promise<void> {
    const { ntpServers } = this.#ports.configuration();
    const servers = JSON.stringify(ntpServers);
    if (servers === this.#servers || this.#isClosed) return this.#round;
    this.#servers = servers;
    for (const host of this.#asked.keys()) if (!ntpServers.includes(host)) this.#asked.delete(host);
    if (this.#peer !== null && !ntpServers.includes(this.#peer)) this.#peer = null;
    this.#cancel();
    this.#round = this.#round.then(() => this.#poll());
    return this.#round;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    await this.#round;
  }

  /** All servers are asked; the first of the lowest stratum that answered is followed. */
  async #poll(): Promise<void> {
    this.#cancel();
    const { ntpServers } = this.#ports.configuration();
    if (this.#isClosed || ntpServers.length === 0) return;
    await Promise.all(ntpServers.map((host) => this.#ask(host)));
    const known = ntpServers.map((host) => ({ host, ...(this.#asked.get(host) ?? neverAsked) }));
    const answering = known.filter(({ reach }) => (reach & 1) === 1).sort((one, other) => one.stratum - other.stratum);
    const [best] = answering;
    if (best !== undefined) await this.#follow(best);
    else if (known.every(({ reach }) => reach === 0)) this.#lose();
    const seconds = best === undefined ? pollSeconds.seeking : pollSeconds.synchronized;
    const timers = this.#ports.timers ?? systemTimers;
    if (!this.#isClosed) this.#cancel = timers.start(seconds * 1000, () => (this.#round = this.#poll()));
  }

  /** A clock that could not be moved is not synchronized, and the reason stands beside the server. */
  async #follow({ host, offsetMs }: Asked & { readonly host: string }): Promise<void> {
    const byMs = Math.round(offsetMs ?? 0);
    try {
      if (Math.abs(byMs) >= moveMsMin && !this.#isClosed) await this.#ports.move(byMs, false);
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      this.#asked.set(host, { ...(this.#asked.get(host) ?? neverAsked), failure });
      return;
    }
    if (this.#peer === host) return;
    this.#peer = host;
    this.#ports.log({ facility: "NTP", severity: 5, mnemonic: "PEERSYNC", text: `NTP synced to peer ${host}` });
  }

  #lose(): void {
    if (this.#peer === null) return;
    const text = `Peer ${this.#peer} is unreachable`;
    this.#peer = null;
    this.#ports.log({ facility: "NTP", severity: 5, mnemonic: "PEERUNREACH", text });
  }

  async #ask(host: string): Promise<void> {
    const before = this.#asked.get(host) ?? neverAsked;
    const missed = { ...before, reach: (before.reach << 1) & 0xff };
    try {
      const { address, localAddress } = await this.#ports.wayTo(host);
      const port = this.#ports.port ?? ntpPort;
      const answer = await askTime({ address, localAddress, port, now: () => this.now() });
      if (answer.outcome !== "answered") this.#asked.set(host, { ...missed, address, failure: answer.reason });
      else {
        const { outcome: _, ...facts } = answer;
        const lastAnswerAtMs = this.now();
        this.#asked.set(host, { ...missed, ...facts, address, lastAnswerAtMs, reach: missed.reach | 1, failure: null });
      }
    } catch (error) {
      this.#asked.set(host, { ...missed, failure: error instanceof Error ? error.message : String(error) });
    }
  }

  get #base(): Clock {
    return this.#ports.clock ?? systemClock;
  }
}
