// How commands of configuration change the network's settings, and how they enter what lies below global configuration.

import type { NetworkChange } from "../../network-change.ts";
import { answerOf, type CommandContext, type CommandHandler, notRunning } from "../command-context.ts";
import type { subModes } from "../command-node.ts";
import type { Arguments } from "../parse-command.ts";

/** A line that changes one thing. `name` is that of the interface, trustpoint or VRF that is being configured. */
export function setting(changeOf: (given: Arguments, name: string) => NetworkChange): CommandHandler {
  return async (context, given) => answerOf(await change(context, changeOf(given, context.location.name ?? "")), "");
}

export function change({ control }: CommandContext, value: NetworkChange) {
  return control === null ? Promise.resolve(notRunning) : control.change({ setting: "network", value });
}

/** Makes what is named, unless it is there, and goes on in its mode. */
export function entering(
  mode: (typeof subModes)[number],
  changeOf: (given: Arguments) => NetworkChange & { readonly name: string },
  nameOf: (name: string) => string = (name) => name,
): CommandHandler {
  return async (context, given) => {
    const wanted = changeOf(given);
    const outcome = await change(context, wanted);
    const answer = answerOf(outcome, "");
    if (outcome.outcome === "refused") return answer;
    return { ...answer, session: { type: "go to", location: { mode, name: nameOf(wanted.name) } } };
  };
}

/** Words of the rest of a line. */
export function wordsOf(text: string | undefined): readonly string[] {
  return (text ?? "").split(/\s+/).filter((word) => word !== "");
}
