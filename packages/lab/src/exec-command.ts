// countersign lab exec: one console command on one instance, running or stored; only its output is printed.

import { existsSync } from "node:fs";
import type { Command, CommandInput } from "@countersign/terminal";
import { type FleetInstance, fleet } from "./fleet.ts";
import { labDirectory, readFleet } from "./lab-directory.ts";
import { directoryOf, directoryOption } from "./lab-options.ts";

const exitCodeOf = { done: 0, mistake: 2, refused: 3, failed: 1 } as const;

export const execute: Command = {
  name: "exec",
  summary: "Run one console command on an instance of the lab",
  usage: "<instance> '<console command>'",
  options: directoryOption,
  run: async (input) => {
    const [name, ...words] = input.positionals;
    if (name === undefined || words.length === 0) {
      input.stderr.write(
        `an instance and a command are needed, for example: lab exec c9300-stack 'show license summary'\n`,
      );
      return 2;
    }
    return runOnInstance(input, name, words.join(" "));
  },
};

/** Why a platform cannot do what is asked of it; its console has no such command and could only say so. */
export type LabRefusal = { readonly code: string; readonly message: string; readonly remedy: string };

/** Answers the exit code; says what is wrong with the name, what the platform cannot do, or where no lab is. */
export async function runOnInstance(
  input: CommandInput,
  name: string,
  line: string,
  refusalOf: (instance: FleetInstance) => Promise<LabRefusal | null> = async () => null,
): Promise<number> {
  const directory = labDirectory(directoryOf(input));
  const instances = readFleet(directory) ?? fleet;
  const instance = instances.find((one) => one.name === name);
  if (instance === undefined) {
    const known = instances.map((one) => one.name).join(", ");
    input.stderr.write(`there is no instance "${name}"; the lab has ${known}\n`);
    return 2;
  }
  const refusal = await refusalOf(instance);
  if (refusal !== null) {
    if (input.json) input.stdout.write(`${JSON.stringify({ outcome: "refused", ...refusal })}\n`);
    else input.stderr.write(`${refusal.message}; ${refusal.remedy}\n`);
    return exitCodeOf.refused;
  }
  const state = directory.device(name);
  if (!existsSync(state)) {
    input.stderr.write("no lab is stored there yet; `npm start` makes one\n");
    return 4;
  }
  const { executeOnDevice } = await import("@countersign/device");
  try {
    const { outcome, output, json } = await executeOnDevice(state, line);
    if (input.json) input.stdout.write(`${JSON.stringify(json)}\n`);
    else if (output !== "") input.stdout.write(`${output}\n`);
    return exitCodeOf[outcome];
  } catch (error) {
    input.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof Error && "code" in error && error.code === "device_unreachable" ? 4 : 1;
  }
}
