// The device under measurement: `countersign device run` as people start it, in a process of its own, with its compiled code
// kept from an earlier start.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { executeOnDevice } from "@countersign/device";

export const commandLine = fileURLToPath(import.meta.resolve("@countersign/cli/main"));
export const sourceOptions = ["--conditions=countersign-source"] as const;

export type DeviceProcess = {
  readonly stateDirectory: string;
  /** Prints of one console line; throws when the device does not do it. */
  execute(line: string): Promise<string>;
  memory(): ResidentMemory;
  stop(): Promise<void>;
};

/** Megabytes of 1 000 000 bytes, as the kernel counts them in /proc/<pid>/status: VmRSS, and what of it is no file's. */
export type ResidentMemory = { readonly rssMegabytes: number; readonly anonymousMegabytes: number };

/** Resolves when its console answers. */
export async function startDeviceProcess(
  stateDirectory: string,
  parameters: readonly string[],
  compileCache: string,
): Promise<DeviceProcess> {
  const words = ["device", "run", "--state", stateDirectory, ...parameters];
  const child = spawn(process.execPath, [...sourceOptions, commandLine, ...words], {
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    stdio: ["ignore", "pipe", "pipe"],
  });
  await untilItSays(child, "runs; console:");
  return {
    stateDirectory,
    execute: async (line) => {
      const { outcome, output } = await executeOnDevice(stateDirectory, line);
      if (outcome !== "done") throw new Error(`${line}: ${output}`);
      return output;
    },
    memory: () => residentMemory(child.pid as number),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
  };
}

async function untilItSays(child: ChildProcess, text: string): Promise<void> {
  let said = "";
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    errors += chunk;
  });
  child.stdout?.setEncoding("utf8");
  await new Promise<void>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`The device ended with ${String(code)}. ${errors}`)));
    child.stdout?.on("data", (chunk: string) => {
      said = (said + chunk).slice(-4000);
      if (said.includes(text)) resolve();
    });
  });
}

export function residentMemory(pid: number): ResidentMemory {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const megabytes = (name: string): number =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024) / 1_000_000;
  return { rssMegabytes: megabytes("VmRSS"), anonymousMegabytes: megabytes("RssAnon") };
}
