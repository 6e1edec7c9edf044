// Entry of the usage thread: a connection to the database of its own, and the use case that accepts usage reports. A request that fails is answered with its error; anything else that fails ends the thread, and with it the manager.

import { parentPort, workerData } from "node:worker_threads";
import { keepCompiledCode } from "@countersign/terminal";
import { ReportsNotStored } from "../errors.ts";
import { openSqliteStorage } from "../storage/sqlite/sqlite-storage.ts";
import type { FromUsageThread, NumberedReply, ToUsageThread, UsageThreadData } from "../usage-thread/messages.ts";
import { Outbox } from "../usage-thread/outbox.ts";
import { type AcceptedBody, type AcceptedUsage, openUsagePorts } from "../use-cases/accept-usage-report.ts";
import { acceptBody, acceptOrRefuse } from "../use-cases/answer-request.ts";

/** Below this many messages, writing them in two transactions costs more than it wins (bench/README.md). */
const wholeGroupsMax = 24;

const port = parentPort as NonNullable<typeof parentPort>;
const { databaseFile, turns, options } = workerData as UsageThreadData;
const tell = (message: FromUsageThread) => port.postMessage(message);

let commits: { readonly messages: number; readonly durationSeconds: number }[] = [];
const clock = { now: () => Date.now() };
const storage = openSqliteStorage(databaseFile, clock.now(), turns);
const observer = {
  groupCommitted: (messages: number, durationSeconds: number) => void commits.push({ messages, durationSeconds }),
};
const ports = openUsagePorts({ storage, clock, options, observer }, wholeGroupsMax);
const outbox = new Outbox<NumberedReply>((replies) => {
  const ended = commits;
  commits = [];
  tell({ kind: "replies", replies, commits: ended, reportsWaiting: ports.commits.waitingRows });
});

port.on("message", (message: ToUsageThread) => {
  switch (message.kind) {
    case "requests":
      for (const { number, request, reportsMax } of message.requests)
        void answer(number, acceptOrRefuse(request, ports, { reportsMax }).then(asAccepted));
      break;
    case "body":
      void answer(message.number, acceptBody(message.body, ports, message.limits).then(asRead));
      break;
    case "close":
      void close();
      break;
    default:
      message satisfies never;
  }
});
tell({ kind: "ready" });
keepCompiledCode();

// No closures of the message: what holds it until the answer is there makes it outlive the collections of the young generation.
const asAccepted = (accepted: AcceptedUsage) => ({ accepted });
const asRead = (read: AcceptedBody | null) => ({ read });

async function answer(number: number, result: Promise<ReturnType<typeof asAccepted> | ReturnType<typeof asRead>>) {
  try {
    outbox.add({ number, ...(await result) });
  } catch (error) {
    const isNotStored = error instanceof ReportsNotStored;
    outbox.add({ number, error: isNotStored ? error.cause : error, isNotStored });
  }
}

async function close(): Promise<void> {
  await storage.close();
  port.close();
}
