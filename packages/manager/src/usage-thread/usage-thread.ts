// The main thread's side of the usage thread. While the main thread speaks TLS and HTTP and reads messages, the other one
// verifies, writes and signs, so that a manager with two processors uses both (docs/decisions/0018).

import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { ReportsNotStored } from "../errors.ts";
import type { ManagerOptions, Observer, SharedTurns, SigningMaterial, UsageThreadPort } from "../ports.ts";
import type { UsageRequest } from "../use-cases/accept-usage-report.ts";
import type { DeviceReply, DeviceRequestLimits } from "../use-cases/use-cases.ts";
import type { FromUsageThread, NumberedReply, NumberedRequest, ToUsageThread, UsageThreadData } from "./messages.ts";
import { Outbox } from "./outbox.ts";

export type UsageThreadOptions = {
  readonly databaseFile: string;
  readonly turns: SharedTurns;
  readonly options: ManagerOptions;
  readonly observer: Observer;
  /** Asked before requests are sent; another object than before is sent to the thread. */
  readonly signing: () => SigningMaterial;
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
  const { databaseFile, turns, signing } = options;
  const workerData: UsageThreadData = { databaseFile, turns, options: options.options, signing: signing() };
  const worker = new Worker(entry, { name: "usage", workerData });
  await new Promise<void>((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", () => {
      worker.off("error", reject);
      resolve();
    });
  });
  return new WorkerThread(worker, options, workerData.signing);
}

type Waiting = { readonly resolve: (reply: DeviceReply) => void; readonly reject: (error: unknown) => void };

class WorkerThread implements UsageThread {
  reportsWaiting = 0;
  readonly #worker: Worker;
  readonly #options: UsageThreadOptions;
  readonly #outbox = new Outbox<NumberedRequest>((requests) => this.#send(requests));
  readonly #waiting = new Map<number, Waiting>();
  #signing: SigningMaterial;
  #nextNumber = 1;
  #whenIdle: (() => void) | undefined;
  #hasEnded = false;

  constructor(worker: Worker, options: UsageThreadOptions, signing: SigningMaterial) {
    this.#worker = worker;
    this.#options = options;
    this.#signing = signing;
    worker.on("message", (message: FromUsageThread) => this.#receive(message));
    worker.on("error", (cause) => this.#fail(cause));
    worker.on("exit", (code) => this.#fail(new Error(`the usage thread ended with ${code}`)));
  }

  answer(request: UsageRequest, { reportsMax }: DeviceRequestLimits): Promise<DeviceReply> {
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#outbox.add({ number, request, reportsMax });
    });
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

  #send(requests: readonly NumberedRequest[]): void {
    const signing = this.#options.signing();
    if (signing !== this.#signing) {
      this.#signing = signing;
      this.#tell({ kind: "signing", signing });
    }
    this.#tell({ kind: "requests", requests });
  }

  #tell(message: ToUsageThread): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromUsageThread): void {
    if (message.kind !== "replies") return;
    this.reportsWaiting = message.reportsWaiting;
    for (const { messages, durationSeconds } of message.commits)
      this.#options.observer.groupCommitted(messages, durationSeconds);
    for (const reply of message.replies) this.#settle(reply);
    if (this.#waiting.size === 0) this.#whenIdle?.();
  }

  #settle(reply: NumberedReply): void {
    const waiting = this.#waiting.get(reply.number);
    this.#waiting.delete(reply.number);
    if ("error" in reply) waiting?.reject(reply.isNotStored ? new ReportsNotStored(reply.error) : reply.error);
    else waiting?.resolve(replyOf(reply));
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

function replyOf(reply: Exclude<NumberedReply, { readonly error: unknown }>): DeviceReply {
  const { statusCode, signedAnswer, productInstanceIdentifier, refusal, reports } = reply;
  const content = { statusCode, statusMessage: "", retryTimeSeconds: 0, data: null };
  return { content, productInstanceIdentifier, refusal, reports, signedAnswer };
}
