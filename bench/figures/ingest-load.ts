// What the intake figures share: trusted instances, messages signed ahead, a warm-up, the timed part, verified answers.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchContext } from "../figure.ts";
import { type LoadResult, runClosedLoop } from "../load/closed-loop.ts";
import type { LoadTarget } from "../load/keep-alive-connection.ts";
import type { ReportingInstance, UsageMessage } from "../load/usage-messages.ts";
import { verifyAcknowledgements } from "../load/verify-acknowledgements.ts";
import type { ChildProgram } from "../programs/child-program.ts";
import { rootOf, withCeiling, withConnections } from "../programs/manager-session.ts";

export type IngestMessages = {
  /** Where they are posted: devices and relays have paths and limits of their own. */
  readonly path: string;
  /** Sent before the clock starts: compiled code and filled caches are the state of every manager but a new one. */
  readonly warmUp: readonly UsageMessage[];
  readonly timed: readonly UsageMessage[];
};

/** Share of the answers that is verified after the timed part. */
const verifyEvery = 50;

export type IngestResult = LoadResult & {
  /** Processor time of the program per timed message, in microseconds: all its threads, and its main thread. */
  readonly cpuMicroseconds: number;
  readonly mainThreadMicroseconds: number;
};

/** Sends warm-up and timed messages to a manager, and verifies a sample of what it answered. */
export async function loadManager(
  manager: ChildProgram<LoadTarget>,
  connectionCount: number,
  messages: IngestMessages,
  signal: AbortSignal,
): Promise<IngestResult> {
  const result = await load(manager, connectionCount, messages, signal);
  await verifyAcknowledgements(messages.timed, result.kept, rootOf(manager.ready));
  return result;
}

function load(
  program: ChildProgram<LoadTarget>,
  connectionCount: number,
  messages: IngestMessages,
  signal: AbortSignal,
): Promise<IngestResult> {
  return withConnections(program.ready, connectionCount, async (connections) => {
    const common = { connections, path: messages.path, signal, keepEvery: verifyEvery };
    await runClosedLoop({ ...common, messages: messages.warmUp.map(({ body }) => body) });
    const before = await program.usage();
    const result = await runClosedLoop({ ...common, messages: messages.timed.map(({ body }) => body) });
    const after = await program.usage();
    const perMessage = (ms: number) => (ms * 1000) / messages.timed.length;
    return {
      ...result,
      cpuMicroseconds: perMessage(after.cpuMs - before.cpuMs),
      mainThreadMicroseconds: perMessage(after.mainThreadCpuMs - before.mainThreadCpuMs),
    };
  });
}

/** The same messages to the ceiling, which is given the public keys. */
export async function loadCeiling(
  context: BenchContext,
  connectionCount: number,
  messages: IngestMessages,
  publicKeys: ReadonlyMap<string, string>,
): Promise<IngestResult> {
  const keyFile = join(context.directory, "public-keys.json");
  writeFileSync(keyFile, JSON.stringify(Object.fromEntries(publicKeys)));
  return withCeiling("ingest", [context.directory, keyFile], (ceiling) =>
    load(ceiling, connectionCount, messages, context.signal),
  );
}

/** Certificate serial → base64 of the DER public key. */
export function publicKeysOf(instances: readonly ReportingInstance[]): ReadonlyMap<string, string> {
  const keys = instances.map(({ certificateSerial, publicKey }) => {
    const bytes = publicKey.export({ type: "spki", format: "der" });
    return [certificateSerial, bytes.toString("base64")] as const;
  });
  return new Map(keys);
}

/** Processor time as the notes tell it: all threads (main thread). */
export function formatCost({ cpuMicroseconds, mainThreadMicroseconds }: IngestResult): string {
  return `${cpuMicroseconds.toFixed(0)} (${mainThreadMicroseconds.toFixed(0)})`;
}
