// For a test of turns: a thread that changes a shared number in its turns only.

import { workerData } from "node:worker_threads";
import type { SharedTurns } from "../ports.ts";
import { WriteTurns } from "../storage/sqlite/write-turns.ts";

const { shared, counter, rounds } = workerData as { shared: SharedTurns; counter: Int32Array; rounds: number };
const turns = new WriteTurns(shared);
for (let round = 0; round < rounds; round += 1) {
  await turns.begin();
  const before = counter[0] ?? 0;
  await new Promise((resolve) => setImmediate(resolve));
  counter[0] = before + 1;
  turns.end();
}
