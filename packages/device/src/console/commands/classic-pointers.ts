// Commands of classic mode, typed on a device in policy mode: nothing is done, and what to type instead is said (GEN-6).

import type { ControlOutcome } from "../../device-control.ts";
import { answerOf, type CommandHandler, type ConsoleNode } from "../command-context.ts";
import { type ConsoleMode, keyword, line } from "../command-node.ts";

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
function classic(word: string, what: string, instead: string, modes: readonly ConsoleMode[] = ["exec"]): ConsoleNode {
  const action = pointer(what, instead);
  return keyword(word, "Classic mode only", {
    modes,
    action,
    next: [line("rest", "Whatever follows", { action })],
  });
}

const reservation = (modes: readonly ConsoleMode[]): ConsoleNode =>
  classic(
    "reservation",
    "Reservation",
    "Use `license smart save usage all file <path>` and upload the file at regular times.",
    modes,
  );

/** Below `license smart`. */
export const classicPointers: readonly ConsoleNode[] = [
  classic("conversion", "Conversion of licences", "Whatever is in use is reported; there is nothing to convert."),
  classic("deregister", "Deregistration", "Use `license smart factory reset` to remove trust and policy."),
  classic(
    "export",
    "Export authorization",
    "Use `license smart authorization request`, and `license smart authorization return`.",
  ),
  classic("register", "Registration", "Use `license smart trust idtoken <token> all`."),
  classic("renew", "Renewal", "Use `license smart sync all`; trust is renewed by itself."),
  reservation(["exec", "config"]),
];

/** Below `no license smart`. */
export const noClassicPointers: readonly ConsoleNode[] = [reservation(["config"])];
