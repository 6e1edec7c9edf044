// `globalThis.gc` without a flag on the command line: how much lives is known only after everything else was collected.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export function exposeGarbageCollection(): void {
  setFlagsFromString("--expose-gc");
  globalThis.gc = runInNewContext("gc");
}
