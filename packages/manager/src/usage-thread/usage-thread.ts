// The main thread's side of the usage thread. While the main thread speaks TLS and HTTP and reads messages, the other one
// verifies and writes, so that a manager with two processors uses both (docs/decisions/0018).

import { extname } from "node:path";
import { type Transferable, Worker } from "node:worker_threads";
import { assert } from "@countersign/protocol";
import { ReportsNotStored } from "../errors.ts";
import type { ManagerOptions, Observer, SharedTurns, UsageThreadPort } from "../ports.ts";
import type { AcceptedBody, AcceptedUsage, UsageRequest } from "../use-cases/accept-usage-report.ts";
import type { DeviceRequestLimits } from "../use-cases/use-cases.ts";
import type { FromUsageThread, NumberedReply, NumberedRequest, ToUsageThread, UsageThreadData } from "./messages.ts";
import { Outbox } from "./outbox.ts";

/** Left to itself the young generation takes 85 MB more, for nothing that could be measured (bench/README.md). */
const maxYoungGenerationSizeMb = 24;

/**
 * Whoever is answered sends the next message at once. Between so many answers the main thread looks at its sockets, so that the usage thread has
 * something to do again while the others of its last transaction are still being answered (docs/decisions/0272).
 */
const repliesPerTurn = 4;

export type UsageThreadOptions = {
  readonly databaseFile: string;
  readonly turns: SharedTurns;
  readonly options: ManagerOptions;
  readonly observer: Observer;
  /** The thread ended by itself: what it held unanswered may be durable or not. The manager cannot go on. */
  readonly onFailure: (cause: unknown) => void;
};

export interface UsageThread extends UsageThreadPort {
  /** Waits for the answers that are missing, then ends the thread. */
  close(): Promise<void>;
}

/** Rejects with the reason if the thread cannot open the database. */
export async function openUsageThread(options: UsageThreadOptions): Promise<UsageThread> {
  const entry = new URL(`../program/usage-thread-program${extname(import.meta.url)}`, import.meta.url);
  const { databaseFile, turns } = options;
  const workerData: UsageThreadData = { databaseFile, turns, options: options.options };
  const worker = new Worker(entry, { name: "usage", workerData, resourceLimits: { maxYoungGenerationSizeMb } });
  await new Promise<void>((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", () => {
      worker.off("error", reject);
      resolve();
    });
  });
  return new WorkerThread(worker, options);
}

function acceptedIn(reply: Answered): AcceptedUsage | undefined {
  return "accepted" in reply ? reply.accepted : undefined;
}

function readIn(reply: Answered): AcceptedBody | null | undefined {
  return "read" in reply ? reply.read : undefined;
}

function requireFound<T>(found: T | undefined): T {
  assert(found !== undefined, "the usage thread answers what it was asked");
  return found;
}

type Answered = Exclude<NumberedReply, { readonly error: unknown }>;
type Waiting = { readonly settle: (reply: NumberedReply) => void; readonly reject: (error: unknown) => void };

class WorkerThread implements UsageThread {
  reportsWaiting = 0;
  readonly #worker: Worker;
  readonly #options: UsageThreadOptions;
  readonly #outbox = new Outbox<NumberedRequest>((requests) => this.#tell({ kind: "requests", requests }));
  readonly #waiting = new Map<number, Waiting>();
  /** Known, and not told yet to whoever waits. */
  readonly #replies: NumberedReply[] = [];
  #nextNumber = 1;
  #whenIdle: (() => void) | undefined;
  #hasEnded = false;

  constructor(worker: Worker, options: UsageThreadOptions) {
    this.#worker = worker;
    this.#options = options;
    worker.on("message", (message: FromUsageThread) => this.#receive(message));
    worker.on("error", (cause) => this.#fail(cause));
    worker.on("exit", (code) => this.#fail(new Error(`the usage thread ended with ${code}`)));
  }

  accept(request: UsageRequest, { reportsMax }: DeviceRequestLimits): Promise<AcceptedUsage> {
    const { number, found } = this.#expect(acceptedIn);
    this.#outbox.add({ number, request, reportsMax });
    return found;
  }

  acceptBody(body: Uint8Array, limits: DeviceRequestLimits): Promise<AcceptedBody | null> {
    // A copy is given away: who received the bytes may need them once more, for the answer to what was no usage report.
    const copy = new Uint8Array(body);
    const { number, found } = this.#expect(readIn);
    this.#tell({ kind: "body", number, body: copy, limits }, [copy.buffer]);
    return found;
  }

  /**
   * A number for a question, and what its reply will hold. What is asked is not known here: whatever is kept until the reply is
   * there outlives two collections, and then stays in memory for long (90 MB more at 12 000 messages, bench/README.md).
   */
  #expect<T>(read: (reply: Answered) => T | undefined): { readonly number: number; readonly found: Promise<T> } {
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    const found = new Promise<T>((resolve, reject) => {
      const settle = (reply: NumberedReply): void => {
        if ("error" in reply) reject(reply.isNotStored ? new ReportsNotStored(reply.error) : reply.error);
        else resolve(requireFound(read(reply)));
      };
      this.#waiting.set(number, { settle, reject });
    });
    return { number, found };
  }

  async close(): Promise<void> {
    if (this.#hasEnded) return;
    if (this.#waiting.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    this.#hasEnded = true;
    const ended = new Promise((resolve) => this.#worker.once("exit", resolve));
    this.#tell({ kind: "close" });
    await ended;
  }

  #tell(message: ToUsageThread, given: readonly Transferable[] = []): void {
    this.#worker.postMessage(message, given);
  }

  #receive(message: FromUsageThread): void {
    if (message.kind !== "replies") return;
    this.reportsWaiting = message.reportsWaiting;
    for (const { messages, durationSeconds } of message.commits)
      this.#options.observer.groupCommitted(messages, durationSeconds);
    const isSettling = this.#replies.length > 0;
    this.#replies.push(...message.replies);
    if (!isSettling) this.#settleSome();
  }

  #settleSome(): void {
    for (const reply of this.#replies.splice(0, repliesPerTurn)) {
      const waiting = this.#waiting.get(reply.number);
      this.#waiting.delete(reply.number);
      waiting?.settle(reply);
    }
    if (this.#replies.length > 0) setImmediate(() => this.#settleSome());
    else if (this.#waiting.size === 0) this.#whenIdle?.();
  }

  #fail(cause: unknown): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    for (const { reject } of this.#waiting.values()) reject(cause);
    this.#waiting.clear();
    this.#whenIdle?.();
    this.#options.onFailure(cause);
  }
}
