// Everything that waits goes to the manager, in messages of many, one message at a time: what comes meanwhile shares the next one.
// Nothing leaves the store before the manager's own answer to it was verified.

import { TransportFailure } from "@countersign/agent";
import { ProtocolError, readForCarrying, relayMessageBytesMax } from "@countersign/protocol";
import { type HeldRequest, retryDelayMs, type Settlement } from "../holding/held-request.ts";
import type { Log } from "../logging/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import {
  type CarriedUp,
  type Clock,
  type HeldStore,
  ManagerRefusal,
  type RelayIdentity,
  type Upstream,
} from "../ports.ts";

/** What one message upwards holds. The answer has to fit into one message too, with an ACK for each report. */
const room = { itemsMax: 50, bytesMax: 3_500_000, reportsMax: 2_000 } as const;
/** Beside the items of a message: its header, the relay's certificate and the signature. */
const envelopeBytesMax = 65_536;

export type SendUpPorts = {
  readonly store: HeldStore;
  readonly upstream: Upstream;
  readonly identity: RelayIdentity;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
};

/** The manager's answer to a device's message, as it goes to the device that still waits for it. */
export type Fresh = { readonly settlement: Settlement; readonly answer: Uint8Array };

type Verdict = Settlement | { readonly outcome: "later"; readonly retryTimeSeconds: number };

export type WayState = {
  /** Null while nothing failed. */
  readonly failingSinceMs: number | null;
  readonly lastFailure: string | null;
  readonly lastSuccessAtMs: number | null;
  readonly nextAttemptAtMs: number;
};

export class SendUp {
  readonly #ports: SendUpPorts;
  /** Several for one item: a device that repeats itself before it was answered. */
  readonly #waiting = new Map<number, Set<(fresh: Fresh) => void>>();
  #running: Promise<void> | null = null;
  #isAskedAgain = false;
  #failures = 0;
  #waitMs = 0;
  #way: WayState = { failingSinceMs: null, lastFailure: null, lastSuccessAtMs: null, nextAttemptAtMs: 0 };

  constructor(ports: SendUpPorts) {
    this.#ports = ports;
  }

  get way(): WayState {
    return this.#way;
  }

  /** True where a try may be made now; also when more is left than was ever to be waited, because the clock was set back. */
  get isWayOpen(): boolean {
    const leftMs = this.#way.nextAttemptAtMs - this.#ports.clock.now();
    return leftMs <= 0 || leftMs > this.#waitMs;
  }

  /** Sends what is due, unless the way is known to be closed; resolves when there is nothing more to do now. */
  run(): Promise<void> {
    if (this.#running !== null) {
      this.#isAskedAgain = true;
      return this.#running;
    }
    this.#running = this.#loop().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Runs when the item's answer is there, if that happens before `forget` is called. */
  await(itemId: number, use: (fresh: Fresh) => void): { forget(): void } {
    const uses = this.#waiting.get(itemId) ?? new Set();
    this.#waiting.set(itemId, uses.add(use));
    return {
      forget: () => {
        uses.delete(use);
        if (uses.size === 0 && this.#waiting.get(itemId) === uses) this.#waiting.delete(itemId);
      },
    };
  }

  /** One message of a device that is not held: brought up at once, and its answer back. Throws what `Upstream` throws. */
  async passOn(body: Uint8Array): Promise<Uint8Array> {
    const { upstream, clock } = this.#ports;
    const item = { item_id: "0", kind: "message", received_at: clock.now(), content: base64Of(body) } as const;
    const [answer] = (await this.#tried(() => upstream.carry([item]))).items;
    if (answer === undefined) throw new ProtocolError("payload_invalid", "The manager left an item unanswered.");
    return Buffer.from(answer.content, "base64");
  }

  async #loop(): Promise<void> {
    do {
      this.#isAskedAgain = false;
      while (this.isWayOpen) {
        if (!(await this.#sendDue())) break;
      }
    } while (this.#isAskedAgain);
  }

  async #sendDue(): Promise<boolean> {
    const { store, clock, log } = this.#ports;
    try {
      const items = store.due(clock.now(), room);
      return items.length > 0 && (await this.#send(items));
    } catch (cause) {
      // Whoever waits for this run waits for an answer to a request that is held, and hears that it is.
      log.error("request_failed", {}, cause);
      this.#pause();
      return false;
    }
  }

  /** Answers whether more may follow at once. */
  async #send(items: readonly HeldRequest[]): Promise<boolean> {
    const { upstream, metrics } = this.#ports;
    const [first] = items;
    if (items.length === 1 && first !== undefined && !isCarriable(first)) {
      // The manager would not even read it, and as the oldest it would be tried first for ever.
      this.#settle(first, refused("message_too_large", "It fits into no message of a relay."), null);
      return true;
    }
    let carried: CarriedUp;
    try {
      carried = await this.#tried(() => upstream.carry(items.map(itemOf)));
    } catch (error) {
      if (!isForeseen(error)) throw error;
      if (!(error instanceof ManagerRefusal) || !poisonous.has(error.code)) return false;
      // One of them is at fault, and the others must not wait for it.
      if (items.length === 1) this.#settle(items[0] as HeldRequest, refused(error.code, error.message), null);
      else for (const item of items) if (!(await this.#send([item]))) return false;
      return true;
    }
    metrics.sentUp(items.length);
    for (const item of items) await this.#take(item, carried);
    return true;
  }

  /** An answer that cannot be stored is asked for again, and not with every knock: each takes the whole message along. */
  #pause(): void {
    this.#waitMs = retryDelayMs(1);
    this.#way = { ...this.#way, nextAttemptAtMs: this.#ports.clock.now() + this.#waitMs };
  }

  async #take(item: HeldRequest, carried: CarriedUp): Promise<void> {
    const { store, clock, log } = this.#ports;
    const found = carried.items.find(({ item_id }) => item_id === String(item.itemId));
    const answer = Buffer.from(found?.content ?? "", "base64");
    let verdict: Verdict;
    try {
      if (found === undefined) throw new ProtocolError("payload_invalid", "The manager left an item unanswered.");
      verdict = item.kind === "message" ? await this.#read(item, answer, carried) : fileVerdict(found);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // Whoever sits on the way may have altered it: it stays ours to bring up.
      log.warn("answer_not_believed", { udi: item.udi, code: error.code });
      verdict = { outcome: "later", retryTimeSeconds: 0 };
    }
    if (verdict.outcome !== "later") return this.#settle(item, verdict, answer);
    store.putOff(item.itemId, clock.now() + retryDelayMs(item.attempts + 1, verdict.retryTimeSeconds));
  }

  #read(item: HeldRequest, answer: Uint8Array, { signingCertificate }: CarriedUp): Promise<Verdict> {
    const { identity, clock } = this.#ports;
    const question = { nonce: item.asked.nonce, anchors: identity.anchors, now: clock.now() };
    return readForCarrying(answer, { ...question, knownCertificate: signingCertificate });
  }

  #settle(item: HeldRequest, settlement: Settlement, answer: Uint8Array | null): void {
    const { store, clock, log, metrics } = this.#ports;
    store.settle(item.itemId, settlement, clock.now());
    metrics.settled(settlement.outcome);
    const code = settlement.outcome === "refused" ? { code: settlement.code } : {};
    log.info("request_settled", { udi: item.udi, outcome: settlement.outcome, count: item.reports, ...code });
    if (answer !== null) for (const use of this.#waiting.get(item.itemId) ?? []) use({ settlement, answer });
  }

  /** Notes whether the manager answered at all. */
  async #tried(ask: () => Promise<CarriedUp>): Promise<CarriedUp> {
    const { clock, log } = this.#ports;
    try {
      const carried = await ask();
      if (this.#way.failingSinceMs !== null) log.info("manager_reached", {});
      this.#failures = 0;
      this.#way = { failingSinceMs: null, lastFailure: null, lastSuccessAtMs: clock.now(), nextAttemptAtMs: 0 };
      return carried;
    } catch (error) {
      // What it said of one message says nothing of the way.
      if (error instanceof ManagerRefusal && poisonous.has(error.code)) throw error;
      this.#noteFailure(error);
      throw error;
    }
  }

  #noteFailure(error: unknown): void {
    if (!isForeseen(error)) throw error;
    const { clock, log } = this.#ports;
    const now = clock.now();
    this.#failures += 1;
    const askedSeconds = error instanceof ManagerRefusal ? error.retryTimeSeconds : 0;
    this.#waitMs = retryDelayMs(this.#failures, askedSeconds);
    if (this.#way.lastFailure !== error.code) log.warn("manager_away", { code: error.code });
    this.#way = {
      failingSinceMs: this.#way.failingSinceMs ?? now,
      lastFailure: error.code,
      lastSuccessAtMs: this.#way.lastSuccessAtMs,
      nextAttemptAtMs: now + this.#waitMs,
    };
  }
}

function isForeseen(error: unknown): error is TransportFailure | ProtocolError | ManagerRefusal {
  return error instanceof TransportFailure || error instanceof ProtocolError || error instanceof ManagerRefusal;
}

/** Said of what is carried, not of who carries it. */
const poisonous: ReadonlySet<string> = new Set([
  "payload_invalid",
  "request_type_unknown",
  "message_too_large",
  "json_too_deep",
]);

/** Base64 makes four of three. */
function isCarriable({ body }: HeldRequest): boolean {
  return Math.ceil(body.length / 3) * 4 <= relayMessageBytesMax - envelopeBytesMax;
}

function itemOf({ itemId, kind, receivedAtMs, body }: HeldRequest) {
  return { item_id: String(itemId), kind, received_at: receivedAtMs, content: base64Of(body) };
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function fileVerdict({ content, code, remedy }: CarriedUp["items"][number]): Verdict {
  return code === "" ? { outcome: "acknowledged", answer: { file: content } } : refused(code, remedy);
}

function refused(code: string, message: string): Settlement {
  return { outcome: "refused", code, message };
}
