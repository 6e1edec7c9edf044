// A program that runs for months beside others takes little memory: V8 and the C library are told so before they start, which
// only whoever starts the process can do. So the process starts itself again in its own place: same id, same streams.

import { homedir } from "node:os";
import { compiledCodeFolder } from "@countersign/terminal";

/**
 * A device does little and keeps what it has: a young generation of 1 MB instead of 16, one thread of V8 beside the main one.
 * Its optimizing compilers never run, so that neither their own code nor what they make is in memory: 8 MB.
 */
const runtimeOptions = ["--max-semi-space-size=1", "--v8-pool-size=1", "--no-opt", "--no-maglev"] as const;

/** One heap of the C library instead of one for each thread; and threads for a disk and a key at the same time. */
const environment = { MALLOC_ARENA_MAX: "1", UV_THREADPOOL_SIZE: "2" } as const;

/** Does not return where it starts anew; does nothing in a process that is small already, or where the system cannot. */
export function becomeSmall(): void {
  const { execve, execArgv, execPath, argv, env, platform } = process;
  const missing = runtimeOptions.filter((option) => !execArgv.includes(option));
  if (missing.length === 0 || execve === undefined || platform === "win32") return;
  // Named from outside it counts from the first file on, so that the compiler of TypeScript is never loaded: it takes 20 MB.
  const compiled = compiledCodeFolder(env, homedir());
  const parameters = [execPath, ...execArgv, ...missing, ...argv.slice(1)];
  execve.call(process, execPath, parameters, { ...environment, ...env, NODE_COMPILE_CACHE: compiled });
}
