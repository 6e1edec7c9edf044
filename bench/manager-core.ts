// The manager without HTTP and TLS, in this process: bytes in, bytes out, on a real database file. Shows what the core costs
// and where . Not one of the published figures.
//
//   node bench/manager-core.ts [single|batch|enrol] [messages] [concurrency] [file for a processor profile]

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Session } from "node:inspector/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRequestHandler, initManager, openManager } from "@countersign/manager";
import { parseCertificate } from "@countersign/protocol";
import { createDeviceKeys } from "./load/device-keys.ts";
import { createEnrollees, encodeEnrolments } from "./load/enrolment-messages.ts";
import { readTrust } from "./load/trusted-instances.ts";
import { encodeUsageMessages, type ReportingInstance } from "./load/usage-messages.ts";

const [kind = "single", messagesText = "4000", concurrencyText = "64", profileFile] = process.argv.slice(2);
const messageCount = Number(messagesText);
const concurrency = Number(concurrencyText);
const instanceCount = kind === "enrol" ? messageCount : 200;
const reportsPerMessage = kind === "batch" ? 1000 : 1;

const dataDirectory = await mkdtemp(join(tmpdir(), "countersign-core-"));
const { rootCertificatePem } = await initManager({ dataDirectory, smartAccount: "Bench" });
const manager = await openManager({ dataDirectory, logLevel: "silent", isProcessMeasured: false });
const handle = createRequestHandler(manager, "relay");
try {
  const { text: token } = await manager.administration.createToken({
    usesMax: instanceCount,
    cause: { kind: "operator", name: "bench" },
  });
  const keys = await createDeviceKeys("rsa-2048", 16);
  const enrolments = await encodeEnrolments(token, createEnrollees("CORE", instanceCount, keys));
  const root = parseCertificate(rootCertificatePem);
  const answers: Uint8Array[] = [];
  const enrolSeconds = await timed(enrolments.length, async (at) => {
    answers[at] = await handle((enrolments[at] as (typeof enrolments)[number]).body);
  });
  if (kind === "enrol") print("enrol", enrolments.length, enrolSeconds);
  else {
    const instances: ReportingInstance[] = [];
    for (const [at, message] of enrolments.entries()) {
      instances.push(await readTrust(message, { status: 200, body: answers[at] as Buffer } as never, root));
    }
    const messages = await encodeUsageMessages(instances, messageCount, reportsPerMessage);
    const before = process.cpuUsage();
    const threadBefore = process.threadCpuUsage();
    const seconds = await timed(messages.length, async (at) => {
      await handle((messages[at] as (typeof messages)[number]).body);
    });
    const { user, system } = process.cpuUsage(before);
    const thread = process.threadCpuUsage(threadBefore);
    print(kind, messages.length * reportsPerMessage, seconds);
    const perMessage = (used: { user: number; system: number }) =>
      Math.round((used.user + used.system) / messages.length);
    console.log(
      `processor time ${perMessage({ user, system })} us a message, ${perMessage(thread)} us of it on the main thread`,
    );
    const [license] = await manager.administration.listLicenses({});
    console.log(`in use ${license?.inUse} on ${license?.installations} installations`);
  }
} finally {
  await manager.close();
  await rm(dataDirectory, { recursive: true, force: true });
}

/** Runs `count` calls, `concurrency` at a time; answers seconds. */
async function timed(count: number, call: (at: number) => Promise<void>): Promise<number> {
  let next = 0;
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  if (profileFile !== undefined) await session.post("Profiler.start");
  const started = performance.now();
  const worker = async () => {
    while (next < count) await call(next++);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - started) / 1000;
  if (profileFile !== undefined)
    await writeFile(profileFile, JSON.stringify((await session.post("Profiler.stop")).profile));
  session.disconnect();
  return seconds;
}

function print(name: string, count: number, seconds: number): void {
  console.log(`${name}: ${Math.round(count / seconds)}/s (${count} in ${seconds.toFixed(2)} s)`);
}
