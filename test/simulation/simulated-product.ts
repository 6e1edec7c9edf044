// One product: the real agent on a disk, a clock and a network that fail. It can lose its power at any write and is then
// started again on what the disk kept. It knows what it truly uses, and notes what it told its agent and when.

import {
  type Agent,
  AgentError,
  createAgent,
  type Exchange,
  TransportFailure,
  type TransportFailureCode,
} from "@countersign/agent";
import type { HaRole, LicenseClass, Udi } from "@countersign/protocol";
import {
  type Carrier,
  type ManualTime,
  type SeededRandomness,
  SimulatedDisk,
  type SimulatedNetwork,
} from "@countersign/simulation";

export type Slot = { readonly udi: Udi; readonly role: HaRole };
export type Feature = { readonly tag: string; readonly licenseClass: LicenseClass };

export const managerUrl = "https://manager.invalid/licservice/license";
const productTag = "regid.2031-01.org.example.Simulated,v1_00000000-0000-4000-8000-0000000000a1";
const tickMs = 900_000;
/** What an agent says to a person who asks for something that cannot be. */
const refusals: readonly string[] = ["request_refused", "report_not_found", "import_refused"];

export type ProductOptions = {
  readonly name: string;
  readonly time: ManualTime;
  readonly random: SeededRandomness;
  readonly network: SimulatedNetwork;
  readonly rootPem: string;
  readonly reportStoreBytes: number;
  readonly pushThrottleSeconds: number;
  readonly slots: readonly Slot[];
};

/** What was in use at a moment at which nothing changed, in seconds of the product's own clock. */
export type UsageSample = { readonly atMs: number; readonly atSeconds: number; readonly counts: Map<string, number> };

type Life = {
  readonly agent: Agent;
  readonly disk: SimulatedDisk;
  readonly line: Carrier;
  readonly died: Promise<void>;
  isAlive: boolean;
};

export class SimulatedProduct {
  readonly #options: ProductOptions;
  #disk: SimulatedDisk;
  #life: Life | null = null;
  #clockOffsetMs = 0;
  /** Timers are late by up to so much: "at least this time" is all that the port promises. */
  timerGrainMs = 0;
  slots: readonly Slot[];
  /** Every UDI that ever was a member. */
  readonly udis = new Set<string>();
  /** What the product uses, whatever its agent has heard. */
  readonly counts = new Map<string, { count: number; readonly feature: Feature }>();
  /** Tags whose last change the agent may or may not have taken. */
  readonly uncertain = new Set<string>();
  samples: UsageSample[] = [];
  hasClockJumped = false;
  /** Count times seconds so far, by tag, in whole seconds of the product's clock. */
  readonly #countSeconds = new Map<string, { sum: bigint; sinceSeconds: number; count: number }>();
  /** Reports were thrown away on purpose, or the manager's side was: sums over time no longer have to agree. */
  hasLostHistory = false;
  crashes = 0;
  storageFailures = 0;

  constructor(options: ProductOptions) {
    this.#options = options;
    this.#disk = new SimulatedDisk(options.random.fork());
    this.slots = options.slots;
    this.#noteMembers();
  }

  get name(): string {
    return this.#options.name;
  }

  get agent(): Agent | null {
    return this.#life?.isAlive === true ? this.#life.agent : null;
  }

  get disk(): SimulatedDisk {
    return this.#disk;
  }

  now(): number {
    return this.#options.time.now() + this.#clockOffsetMs;
  }

  /** Starts the agent on the disk as it is. A start that the disk refuses is tried again by `runSafely`. */
  async start(reason: "restart" | "reload"): Promise<void> {
    const { time, network, rootPem, reportStoreBytes, pushThrottleSeconds, name } = this.#options;
    if (this.#disk.isDead) this.#disk = this.#disk.afterCrash();
    const disk = this.#disk;
    let die: () => void = () => undefined;
    const died = new Promise<void>((resolve) => {
      die = resolve;
    });
    const line = network.carrierOf(name);
    const life = { disk, line, died, isAlive: true };
    const random = this.#options.random.fork();
    const exchange: Exchange = async (_url, body, { signal }) => {
      if (!life.isAlive) return new Promise(() => undefined);
      const bytes = await line.carry(body, signal);
      return life.isAlive ? bytes : new Promise(() => undefined);
    };
    disk.onCrash = () => {
      life.isAlive = false;
      this.crashes += 1;
      this.#forgetUnsureSamples();
      die();
    };
    const started = createAgent({
      stateDirectory: disk,
      product: { softwareTag: productTag, softwareVersion: "1.0.0", hostname: name, members: this.slots },
      transport: { type: "smart", url: managerUrl },
      trustAnchors: rootPem,
      keyType: "p-256",
      configuration: { pushThrottleSeconds },
      startReason: reason,
      reportStoreBytes,
      exchange,
      clock: { now: () => this.now(), monotonicMs: () => time.monotonicMs() },
      timers: {
        start: (delayMs, callback) =>
          time.start(this.#late(delayMs), () => {
            if (life.isAlive) callback();
          }),
      },
      randomness: { bytes: (count) => random.nextBytes(count) },
    });
    const agent = await Promise.race([started.catch(refusedByDisk), died.then(() => null)]);
    if (agent === null) life.isAlive = false;
    else this.#life = Object.assign(life, { agent });
  }

  /** Asks the agent for something; false when the disk or the power failed before it was done. */
  async run(task: (agent: Agent) => Promise<unknown>): Promise<boolean> {
    const life = this.#life;
    if (life === null || !life.isAlive) return false;
    try {
      await Promise.race([task(life.agent), life.died]);
      return life.isAlive;
    } catch (error) {
      if (error instanceof AgentError && refusals.includes(error.code)) return true;
      if (!isDiskFailure(error)) throw error;
      this.storageFailures += 1;
      return false;
    }
  }

  /** A product tells its agent what it uses, and again after every start, until the agent has taken it. */
  async use(feature: Feature, count: number): Promise<void> {
    // A fresh agent that is told of zero has nothing to report.
    if (count === 0 && this.hasLostHistory && !this.counts.has(feature.tag)) return;
    const sinceSeconds = Math.floor(this.now() / 1000);
    this.#countSeconds.set(feature.tag, { sum: this.countSecondsOf(feature.tag), sinceSeconds, count });
    this.counts.set(feature.tag, { count, feature });
    this.uncertain.add(feature.tag);
    await this.declare();
  }

  /** Nothing happened that makes the sums of its usage uncertain. */
  get isUndisturbed(): boolean {
    return this.crashes === 0 && !this.hasClockJumped && !this.hasLostHistory && this.storageFailures === 0;
  }

  countSecondsOf(tag: string): bigint {
    const running = this.#countSeconds.get(tag);
    if (running === undefined) return 0n;
    return running.sum + BigInt(Math.floor(this.now() / 1000) - running.sinceSeconds) * BigInt(running.count);
  }

  async declare(): Promise<void> {
    for (const tag of [...this.uncertain]) {
      const wanted = this.counts.get(tag);
      if (wanted === undefined) continue;
      const { licenseClass } = wanted.feature;
      const isTaken = await this.run((agent) => agent.request(tag, wanted.count, { licenseClass }));
      if (isTaken) this.uncertain.delete(tag);
    }
  }

  declareAll(): void {
    for (const tag of this.counts.keys()) this.uncertain.add(tag);
  }

  async changeMembers(slots: readonly Slot[]): Promise<void> {
    this.slots = slots;
    this.#noteMembers();
    await this.run((agent) => agent.changeMembers(slots));
  }

  /** Notes what is in use now, for a moment around which nothing changes. */
  sample(): void {
    if (this.agent === null || this.uncertain.size > 0) return;
    const atMs = this.now() - 30_000;
    const counts = new Map([...this.counts].map(([tag, { count }]) => [tag, count]));
    this.samples.push({ atMs, atSeconds: Math.floor(atMs / 1000), counts });
  }

  loseHistory(): void {
    this.samples = [];
    this.hasLostHistory = true;
    // What was released before is forgotten with the reports that said so: nobody can tell the manager any more. A release that
    // the agent has not taken is still to be told.
    const held = this.agent?.state().metering.usages ?? {};
    for (const [tag, { count }] of this.counts) {
      if (count > 0 || (held[tag]?.count ?? 0) > 0) continue;
      this.counts.delete(tag);
      this.uncertain.delete(tag);
    }
  }

  /**
   * The manager went back to a backup. A release that was acknowledged after it was taken is gone from both sides: what was
   * released stays counted until the product uses it again or an administrator removes the instance.
   */
  noteManagerRestored(): void {
    this.hasLostHistory = true;
    for (const [tag, { count }] of this.counts) if (count === 0 && !this.uncertain.has(tag)) this.counts.delete(tag);
  }

  jumpClock(deltaMs: number): void {
    this.#clockOffsetMs += deltaMs;
    this.hasClockJumped = true;
    this.samples = [];
  }

  setClockRight(): void {
    if (this.#clockOffsetMs !== 0) this.jumpClock(-this.#clockOffsetMs);
  }

  /** There is room for so many writes more. */
  fillDisk(writes: number): void {
    this.storageFailures += 1;
    this.#disk.limitRoom(writes);
  }

  /** An orderly end: usage is measured up to it, and nothing until the next start. */
  noteStop(): void {
    this.crashes += 1;
    // A full disk may have kept the end from being noted.
    this.#forgetUnsureSamples();
  }

  /** The power goes now; `null` when it was gone already. */
  losePower(): void {
    if (this.agent !== null) this.#disk.crash();
  }

  /** Other hardware under the same UDI: nothing of the old disk is left. */
  replaceHardware(): void {
    this.losePower();
    this.#disk = new SimulatedDisk(this.#options.random.fork());
    this.#life = null;
    this.loseHistory();
    this.declareAll();
  }

  async stop(): Promise<void> {
    const life = this.#life;
    if (life === null || !life.isAlive) return;
    await Promise.race([life.agent.stop().catch(() => undefined), life.died]);
    life.isAlive = false;
  }

  /** Resolves when nothing goes on that does not wait for time to pass. */
  async settled(): Promise<void> {
    const life = this.#life;
    if (life === null || !life.isAlive) return;
    await Promise.race([life.agent.idle(), life.died, life.line.parked()]);
  }

  #late(delayMs: number): number {
    if (this.timerGrainMs === 0) return delayMs;
    return Math.ceil(Math.max(1, delayMs) / this.timerGrainMs) * this.timerGrainMs;
  }

  /** Usage after the last tick before a loss of power counts as ended: nobody saw it. */
  #forgetUnsureSamples(): void {
    const measuredUntilMs = this.#life?.agent.state().metering.measuredUntilMs ?? 0;
    const sureUntilMs = measuredUntilMs - 2 * Math.max(this.timerGrainMs, tickMs);
    this.samples = this.samples.filter(({ atMs }) => atMs < sureUntilMs);
  }

  #noteMembers(): void {
    for (const { udi } of this.slots) this.udis.add(`PID:${udi.pid},SN:${udi.serialNumber}`);
  }
}

/** How the manager calls the active device, or null while it has no trust. */
export function activeIdentifier({ agent }: SimulatedProduct): string | null {
  if (agent === null) return null;
  const { installation, trust } = agent.state();
  for (const { udi, role } of installation.members) {
    const own = trust.members[`PID:${udi.pid},SN:${udi.serialNumber}`];
    if (role === "Active" && own?.status === "installed") return own.productInstanceIdentifier;
  }
  return null;
}

/** A start that the disk refused is tried again later. */
function refusedByDisk(error: unknown): null {
  if (isDiskFailure(error)) return null;
  throw error;
}

function isDiskFailure(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return code === "storage_failed" || code === "EIO" || code === "ENOSPC";
}

export function transportFailure(code: string): Error {
  return new TransportFailure(code as TransportFailureCode);
}
