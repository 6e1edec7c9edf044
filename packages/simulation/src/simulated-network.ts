// A network that loses, delays, doubles, reorders and garbles messages, driven by a seed and by manual time. It knows nothing
// of what it carries. A message that its sender gave up may still arrive, days later and behind newer ones.

import type { ManualTime } from "./manual-time.ts";
import type { SeededRandomness } from "./seeded-randomness.ts";

/** What a sender is told when nothing came back. The names are those of the agent's transport failures. */
export type NetworkFailure =
  | "connection_refused"
  | "connection_timed_out"
  | "connection_reset"
  | "host_unreachable"
  | "proxy_unreachable"
  | "proxy_refused"
  | "tls_handshake_failed"
  | "certificate_expired"
  | "http_status"
  | "answer_timed_out"
  | "aborted";

/** What can become of one exchange; the numbers are weights. */
export type NetworkWeights = {
  /** Request and answer arrive. */
  readonly whole: number;
  readonly requestLost: number;
  readonly answerLost: number;
  /** Both arrive, and the request arrives once more, later. */
  readonly doubled: number;
  /** The sender gives up; the request arrives later, so it may come after newer ones. */
  readonly late: number;
  /** What comes back was altered on the way, or the proxy died while it came: the other end has the request all the same. */
  readonly garbled: number;
  /** Proxy, TLS or an HTTP error, before anything is sent. */
  readonly refused: number;
};
export type NetworkFate = keyof NetworkWeights;

export type NetworkOptions = {
  readonly time: ManualTime;
  readonly random: SeededRandomness;
  /** The other end; what it throws is a connection that broke. */
  readonly deliver: (from: string, body: Uint8Array) => Promise<Uint8Array>;
  /** The error that a sender of this program expects. */
  readonly failure: (code: NetworkFailure) => Error;
  readonly weights: NetworkWeights;
  /** Longest wait of each half of an exchange; 0 for none. */
  readonly delayMsMax: number;
  /** How long after its sender gave up a request may still arrive. */
  readonly lateMsMax: number;
};

export const calmNetwork: NetworkWeights = {
  whole: 1,
  requestLost: 0,
  answerLost: 0,
  doubled: 0,
  late: 0,
  garbled: 0,
  refused: 0,
};

const refusals = ["proxy_unreachable", "proxy_refused", "tls_handshake_failed", "certificate_expired", "http_status"];
const timeoutMs = 30_000;

/** One sender's way through the network, from one start of it to its end. */
export interface Carrier {
  readonly carry: (body: Uint8Array, signal: AbortSignal) => Promise<Uint8Array>;
  /**
   * Resolves when an exchange of this carrier waits for time to pass. What a sender without power left behind is another
   * carrier's: it says nothing about what the same sender does after its next start.
   */
  parked(): Promise<void>;
}

export class SimulatedNetwork {
  readonly #options: NetworkOptions;
  /** Each way has its own chance, so that what one sender does changes nothing for another. */
  readonly #randoms = new Map<string, SeededRandomness>();
  readonly #cut = new Set<string>();
  readonly #deliveries = new Set<Promise<unknown>>();
  weights: NetworkWeights;
  /** How often each fate was drawn. */
  readonly fates: Record<NetworkFate, number> = { ...calmNetwork, whole: 0 };

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.weights = options.weights;
  }

  /** A way for a sender that starts. */
  carrierOf(name: string): Carrier {
    if (!this.#randoms.has(name)) this.#randoms.set(name, this.#options.random.fork());
    const sender = new Sender(name);
    return { carry: (body, signal) => this.#carry(sender, body, signal), parked: () => sender.parked() };
  }

  /** Nothing of this sender gets through until it is joined again. */
  cut(name: string): void {
    this.#cut.add(name);
  }

  join(name: string): void {
    this.#cut.delete(name);
  }

  isCut(name: string): boolean {
    return this.#cut.has(name);
  }

  get isDelivering(): boolean {
    return this.#deliveries.size > 0;
  }

  /** Resolves when the other end works on nothing. */
  async delivered(): Promise<void> {
    while (this.#deliveries.size > 0) await Promise.allSettled(this.#deliveries);
  }

  async #carry(sender: Sender, body: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    const { failure } = this.#options;
    const { name } = sender;
    const random = this.#randomOf(name);
    if (this.#cut.has(name)) {
      await this.#wait(sender, random.nextBelow(2) * timeoutMs, signal);
      throw failure(random.nextBelow(2) === 0 ? "host_unreachable" : "connection_timed_out");
    }
    const fate = this.#draw(random);
    this.fates[fate] += 1;
    switch (fate) {
      case "refused":
        throw failure(random.pick(refusals) as NetworkFailure);
      case "requestLost":
        return this.#giveUp(sender, signal);
      case "late":
        this.#deliverLater(name, body);
        return this.#giveUp(sender, signal);
      case "answerLost":
        await this.#delay(sender, signal);
        await this.#deliver(name, body).catch(() => undefined);
        return this.#giveUp(sender, signal);
      case "doubled":
        this.#deliverLater(name, body);
        return this.#roundTrip(sender, body, signal);
      case "garbled":
        return this.#garble(await this.#roundTrip(sender, body, signal), random);
      case "whole":
        return this.#roundTrip(sender, body, signal);
      default:
        return fate satisfies never;
    }
  }

  async #roundTrip(sender: Sender, body: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    await this.#delay(sender, signal);
    const answer = await this.#deliver(sender.name, body);
    await this.#delay(sender, signal);
    return answer;
  }

  async #giveUp(sender: Sender, signal: AbortSignal): Promise<never> {
    await this.#wait(sender, this.#options.delayMsMax === 0 ? 0 : timeoutMs, signal);
    throw this.#options.failure("answer_timed_out");
  }

  async #deliver(name: string, body: Uint8Array): Promise<Uint8Array> {
    const delivery = this.#options.deliver(name, body);
    this.#deliveries.add(delivery);
    try {
      return await delivery;
    } catch {
      throw this.#options.failure("connection_reset");
    } finally {
      this.#deliveries.delete(delivery);
    }
  }

  #deliverLater(name: string, body: Uint8Array): void {
    const { time, lateMsMax } = this.#options;
    time.start(
      1 + this.#randomOf(name).nextBelow(lateMsMax),
      () => void this.#deliver(name, body).catch(() => undefined),
    );
  }

  #delay(sender: Sender, signal: AbortSignal): Promise<void> {
    const { delayMsMax } = this.#options;
    const random = this.#randomOf(sender.name);
    const ms = delayMsMax === 0 || random.nextBelow(2) === 0 ? 0 : random.nextBelow(delayMsMax);
    return this.#wait(sender, ms, signal);
  }

  async #wait(sender: Sender, ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw this.#options.failure("aborted");
    if (ms === 0) return;
    sender.park(1);
    try {
      await new Promise<void>((resolve, reject) => {
        const cancel = this.#options.time.start(ms, resolve);
        signal.addEventListener("abort", () => {
          cancel();
          reject(this.#options.failure("aborted"));
        });
      });
    } finally {
      sender.park(-1);
    }
  }

  #randomOf(name: string): SeededRandomness {
    return this.#randoms.get(name) ?? this.#options.random;
  }

  #draw(random: SeededRandomness): NetworkFate {
    const entries = Object.entries(this.weights) as [NetworkFate, number][];
    let at = random.nextFraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [fate, weight] of entries) {
      at -= weight;
      if (at < 0) return fate;
    }
    return "whole";
  }

  /** A flipped bit, a cut end, a connection that ends in the middle, or the page of a box in between. */
  #garble(answer: Uint8Array, random: SeededRandomness): Uint8Array {
    const [kind, part] = [random.nextBelow(4), random.nextFraction()];
    const at = Math.floor(part * answer.length);
    switch (kind) {
      case 0: {
        const altered = answer.slice();
        altered[at] = (altered[at] ?? 0) ^ 1;
        return altered;
      }
      case 1:
        return answer.slice(0, at);
      case 2:
        throw this.#options.failure("connection_reset");
      default:
        return new TextEncoder().encode("<html><body>Sign in to the guest network</body></html>");
    }
  }
}

/** Counts the exchanges of one carrier that wait for time to pass. */
class Sender {
  readonly name: string;
  #parked = 0;
  #watchers: (() => void)[] = [];

  constructor(name: string) {
    this.name = name;
  }

  park(by: number): void {
    this.#parked += by;
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }

  async parked(): Promise<void> {
    while (this.#parked === 0) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }
}
