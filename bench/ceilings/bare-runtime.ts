// The runtime alone: what starts and stays whatever is written in JavaScript. No TypeScript, so that no compiler is counted.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { type ResidentMemory, residentMemory } from "../programs/device-process.ts";

const withTls = `
  require("node:tls").createSecureContext();
  require("node:crypto").generateKeyPairSync("ec", { namedCurve: "P-256" });
  process.stdout.write("ready\\n");
  process.stdin.resume();
`;

/** Node with TLS and keys loaded and nothing to do, started with a device's options. */
export async function bareRuntimeMemory(): Promise<ResidentMemory> {
  const options = ["--max-semi-space-size=1", "--v8-pool-size=1"];
  const child = spawn(process.execPath, [...options, "-e", withTls], {
    env: { ...process.env, NODE_OPTIONS: "", MALLOC_ARENA_MAX: "1" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  const memory = residentMemory(child.pid as number);
  const gone = once(child, "exit");
  child.stdin.end();
  await gone;
  return memory;
}

/** Milliseconds until the first word of each of `count` starts of a program that prints one. */
export async function bareStarts(count: number): Promise<Float64Array> {
  const samplesMs = new Float64Array(count);
  for (let index = 0; index < count; index += 1) {
    const startedAtMs = performance.now();
    const child = spawn(process.execPath, ["-e", 'process.stdout.write("ready")'], {
      env: { ...process.env, NODE_OPTIONS: "" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const gone = once(child, "exit");
    await once(child.stdout, "data");
    samplesMs[index] = performance.now() - startedAtMs;
    await gone;
  }
  return samplesMs;
}
