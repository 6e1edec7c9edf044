// The shape of a command. Programs export plain objects of this shape; the command line finds, parses and runs them.

import type { Writable } from "node:stream";

export type OptionDescription = {
  readonly type: "string" | "boolean";
  readonly description: string;
  readonly short?: string;
  readonly multiple?: boolean;
};

export type CommandInput = {
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
  readonly positionals: readonly string[];
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly json: boolean;
  /** Aborted by the first interrupt; a second one ends the process. */
  readonly signal: AbortSignal;
};

export type Command = {
  readonly name: string;
  readonly summary: string;
  /** What stands after the command's name, e.g. `<token> [--force]`. */
  readonly usage?: string;
  readonly options?: Readonly<Record<string, OptionDescription>>;
  readonly subcommands?: readonly Command[];
  /** Loads the commands below only when they are asked for, so that each program starts as fast as it can. */
  readonly load?: () => Promise<readonly Command[]>;
  /** Loads the command itself when it is asked for; name and summary stand here already. */
  readonly loadSelf?: () => Promise<Command>;
  /** Runs for months beside other programs: its process is started for little memory. */
  readonly isDaemon?: true;
  /** Returns the exit code. */
  readonly run?: (input: CommandInput) => Promise<number>;
};

/** The exit codes of every command (docs/reference/cli.md). */
export const exitCodes = {
  0: "done",
  1: "failed; the reason stands on standard error",
  2: "the command line is wrong",
  3: "refused by the manager or by a rule, with its code",
  4: "the other side could not be reached",
} as const;
