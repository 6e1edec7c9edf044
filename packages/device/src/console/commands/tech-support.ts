// show tech-support: what somebody who helps wants to see, one command after the other (CLI-24, CLI-26). Who may only read is
// shown what he may see.

import { type CommandHandler, type ConsoleNode, shown } from "../command-context.ts";
import { keyword } from "../command-node.ts";
import { parseCommand } from "../parse-command.ts";

const general = ["clock", "version", "inventory", "redundancy", "running-config", "license tech-support"] as const;
const wireless = ["license air entities summary"] as const;
/** Long, so last. */
const past = ["license history message", "logging"] as const;

/** As the field parts them: a line for each command. */
function titled(command: string, text: string): string {
  return `\n------------------ show ${command} ------------------\n\n${text}`;
}

/** The commands one after the other; one that the platform does not have is left out. */
function each(show: readonly ConsoleNode[], commands: readonly string[]): CommandHandler {
  return async (context) => {
    const mode = context.location.mode === "user" ? "user" : "exec";
    const texts: string[] = [];
    const json: Record<string, unknown> = {};
    for (const command of commands) {
      const parsed = parseCommand(show, [mode], command);
      if (parsed.outcome !== "command") continue;
      const result = await parsed.action(context, parsed.arguments);
      texts.push(titled(command, result.text));
      json[command] = result.json;
    }
    return shown(texts.join("\n"), json);
  };
}

/** Below `show`; `show` is what else stands there. */
export function techSupportCommand(
  show: readonly ConsoleNode[],
  license: ConsoleNode,
  hasAccessPoints: boolean,
): ConsoleNode {
  const ofController = keyword("wireless", "A wireless controller, with log and configuration", {
    action: each(show, [...general, ...wireless, ...past]),
  });
  return keyword("tech-support", "Everything, for support", {
    action: each(show, [...general, ...past]),
    next: hasAccessPoints ? [license, ofController] : [license],
  });
}
