// countersign lab exec: one console command on one instance, running or stored; only its output is printed.

import { existsSync } from "node:fs";
import { type Command, type CommandInput, systemRemedy } from "@countersign/terminal";
import { type FleetInstance, fleet } from "./fleet.ts";
import { FleetError } from "./fleet-file.ts";
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
  let instances: readonly FleetInstance[];
  try {
    instances = readFleet(directory) ?? fleet;
  } catch (error) {
    if (!(error instanceof FleetError)) throw error;
    tell(input, {
      ...{ outcome: "failed", code: "fleet_invalid", message: error.message },
      remedy: "the next start of the lab writes it again",
    });
    return exitCodeOf.failed;
  }
  const instance = instances.find((one) => one.name === name);
  if (instance === undefined) {
    const known = instances.map((one) => one.name).join(", ");
    tell(input, {
      ...{ outcome: "mistake", code: "instance_unknown", message: `there is no instance "${name}"` },
      remedy: `the lab has ${known}`,
    });
    return exitCodeOf.mistake;
  }
  const refusal = await refusalOf(instance);
  if (refusal !== null) {
    tell(input, { outcome: "refused", ...refusal });
    return exitCodeOf.refused;
  }
  const state = directory.device(name);
  if (!existsSync(state)) {
    tell(input, {
      ...{ outcome: "failed", code: "lab_missing", message: "no lab is stored there yet" },
      remedy: "`npm start` makes one",
    });
    return 4;
  }
  const { executeOnDevice } = await import("@countersign/device");
  try {
    const { outcome, output, json } = await executeOnDevice(state, line);
    if (input.json) input.stdout.write(`${JSON.stringify(json)}\n`);
    else if (output !== "") input.stdout.write(`${output}\n`);
    return exitCodeOf[outcome];
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const code = "code" in error && typeof error.code === "string" ? error.code : "";
    const remedy = "remedy" in error && typeof error.remedy === "string" ? error.remedy : systemRemedy(code);
    tell(input, { outcome: "failed", code, message: error.message, remedy });
    return code === "device_unreachable" ? 4 : 1;
  }
}

function tell({ json, stdout, stderr }: CommandInput, problem: LabRefusal & { readonly outcome: string }): void {
  if (json) stdout.write(`${JSON.stringify(problem)}\n`);
  else stderr.write(`${[problem.message, problem.remedy].filter((text) => text !== "").join("; ")}\n`);
}
