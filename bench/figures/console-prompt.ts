// console-prompt: what a person waits for between `countersign device console` and the prompt of a running device.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { bareStarts } from "../ceilings/bare-runtime.ts";
import { type BenchContext, type Figure, figureOf } from "../figure.ts";
import { percentile } from "../load/closed-loop.ts";
import { commandLine, sourceOptions, startDeviceProcess } from "../programs/device-process.ts";

const starts = 30;
const warmUpStarts = 3;

export async function measureConsolePrompt(context: BenchContext): Promise<Figure> {
  const compileCache = join(context.directory, "compiled");
  const state = join(context.directory, "device");
  mkdirSync(state);
  const parameters = ["--platform", "c9300-stack", "--url", "https://localhost:1/licservice/license"];
  const device = await startDeviceProcess(state, parameters, compileCache);
  const samplesMs = new Float64Array(starts);
  try {
    context.progress(`${starts} consoles`);
    for (let start = -warmUpStarts; start < starts; start += 1) {
      context.signal.throwIfAborted();
      const tookMs = await timeToPrompt(state, compileCache);
      if (start >= 0) samplesMs[start] = tookMs;
    }
  } finally {
    await device.stop();
  }
  const p50Ms = percentile(samplesMs.sort(), 0.5);
  return figureOf({
    name: "console-prompt",
    value: p50Ms,
    unit: "ms",
    ceiling: percentile((await bareStarts(starts)).sort(), 0.5),
    p50Ms,
    p99Ms: percentile(samplesMs, 0.99),
    note:
      `Median of ${starts} starts of \`countersign device console\` on a running device, from the start of the process to its prompt; ` +
      "compiled code kept from an earlier start. Floor: Node prints a word. Less is better.",
  });
}

async function timeToPrompt(state: string, compileCache: string): Promise<number> {
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [...sourceOptions, commandLine, "device", "console", "--state", state], {
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const gone = once(child, "exit");
  let said = "";
  for await (const chunk of child.stdout.setEncoding("utf8")) {
    said += chunk as string;
    if (/[>#]\s*$/.test(said)) break;
  }
  const tookMs = performance.now() - startedAtMs;
  child.stdin.end();
  await gone;
  if (!/[>#]\s*$/.test(said)) throw new Error(`The console ended without a prompt: ${said}`);
  return tookMs;
}
