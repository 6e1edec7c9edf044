// The other half of child-program.ts: what a program under measurement says to the bench, and when it ends.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { ChildUsage } from "./child-program.ts";

const megabyte = 1_000_000;

function usageNow(): ChildUsage {
  const all = process.cpuUsage();
  const main = process.threadCpuUsage();
  return {
    rssMegabytes: process.memoryUsage.rss() / megabyte,
    peakMegabytes: (peakKibibytes() * 1024) / megabyte,
    cpuMs: (all.user + all.system) / 1000,
    mainThreadCpuMs: (main.user + main.system) / 1000,
  };
}

/**
 * Not what the process's accounting says (`maxRSS`): Linux carries that from before the program was started, so that it is the
 * size of whoever started it when that one was larger, and the bench is. The memory itself counts from its own start.
 */
function peakKibibytes(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS;
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kibibytes);
}

/** Prints the first line, answers questions, and calls `stop` once when the bench closes our standard input. */
export function serveParent(ready: object, stop: () => Promise<void>): void {
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  const lines = createInterface({ input: process.stdin });
  lines.on("line", () => {
    process.stdout.write(`${JSON.stringify(usageNow())}\n`);
  });
  lines.once("close", () => {
    stop().then(
      () => process.stdin.destroy(),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exitCode = 1;
      },
    );
  });
}
