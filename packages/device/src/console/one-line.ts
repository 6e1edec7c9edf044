// One line, one answer: for a console without a session, and for one line of a session. Where nobody can be asked, what a
// command asks back is agreed to or answered with its fallback.

import type { CommandContext, CommandResult } from "./command-context.ts";
import type { ConsoleMode } from "./command-node.ts";
import { type ExecutedCommand, executeLine } from "./execute-line.ts";
import type { SessionEffect } from "./session/console-session.ts";

export type Asked = Pick<CommandContext, "reader" | "control" | "options" | "user" | "loggedIn" | "tree">;

/** Takes commands of EXEC and of global configuration unless told otherwise. */
export async function executeOneLine(
  line: string,
  { tree, modes = ["exec", "config"], ...asked }: Asked & { readonly modes?: readonly ConsoleMode[] },
): Promise<CommandResult> {
  const context: CommandContext = { ...asked, tree, location: { mode: "exec", name: null }, history: [] };
  const result = await executeLine(line, context, { tree, modes, repeatsLine: true, promptWidth: 0 });
  return withoutQuestions(result);
}

async function withoutQuestions(result: CommandResult): Promise<CommandResult> {
  const request = result.session;
  if (request?.type === "confirm") return withoutQuestions(await request.proceed());
  if (request?.type === "ask") return withoutQuestions(await request.answer(request.fallback));
  if (request?.type !== "paste") return result;
  return {
    outcome: "refused",
    text: "% This command needs a session, for its lines to be pasted into.",
    json: { outcome: "refused", code: "session_needed", message: "This command needs a session." },
  };
}

export type SessionRun = Extract<SessionEffect, { readonly type: "run" }>;

export function executeInSession(run: SessionRun, { tree, ...asked }: Asked): Promise<ExecutedCommand> {
  const { line, modes, location, promptWidth, history } = run;
  return executeLine(line, { ...asked, tree, location, history }, { tree, modes, repeatsLine: false, promptWidth });
}
