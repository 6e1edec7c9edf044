// What the intake figures share: trusted instances, messages signed ahead, a warm-up, the timed part, verified answers.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchContext } from "../figure.ts";
import { type LoadResult, runClosedLoop } from "../load/closed-loop.ts";
import type { LoadTarget } from "../load/keep-alive-connection.ts";
import type { ReportingInstance, UsageMessage } from "../load/usage-messages.ts";
import { verifyAcknowledgements } from "../load/verify-acknowledgements.ts";
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

/** Sends warm-up and timed messages to a manager, and verifies a sample of what it answered. */
export async function loadManager(
  target: LoadTarget,
  connectionCount: number,
  messages: IngestMessages,
  signal: AbortSignal,
): Promise<LoadResult> {
  const result = await load(target, connectionCount, messages, signal);
  await verifyAcknowledgements(messages.timed, result.kept, rootOf(target));
  return result;
}

function load(
  target: LoadTarget,
  connectionCount: number,
  messages: IngestMessages,
  signal: AbortSignal,
): Promise<LoadResult> {
  return withConnections(target, connectionCount, async (connections) => {
    const common = { connections, path: messages.path, signal, keepEvery: verifyEvery };
    await runClosedLoop({ ...common, messages: messages.warmUp.map(({ body }) => body) });
    return runClosedLoop({ ...common, messages: messages.timed.map(({ body }) => body) });
  });
}

/** The same messages to the ceiling, which is given the public keys. */
export async function loadCeiling(
  context: BenchContext,
  connectionCount: number,
  messages: IngestMessages,
  publicKeys: ReadonlyMap<string, string>,
): Promise<LoadResult> {
  const keyFile = join(context.directory, "public-keys.json");
  writeFileSync(keyFile, JSON.stringify(Object.fromEntries(publicKeys)));
  return withCeiling("ingest", [context.directory, keyFile], (ceiling) =>
    load(ceiling.ready, connectionCount, messages, context.signal),
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
