// agent-append-365d: what a product waits for when a count changes, in an agent that has had no acknowledgement for a year.
// The year passes in memory with a manual clock; then the agent starts again on real files, and every change is durable
// before it counts.

import { join } from "node:path";
import { type Agent, createAgent, type Disk, FileDisk, MemoryDisk, TransportFailure } from "@countersign/agent";
import { ManualTime } from "@countersign/simulation";
import { measureRawAppends } from "../ceilings/append-ceiling.ts";
import { createSelfSignedCertificate } from "../ceilings/self-signed-certificate.ts";
import { type BenchContext, type Figure, figureOf } from "../figure.ts";
import { percentile } from "../load/closed-loop.ts";
import { productTag } from "../load/wire-constants.ts";

const days = 365;
const dayMs = 86_400_000;
const startAtMs = Date.UTC(2031, 0, 1);
const timedChanges = 500;
const warmUpChanges = 100;
/** About what the agent appends to its reports for one change. */
const appendBytes = 512;
const tags = [1, 2, 3].map(
  (number) => `regid.2017-03.com.example.feature${number},1.0_f1ca5bb9-d0b1-4d5a-8f20-6a2ca4e83a5${number}`,
);

export async function measureAgentAppend(context: BenchContext): Promise<Figure> {
  const time = new ManualTime(startAtMs);
  const memory = new MemoryDisk();
  context.progress(`${days} days without an acknowledgement`);
  await useForDays(memory, time, context.signal);
  const stateDirectory = join(context.directory, "agent");
  await copyFiles(memory, await FileDisk.open(stateDirectory));
  context.progress(`${timedChanges} changes`);
  const agent = await openAgent(stateDirectory, time);
  const reports = agent.reports().length;
  const samplesMs = await timeChanges(agent, time);
  await agent.stop();
  const rawMs = measureRawAppends(context.directory, timedChanges, appendBytes).sort();
  const p50Ms = percentile(samplesMs, 0.5);
  return figureOf({
    name: "agent-append-365d",
    value: p50Ms,
    unit: "ms",
    ceiling: percentile(rawMs, 0.5),
    p50Ms,
    p99Ms: percentile(samplesMs, 0.99),
    note:
      `Median of ${timedChanges} changes of a count, each durable in the stored state, with ${days} un-ACKed days and ${reports} reports in ` +
      `the store; ${tags.length} entitlements that changed twice a day. Floor: ${appendBytes} bytes appended to a file and flushed. Less is better.`,
  });
}

async function useForDays(disk: Disk, time: ManualTime, signal: AbortSignal): Promise<void> {
  const agent = await openAgent(disk, time);
  for (let halfDay = 0; halfDay < 2 * days; halfDay += 1) {
    signal.throwIfAborted();
    for (const [index, tag] of tags.entries())
      await agent.request(tag, 1 + ((halfDay + index) % 5), { licenseClass: "subscription" });
    await time.advanceTo(startAtMs + ((halfDay + 1) * dayMs) / 2, () => agent.idle());
  }
  await agent.stop();
}

/** Nobody answers: every exchange fails at once, as with a cut line. */
function openAgent(stateDirectory: string | Disk, time: ManualTime): Promise<Agent> {
  return createAgent({
    stateDirectory,
    product: {
      softwareTag: productTag,
      softwareVersion: "17.12.1",
      hostname: "bench",
      members: [{ udi: { pid: "C9300-48UXM", serialNumber: "AGENT0000001" }, role: "Active" }],
    },
    transport: { type: "smart", url: "https://localhost:1/licservice/license" },
    trustAnchors: createSelfSignedCertificate(Date.now()).certificate,
    clock: time,
    timers: time,
    exchange: () => Promise.reject(new TransportFailure("connection_refused", "nobody listens")),
  });
}

async function copyFiles(from: Disk, to: Disk): Promise<void> {
  for (const folder of ["", "reports"]) {
    for (const file of await from.list(folder)) {
      const name = folder === "" ? file : `${folder}/${file}`;
      const bytes = await from.read(name);
      if (bytes !== null) await to.replace(name, bytes);
    }
  }
}

async function timeChanges(agent: Agent, time: ManualTime): Promise<Float64Array> {
  const samplesMs = new Float64Array(timedChanges);
  for (let change = -warmUpChanges; change < timedChanges; change += 1) {
    await time.advanceTo(time.now() + 60_000, () => agent.idle());
    const tag = tags[Math.abs(change) % tags.length] as string;
    const startedAtMs = performance.now();
    await agent.request(tag, 10 + (Math.abs(change) % 7));
    if (change >= 0) samplesMs[change] = performance.now() - startedAtMs;
  }
  return samplesMs.sort();
}
