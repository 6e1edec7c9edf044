// Closed loop: every connection sends its next message when the one before is answered, until all messages are sent.

import type { HttpAnswer, KeepAliveConnection } from "./keep-alive-connection.ts";

export type LoadResult = {
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers in the order of the messages, only those that `keep` asked for. */
  readonly kept: readonly KeptAnswer[];
};
export type KeptAnswer = { readonly index: number; readonly answer: HttpAnswer };

export type Load = {
  readonly connections: readonly KeepAliveConnection[];
  readonly path: string;
  readonly messages: readonly Uint8Array[];
  readonly signal: AbortSignal;
  /** Which answers to keep for verification after the timed part; every other one is only looked at for its status. */
  readonly keepEvery: number;
};

/** Sends everything once. Throws if an answer is not HTTP 200, FAILED or OK_TRY_AGAIN: what was not taken would make the figure a lie. */
export async function runClosedLoop(load: Load): Promise<LoadResult> {
  const { connections, messages } = load;
  const latenciesMs = new Float64Array(messages.length);
  const kept: KeptAnswer[] = [];
  let next = 0;
  const work = async (connection: KeepAliveConnection): Promise<void> => {
    while (next < messages.length) {
      load.signal.throwIfAborted();
      const index = next;
      next += 1;
      const sentAtMs = performance.now();
      const answer = await connection.post(load.path, messages[index] as Uint8Array);
      latenciesMs[index] = performance.now() - sentAtMs;
      requireTaken(answer);
      if (index % load.keepEvery === 0) kept.push({ index, answer });
    }
  };
  const startedAtMs = performance.now();
  await Promise.all(connections.map(work));
  const seconds = (performance.now() - startedAtMs) / 1000;
  latenciesMs.sort();
  return {
    seconds,
    perSecond: messages.length / seconds,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
    kept: kept.sort((one, other) => one.index - other.index),
  };
}

const notTaken = ["FAILED", "OK_TRY_AGAIN"].map((code) => Buffer.from(`\\"status_code\\":\\"${code}\\"`));

function requireTaken(answer: HttpAnswer): void {
  if (answer.status === 200 && !notTaken.some((code) => answer.body.includes(code))) return;
  const text = answer.body.toString("utf8");
  // What a refusal says stands behind the header, which says nothing.
  throw new Error(`HTTP ${answer.status}: ${text.slice(Math.max(0, text.indexOf("status_code"))).slice(0, 600)}`);
}

/** The value that the given share of the samples does not pass. The samples must ascend. */
export function percentile(ascending: Float64Array, share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.ceil(ascending.length * share) - 1)] ?? 0;
}
