// For a test: a manager whose usage thread is ended from outside, as a bug or a lack of memory would end it.

import type { Worker } from "node:worker_threads";
import { startManager } from "../program/start-manager.ts";

const [dataDirectory = ""] = process.argv.slice(2);
const threads: Worker[] = [];
process.on("worker", (thread) => threads.push(thread));
await startManager({ dataDirectory, port: 0, usageThread: "on", isProcessMeasured: false });
for (const thread of threads) await thread.terminate();
