// Entry of the usage thread: a connection to the database of its own, the use case that accepts usage reports, and the
// signing key. A request that fails is answered with its error; anything else that fails ends the thread, and with it the manager.

import { X509Certificate } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { createSignerNow, encodeAnswer, type SigningIdentity } from "@countersign/protocol";
import { keepCompiledCode } from "@countersign/terminal";
import { ReportsNotStored } from "../errors.ts";
import type { SigningMaterial } from "../ports.ts";
import { openSqliteStorage } from "../storage/sqlite/sqlite-storage.ts";
import type {
  FromUsageThread,
  NumberedReply,
  NumberedRequest,
  ToUsageThread,
  UsageThreadData,
} from "../usage-thread/messages.ts";
import { Outbox } from "../usage-thread/outbox.ts";
import { openUsagePorts } from "../use-cases/accept-usage-report.ts";
import { answerUsageReport } from "../use-cases/answer-request.ts";
import { ObjectSigner } from "../use-cases/sign-objects.ts";

const port = parentPort as NonNullable<typeof parentPort>;
const { databaseFile, turns, options, signing } = workerData as UsageThreadData;
const { connectInfo } = options;
const tell = (message: FromUsageThread) => port.postMessage(message);

let identity = identityOf(signing);
let commits: { readonly messages: number; readonly durationSeconds: number }[] = [];
const clock = { now: () => Date.now() };
const storage = openSqliteStorage(databaseFile, clock.now(), turns);
const observer = {
  groupCommitted: (messages: number, durationSeconds: number) => void commits.push({ messages, durationSeconds }),
};
const signer = new ObjectSigner({ current: () => identity }, storage.read.policies);
const ports = openUsagePorts({ storage, clock, options, observer }, signer);
const outbox = new Outbox<NumberedReply>((replies) => {
  const ended = commits;
  commits = [];
  tell({ kind: "replies", replies, commits: ended, reportsWaiting: ports.commits.waitingRows });
});

port.on("message", (message: ToUsageThread) => {
  if (message.kind === "requests") for (const request of message.requests) void work(request);
  else if (message.kind === "signing") identity = identityOf(message.signing);
  else void close();
});
tell({ kind: "ready" });
keepCompiledCode();

async function work(request: NumberedRequest): Promise<void> {
  try {
    outbox.add(await answer(request));
  } catch (error) {
    const isNotStored = error instanceof ReportsNotStored;
    outbox.add({ number: request.number, error: isNotStored ? error.cause : error, isNotStored });
  }
}

async function answer({ number, request, reportsMax }: NumberedRequest): Promise<NumberedReply> {
  const { content, ...reply } = await answerUsageReport(request, ports, { reportsMax });
  const { productInstanceIdentifier } = reply;
  const context = { header: request.header, productInstanceIdentifier, connectInfo, now: clock.now() };
  const signedAnswer = await encodeAnswer(content, context, identity);
  return { ...reply, number, signedAnswer, statusCode: content.statusCode };
}

/** Signs on this thread: that is what it is for. */
function identityOf({ privateKey, certificate, chain }: SigningMaterial): SigningIdentity {
  return {
    signer: createSignerNow(privateKey),
    certificate: new X509Certificate(certificate),
    chain: chain.map((bytes) => new X509Certificate(bytes)),
  };
}

async function close(): Promise<void> {
  await storage.close();
  port.close();
}
