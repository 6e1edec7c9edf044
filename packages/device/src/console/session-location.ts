// Where a session stands after a line. Pure.

import type { CommandResult, ConsoleLocation } from "./command-context.ts";
import { type ConsoleMode, enclosingModes, isConfigurationMode } from "./command-node.ts";

export const privilegedExec: ConsoleLocation = { mode: "exec", name: null };

/** Null when the session ends. `mode` is the one that took the line: a command of an enclosing mode leaves the mode below it. */
export function locationAfter(
  before: ConsoleLocation,
  { mode, session }: Pick<CommandResult, "session"> & { readonly mode?: ConsoleMode },
): ConsoleLocation | null {
  const at = mode !== undefined && enclosingModes(before.mode).includes(mode) ? { mode, name: null } : before;
  if (session?.type === "go to") return session.location;
  if (session?.type === "end") return isConfigurationMode(at.mode) ? privilegedExec : at;
  if (session?.type === "exit") return exitFrom(at);
  return at;
}

function exitFrom({ mode }: ConsoleLocation): ConsoleLocation | null {
  const [enclosing] = enclosingModes(mode);
  if (enclosing !== undefined) return { mode: enclosing, name: null };
  return mode === "config" ? privilegedExec : null;
}
