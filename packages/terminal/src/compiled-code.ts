// Half of what a program costs before it begins is reading and compiling the same files again. Node keeps compiled code
// between starts, by itself only when a process ends in order, and by default in a folder that every user of the machine
// can write to, where somebody else's code could lie in wait. So the folder is the user's own.

import module from "node:module";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** A folder named by the environment (`NODE_COMPILE_CACHE`) is taken as it is. */
export function enableCompiledCode(environment: NodeJS.ProcessEnv = process.env): void {
  if (environment.NODE_DISABLE_COMPILE_CACHE !== "1")
    module.enableCompileCache(compiledCodeFolder(environment, homedir()));
}

/** Keeps now what has been compiled so far: a process that is killed later would keep nothing. */
export function keepCompiledCode(): void {
  module.flushCompileCache();
}

/** Where compiled code is kept (XDG Base Directory Specification: a relative path in the environment does not count). */
export function compiledCodeFolder(environment: NodeJS.ProcessEnv, home: string): string {
  const { NODE_COMPILE_CACHE: named, XDG_CACHE_HOME: caches } = environment;
  if (named) return named;
  return join(caches && isAbsolute(caches) ? caches : join(home, ".cache"), "countersign", "compiled");
}
