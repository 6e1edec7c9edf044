// Commands of classic mode, typed on a device in policy mode: nothing is done, and what to type instead is said (GEN-6).

import type { ControlOutcome } from "../../device-control.ts";
import { answerOf, type CommandHandler, type ConsoleNode } from "../command-context.ts";
import { keyword, line } from "../command-node.ts";

function pointer(what: string, instead: string): CommandHandler {
  const refused: ControlOutcome = {
    outcome: "refused",
    code: "classic_mode_command",
    message: `${what} belongs to classic mode; this device is in policy mode.`,
    remedy: instead,
  };
  return async () => answerOf(refused, "");
}

/** With or without whatever follows. */
function classic(word: string, what: string, instead: string): ConsoleNode {
  const action = pointer(what, instead);
  return keyword(word, "Classic mode only", {
    modes: ["exec"],
    action,
    next: [line("rest", "Whatever follows", { action })],
  });
}

/** Below `license smart`. */
export const classicPointers: readonly ConsoleNode[] = [
  classic("deregister", "Deregistration", "Use `license smart factory reset` to remove trust and policy."),
  classic("register", "Registration", "Use `license smart trust idtoken <token> all`."),
  classic("renew", "Renewal", "Use `license smart sync all`; trust is renewed by itself."),
  classic(
    "reservation",
    "Reservation",
    "Use `license smart save usage all file <path>` and upload the file at regular times.",
  ),
];
