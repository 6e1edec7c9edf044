// Carries out the machine's steps, one after the other: event → step → the new state made durable together with what is to
// be done on the agent's own disk → that done → only then the world is told (messages, callbacks, logs, timer).
//
// Safe against a crash at any moment: before the save the event never happened; after it, the outbox in the saved state
// is done again at the next start, and each effect in it is harmless the second time. What goes out to the manager may be
// lost by a crash, and the machine asks again; nothing is forgotten because it was only in flight.

import type { TrustAnchors } from "@countersign/protocol";
import { AgentError } from "./agent-error.ts";
import { asHeldNow } from "./as-held-now.ts";
import { ClockWatch } from "./clock-watch.ts";
import { type ExchangeEffect, runExchange } from "./exchange/run-exchange.ts";
import type { AgentEffect, AgentNotice, SyslogLine } from "./lifecycle/effect.ts";
import type { AgentEvent } from "./lifecycle/event.ts";
import type { AgentState } from "./lifecycle/state.ts";
import { step } from "./lifecycle/step.ts";
import type {
  Clock,
  EventLog,
  Exchange,
  KeyStore,
  KeyType,
  LocalEffect,
  LoggedEvent,
  MessageHistory,
  Randomness,
  ReportStore,
  StateStore,
  StoredStep,
  Timers,
} from "./ports.ts";
import { SerialQueue } from "./serial-queue.ts";
import { isReportEffect } from "./start-state.ts";
import type { Trace } from "./trace.ts";

export type RuntimePorts = {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly randomness: Randomness;
  readonly states: StateStore;
  readonly reports: ReportStore;
  readonly keys: KeyStore;
  readonly events: EventLog;
  readonly history: MessageHistory;
  readonly exchange: Exchange;
};

export type RuntimeOptions = {
  readonly ports: RuntimePorts;
  readonly anchors: TrustAnchors;
  readonly keyType: KeyType;
  /** Called in the order of what happened, after it is durable. What it throws is noted in the event log. */
  readonly notice: (notice: AgentNotice, atMs: number) => void;
  readonly log: (line: SyslogLine, atMs: number) => void;
  /** Never throws; null when nobody looks. */
  readonly trace: Trace | null;
};

type RunningExchange = { readonly ended: Promise<void>; readonly abort: AbortController };

/** How long an event of the agent's own waits when the disk refuses to store its outcome. */
const retryDelayMs = 30_000;

export class Runtime {
  readonly #ports: RuntimePorts;
  readonly #options: RuntimeOptions;
  readonly #queue = new SerialQueue();
  readonly #clockWatch: ClockWatch;
  #stored: StoredStep;
  #isOutboxDone = true;
  /** Effects of the last step that the world has not been told, because the disk refused what comes before them. */
  #untold: { readonly effects: readonly AgentEffect[]; readonly now: number } = { effects: [], now: 0 };
  #exchange: RunningExchange | null = null;
  #cancelTimer: () => void = () => undefined;
  /** To use the keys (SEC-15). */
  #attempt: Promise<void> | null = null;
  #isStopped = false;

  /** `stored` has an empty outbox (start-state.ts). */
  constructor(options: RuntimeOptions, stored: StoredStep) {
    this.#options = options;
    this.#ports = options.ports;
    this.#stored = stored;
    this.#clockWatch = new ClockWatch(options.ports.clock);
  }

  get state(): AgentState {
    return this.#stored.state;
  }

  /**
   * Resolves when the event's outcome is durable, with the notices it gave rise to. Throws `stopped`, or `storage_failed`:
   * then the event is either forgotten or will be carried out in full, and asking again does no harm.
   */
  dispatch(event: AgentEvent): Promise<readonly AgentNotice[]> {
    return this.#queue.run(async () => {
      if (this.#isStopped) throw new AgentError("stopped");
      const deltaSeconds = this.#clockWatch.jumpSeconds();
      if (deltaSeconds !== 0) await this.#process({ type: "clock-changed", deltaSeconds });
      return this.#process(event);
    });
  }

  /** Runs a task when no step is under way, so that it sees and leaves a settled state. */
  betweenSteps<T>(task: () => Promise<T>): Promise<T> {
    return this.#queue.run(task);
  }

  /** Resolves when no event waits and no exchange is under way. */
  async idle(): Promise<void> {
    do {
      await this.#queue.drained();
      await this.#attempt;
      await this.#exchange?.ended;
    } while (this.#queue.isBusy || this.#exchange !== null || this.#attempt !== null);
  }

  /** Measures usage up to now, ends what is under way, and takes no more events. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    try {
      await this.dispatch({ type: "stopping" });
    } finally {
      this.#isStopped = true;
      this.#cancelTimer();
      this.#exchange?.abort.abort();
      await this.idle();
      await this.#queue.run(() => this.#writeReports());
    }
  }

  async #process(given: AgentEvent): Promise<readonly AgentNotice[]> {
    await this.#finishStep();
    const event = asHeldNow(given, this.#ports.reports);
    const now = this.#ports.clock.now();
    const { state, effects } = step(this.#stored.state, event, now);
    this.#options.trace?.({ type: "step", event: event.type, effects: effects.map(({ type }) => type) });
    const local = effects.filter(isLocal);
    if (state !== this.#stored.state || local.length > 0) await this.#save(state, local);
    if (given.type === "reports-handed-out") this.#ports.reports.told(given.reportIds);
    this.#untold = { effects, now };
    await this.#finishStep();
    return effects.flatMap((effect) => (effect.type === "notify" ? [effect.notice] : []));
  }

  /** What a step asks for is done once its state is durable: on the own disk first, then in the world. */
  async #finishStep(): Promise<void> {
    await this.#finishOutbox();
    const { effects, now } = this.#untold;
    this.#untold = { effects: [], now };
    const events = effects.filter(isRecord);
    if (events.length > 0) await this.#record(events, now);
    for (const effect of effects) if (isForWorld(effect)) await this.#tellWorld(effect, now);
  }

  async #save(state: AgentState, outbox: readonly LocalEffect[]): Promise<void> {
    const { unwritten } = this.#ports.reports;
    const next: StoredStep = { step: this.#stored.step + 1, state, outbox, unwritten };
    try {
      await this.#ports.states.save(next);
    } catch (cause) {
      throw new AgentError("storage_failed", "", { cause });
    }
    this.#stored = next;
    this.#isOutboxDone = outbox.length === 0;
  }

  /** Must be done before the next save, which replaces the outbox. */
  async #finishOutbox(): Promise<void> {
    if (this.#isOutboxDone) return;
    const { step: number, outbox } = this.#stored;
    try {
      const merges = await this.#ports.reports.apply(number, outbox.filter(isReportEffect));
      for (const effect of outbox) {
        if (effect.type === "delete-keys") for (const keyId of effect.keyIds) await this.#ports.keys.delete(keyId);
      }
      this.#isOutboxDone = true;
      for (const merge of merges) await this.#process({ type: "reports-merged", ...merge });
    } catch (cause) {
      if (cause instanceof AgentError) throw cause;
      throw new AgentError("storage_failed", "", { cause });
    }
  }

  /** For whoever reads the stopped agent's directory. What cannot be written stands in the stored step. */
  async #writeReports(): Promise<void> {
    await this.#ports.reports.flush().catch(() => undefined);
  }

  async #tellWorld(effect: WorldEffect, now: number): Promise<void> {
    switch (effect.type) {
      case "wake-at":
        return this.#wakeAt(effect.atMs, now);
      case "log":
        return this.#callBack(() => this.#options.log(effect.line, now), now);
      case "notify":
        return this.#callBack(() => this.#options.notice(effect.notice, now), now);
      case "try-cryptography":
        return this.#tryCryptography(effect.keyIds);
      case "establish-trust":
      case "sync-trust":
      case "push-usage":
      case "poll-result":
      case "request-authorization":
      case "confirm-authorization":
      case "return-authorization":
      case "say-hello":
      case "register":
      case "renew-id":
      case "authorize":
      case "convert":
      case "deregister":
        return this.#startExchange(effect);
      default:
        return effect satisfies never;
    }
  }

  /** The machine asks for one at a time; one that still runs was given up by it, and nobody wants its result. */
  #startExchange(effect: ExchangeEffect): void {
    this.#exchange?.abort.abort();
    const { ports, anchors, keyType, trace } = this.#options;
    const abort = new AbortController();
    const tell = async (event: AgentEvent): Promise<void> => {
      await this.dispatch(event);
    };
    const context = { ...ports, anchors, keyType, state: this.state, signal: abort.signal, tell, trace };
    const ended = runExchange(effect, context).then((event) => {
      if (this.#exchange === running) this.#exchange = null;
      this.#dispatchOwn(event);
    });
    const running: RunningExchange = { ended, abort };
    this.#exchange = running;
  }

  /** One at a time: an attempt that a slow disk holds up is not repeated beside itself. */
  #tryCryptography(keyIds: readonly string[]): void {
    if (this.#attempt !== null) return;
    this.#attempt = this.#ports.keys.examine(keyIds).then((refusal) => {
      this.#attempt = null;
      this.#dispatchOwn({ type: "cryptography-tried", refusal });
    });
  }

  #wakeAt(atMs: number, now: number): void {
    this.#cancelTimer();
    if (!this.#isStopped)
      this.#cancelTimer = this.#ports.timers.start(atMs - now, () => this.#dispatchOwn({ type: "timer" }));
  }

  /** For events that nobody waits for: they are repeated until their outcome could be stored. */
  #dispatchOwn(event: AgentEvent): void {
    this.dispatch(event).catch((error: unknown) => {
      if (this.#isStopped) return;
      const text = error instanceof Error ? `${error.message} ${causeOf(error)}`.trim() : String(error);
      this.#options.log(
        { facility: "SMART_LIC", severity: 2, mnemonic: "INTERNAL_ERROR", text },
        this.#ports.clock.now(),
      );
      this.#ports.timers.start(retryDelayMs, () => this.#dispatchOwn(event));
    });
  }

  /** The event log may have gaps: nothing depends on it, and it must not stop what it tells about. */
  async #record(events: readonly LoggedEvent[], now: number): Promise<void> {
    await this.#ports.events.append(now, events).catch(() => undefined);
  }

  async #callBack(call: () => void, now: number): Promise<void> {
    try {
      call();
    } catch (error) {
      const details = { error: error instanceof Error ? error.message : String(error) };
      await this.#record([{ name: "SAEVT_CALLBACK_FAILED", details }], now);
    }
  }
}

function causeOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : "";
}

/** Who carries out which effect; one that stands nowhere does not compile. */
type WorldEffect = Exclude<AgentEffect, LocalEffect | RecordEffect>;
type RecordEffect = Extract<AgentEffect, { readonly type: "record-event" }>;

const localTypes = {
  measure: true,
  "close-report": true,
  "delete-reports": true,
  "mark-reports": true,
  "requeue-refused": true,
  "delete-all-reports": true,
  "delete-keys": true,
} satisfies Record<LocalEffect["type"], true>;

function isLocal(effect: AgentEffect): effect is LocalEffect {
  return Object.hasOwn(localTypes, effect.type);
}

function isRecord(effect: AgentEffect): effect is RecordEffect {
  return effect.type === "record-event";
}

function isForWorld(effect: AgentEffect): effect is WorldEffect {
  return !isLocal(effect) && !isRecord(effect);
}
