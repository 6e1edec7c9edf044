// license smart ... of a device in the classic model: what registers, renews and ends; and what to type in place of commands that only
// the policy model has (GEN-6).

import type { ControlOutcome } from "../../device-control.ts";
import { answerOf, type CommandHandler, type ConsoleNode, changing } from "../command-context.ts";
import { type ConsoleMode, keyword, line, word } from "../command-node.ts";

/** The field's words (LOG-9). */
const inProgress =
  "Registration process is in progress. Use the 'show license status' command to check the progress and result";

function register(force: boolean): CommandHandler {
  return changing((control, given) => control.register(given.token ?? "", force), inProgress);
}

const exec = ["exec"] as const;

/** Below `license smart`. */
export const classicExec: readonly ConsoleNode[] = [
  keyword("clear", "Empty a log", {
    modes: exec,
    next: [keyword("eventlog", "The event log", { action: changing((control) => control.clearEventLog()) })],
  }),
  keyword("conversion", "Classic model: licences of the time before Smart Licensing", {
    modes: exec,
    next: [
      keyword("start", "Have the manager deposit them, once", {
        action: changing((control) => control.convert("start")),
      }),
      keyword("stop", "Ask for it no more", { action: changing((control) => control.convert("stop")) }),
    ],
  }),
  keyword("deregister", "Classic model: end the registration", {
    modes: exec,
    action: changing((control) => control.deregister()),
  }),
  keyword("register", "Classic model: register with the manager", {
    modes: exec,
    next: [
      keyword("idtoken", "With a token of the manager", {
        next: [
          word("token", "The token", {
            action: register(false),
            next: [keyword("force", "Also where the manager lists the device already", { action: register(true) })],
          }),
        ],
      }),
    ],
  }),
  keyword("renew", "Classic model: renew now what is renewed by itself", {
    modes: exec,
    next: [
      keyword("id", "The ID certificate of the registration", { action: changing((control) => control.renew("id")) }),
      keyword("auth", "The authorization of what is in use", {
        action: changing((control) => control.renew("authorization")),
      }),
    ],
  }),
];

function pointer(code: string, message: string, remedy: string): CommandHandler {
  const refused: ControlOutcome = { outcome: "refused", code, message, remedy };
  return async () => answerOf(refused, "");
}

/** With or without whatever follows. */
function answering(name: string, help: string, action: CommandHandler, modes: readonly ConsoleMode[]): ConsoleNode {
  return keyword(name, help, { modes, action, next: [line("rest", "Whatever follows", { action })] });
}

/** `what` with its verb: `Trust belongs`. */
function policyOnly(name: string, what: string, instead: string, modes: readonly ConsoleMode[] = exec): ConsoleNode {
  const message = `${what} to policy mode; this device is in classic mode.`;
  return answering(name, "Policy mode only", pointer("policy_mode_command", message, instead), modes);
}

/** What devices of this model had, and this one has not. */
function notHere(name: string, what: string, modes: readonly ConsoleMode[] = exec): ConsoleNode {
  const action = pointer("not_on_this_device", `${what} is not part of this device.`, registering);
  return answering(name, "Not on this device", action, modes);
}

const registering = "Use `license smart register idtoken <token>`.";
const byItself = "Authorization is asked for by itself; `license smart renew auth` asks now.";

/** Below `license smart` of a device in the classic model. */
export const policyPointers: readonly ConsoleNode[] = [
  policyOnly("authorization", "Authorization codes belong", byItself),
  notHere("export", "Export authorization by hand"),
  policyOnly("factory", "A factory reset belongs", "Use `license smart deregister`; evaluation is never reset."),
  policyOnly("import", "Importing a file belongs", registering),
  notHere("reservation", "Licence reservation", ["exec", "config"]),
  policyOnly("save", "Saving usage belongs", byItself),
  policyOnly("sync", "Synchronisation belongs", "Use `license smart renew auth`."),
  policyOnly("trust", "Trust belongs", registering),
  policyOnly("usage", "Usage reporting belongs", byItself, ["config"]),
];

/** Below `no license smart` of such a device. */
export const noPolicyPointers: readonly ConsoleNode[] = [
  notHere("reservation", "Licence reservation", ["config"]),
  policyOnly("usage", "Usage reporting belongs", byItself, ["config"]),
];

/** Below `show license` of such a device. */
export const showPolicyPointers: readonly ConsoleNode[] = [
  policyOnly("authorization", "Authorization codes belong", "Use `show license status`.", ["user", "exec"]),
  policyOnly("rum", "Usage reports belong", "Use `show license usage`.", ["user", "exec"]),
];
