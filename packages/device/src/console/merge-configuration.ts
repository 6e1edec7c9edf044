// Lines of a file as if they were typed in configuration mode, one after the other: what is in force stays, but for what a line
// changes. A line that is refused is said, and the next one is taken all the same, as on real consoles.

import type { CommandContext, CommandResult, ConsoleLocation, SessionRequest } from "./command-context.ts";
import { enclosingModes } from "./command-node.ts";
import { executeLine } from "./execute-line.ts";
import { locationAfter } from "./session-location.ts";

export type Merged = {
  readonly lines: number;
  /** What lines said that were not simply taken. */
  readonly said: readonly string[];
  readonly refused: number;
};

const configuration: ConsoleLocation = { mode: "config", name: null };
/** What `show running-config` prints around the lines themselves. */
const frame = /^(?:Building configuration\.\.\.|Current configuration : \d+ bytes|Using \d+ bytes)$/;

export async function mergeConfiguration(text: string, context: CommandContext): Promise<Merged> {
  const lines = text.split(/\r?\n/);
  const said: string[] = [];
  let location: ConsoleLocation | null = configuration;
  let [taken, refused] = [0, 0];
  for (let at = 0; at < lines.length && location !== null; at += 1) {
    const line = lines[at] ?? "";
    if (line.trim() === "" || line.trimStart().startsWith("!") || frame.test(line)) continue;
    taken += 1;
    if (/^\s*do\s/i.test(line)) {
      said.push(line, "% A file configures: commands of privileged EXEC are not taken from it.");
      refused += 1;
      continue;
    }
    const modes = [location.mode, ...enclosingModes(location.mode)];
    // A line sees what those before it have done.
    const reader = (await context.control?.readerNow()) ?? context.reader;
    const typed = await executeLine(
      line,
      { ...context, reader, location },
      { tree: context.tree, modes, repeatsLine: true, promptWidth: 0 },
    );
    const pasted = typed.session?.type === "paste" ? pastedFrom(lines, at + 1) : [];
    at += pasted.length;
    const result = await answered(typed, pasted);
    if (result.text !== "") said.push(...result.text.split("\n"));
    if (result.outcome !== "done") refused += 1;
    location = locationAfter(location, typed);
    if (location?.mode === "exec") location = null;
  }
  return { lines: taken, said, refused };
}

/** Up to and with the word that ends what is pasted. */
function pastedFrom(lines: readonly string[], first: number): readonly string[] {
  const end = lines.findIndex((line, at) => at >= first && line.trim().toLowerCase() === "quit");
  return lines.slice(first, end === -1 ? lines.length : end + 1);
}

/** A file is a person who has answered already. */
async function answered(result: CommandResult, pasted: readonly string[]): Promise<CommandResult> {
  const request: SessionRequest | undefined = result.session;
  if (request?.type === "paste") return answered(await request.finish(pasted.slice(0, -1).join("\n")), []);
  if (request?.type === "confirm") return answered(await request.proceed(), []);
  if (request?.type === "ask") return answered(await request.answer("yes"), []);
  return result;
}
