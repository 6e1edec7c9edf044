// What a command of the console may use: values to show, and, on a running device only, the means to change something.

import type { ControlOutcome, DeviceControl } from "../device-control.ts";
import type { LicenseReader, LoggedInUser } from "../license-view.ts";
import type { ShowOptions } from "../render/show-text.ts";
import type { CommandNode, ConsoleMode } from "./command-node.ts";
import type { Arguments } from "./parse-command.ts";

/** What a command says. `json` is the same answer for programs. */
export type CommandResult = {
  /** `mistake`: the line is no command. `refused`: it is, and the device says no. `failed`: it could not be carried out. */
  readonly outcome: "done" | "mistake" | "refused" | "failed";
  readonly text: string;
  readonly json: unknown;
  /** What the answer asks of the session that it was typed in; nothing where there is none. */
  readonly session?: SessionRequest;
};

/** Where a session stands; `name` is that of the trustpoint. */
export type ConsoleLocation = { readonly mode: ConsoleMode; readonly name: string | null };

export type SessionRequest =
  | { readonly type: "go to"; readonly location: ConsoleLocation }
  | { readonly type: "exit" | "end" | "enable" | "disable" }
  | { readonly type: "close" }
  | { readonly type: "set length" | "set width"; readonly value: number }
  | { readonly type: "monitor"; readonly isOn: boolean }
  /** One key: enter or y agree. Where nobody can be asked, agreement is taken for granted. */
  | { readonly type: "confirm"; readonly question: string; readonly proceed: () => Promise<CommandResult> }
  /** A word and enter; `fallback` is what is answered where nobody can be asked. */
  | {
      readonly type: "ask";
      readonly question: string;
      readonly fallback: string;
      readonly answer: (text: string) => Promise<CommandResult>;
    }
  /** Lines up to a blank one or the word quit. */
  | {
      readonly type: "paste";
      readonly invitation: string;
      readonly finish: (text: string) => Promise<CommandResult>;
    };

export type CommandContext = {
  readonly reader: LicenseReader;
  readonly location: ConsoleLocation;
  /** What lines of a file are taken by. */
  readonly tree: readonly ConsoleNode[];
  /** Who typed it, for the log. */
  readonly user: string;
  /** Who is logged in; nobody where only a stored state is looked at. */
  readonly loggedIn: readonly LoggedInUser[];
  /** Null where only a stored state is looked at. */
  readonly control: DeviceControl | null;
  readonly options: ShowOptions;
  /** Lines typed in this session, oldest first; none where there is no session. */
  readonly history: readonly string[];
};

export type CommandHandler = (context: CommandContext, given: Arguments) => Promise<CommandResult>;
export type ConsoleNode = CommandNode<CommandHandler>;

export function shown(text: string, json: unknown): CommandResult {
  return { outcome: "done", text, json };
}

/** What a change prints: the given text when it was done, the reason when it was refused. */
export function answerOf(outcome: ControlOutcome, textWhenDone: string): CommandResult {
  if (outcome.outcome === "done") return { outcome: "done", text: textWhenDone, json: outcome };
  return { outcome: "refused", text: `% ${outcome.message} ${outcome.remedy}`.trimEnd(), json: outcome };
}

/** Runs a change on a running device; where none runs, says so. */
export function changing(
  run: (control: DeviceControl, given: Arguments) => Promise<ControlOutcome>,
  textWhenDone = "",
): CommandHandler {
  return async ({ control }, given) =>
    answerOf(control === null ? notRunning : await run(control, given), textWhenDone);
}

export const notRunning: ControlOutcome = {
  outcome: "refused",
  code: "device_not_running",
  message: "The device is not running: its stored state can be shown, not changed.",
  remedy: "Start it with `countersign device run`, then enter the command again.",
};
