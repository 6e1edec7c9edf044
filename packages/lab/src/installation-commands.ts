// countersign lab member|switchover|reload|ap: what happens to the devices of a running lab. Each is one console command,
// sent through the control socket of the instance, so that the console and the lab can never do different things.

import type { Command, CommandInput } from "@countersign/terminal";
import { type LabRefusal, runOnInstance } from "./exec-command.ts";
import type { FleetInstance } from "./fleet.ts";
import { directoryOption } from "./lab-options.ts";

type Spoken = {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly refusalOf?: (instance: FleetInstance) => Promise<LabRefusal | null>;
};

/** `words` is how many follow the instance's name; the line is made of them. */
function spoken(
  { name, summary, usage, refusalOf }: Spoken,
  words: readonly number[],
  lineOf: (rest: readonly string[], input: CommandInput) => string,
): Command {
  return {
    ...{ name, summary, usage },
    options: directoryOption,
    run: async (input) => {
      const [instance, ...rest] = input.positionals;
      if (instance === undefined || !words.includes(rest.length) || rest.some((word) => /[\s|?]/.test(word))) {
        input.stderr.write(`this takes ${usage}\n`);
        return 2;
      }
      return runOnInstance(input, instance, lineOf(rest, input), refusalOf);
    },
  };
}

export const member: Command = {
  name: "member",
  summary: "Devices join, leave and fail in an instance of the running lab",
  subcommands: [
    spoken(
      { name: "add", summary: "A device joins", usage: "<instance> <pid> <serial-number>" },
      [2],
      ([pid, serialNumber]) => `test platform member add ${pid} ${serialNumber}`,
    ),
    spoken(
      { name: "remove", summary: "A device is taken away", usage: "<instance> <slot>" },
      [1],
      ([slot]) => `test platform member remove ${slot}`,
    ),
    spoken(
      { name: "fail", summary: "A device fails; adding it again brings it back", usage: "<instance> <slot>" },
      [1],
      ([slot]) => `test platform member fail ${slot}`,
    ),
  ],
};

/** A single device can be given no standby, whatever joins the lab. */
async function withoutSecond({ name, platform }: FleetInstance): Promise<LabRefusal | null> {
  const { findPlatform } = await import("@countersign/device");
  if (findPlatform(platform)?.redundancy !== "single") return null;
  const message = `${name} is of the platform ${platform}, which has no second supervisor to take over`;
  return { code: "no_standby", message, remedy: "choose a stack, a chassis or a pair" };
}

export const switchover = spoken(
  {
    name: "switchover",
    summary: "The standby of an instance takes over",
    usage: "<instance>",
    refusalOf: withoutSecond,
  },
  [0],
  () => "redundancy force-switchover",
);

export const reload = spoken(
  { name: "reload", summary: "Restart an instance, or the device in one of its slots", usage: "<instance> [<slot>]" },
  [0, 1],
  ([slot]) => (slot === undefined ? "reload" : `reload slot ${slot}`),
);

const count = { count: { type: "string", description: "how many (1 when left out)" } } as const;

function accessPointsThat(act: "join" | "leave"): Command {
  return {
    name: act,
    summary: `Access points ${act}`,
    usage: "<instance> [--count <n>]",
    options: { ...directoryOption, ...count },
    run: async (input) => {
      const [instance, ...rest] = input.positionals;
      const many = input.values.count ?? "1";
      if (instance === undefined || rest.length > 0 || !/^[1-9]\d{0,3}$/.test(String(many))) {
        input.stderr.write("this takes <instance> [--count <n>], with a whole number from 1 to 6000\n");
        return 2;
      }
      return runOnInstance(input, instance, `test platform access-point ${act} count ${many}`);
    },
  };
}

export const accessPoints: Command = {
  name: "ap",
  summary: "Access points join and leave a wireless controller of the running lab",
  subcommands: [accessPointsThat("join"), accessPointsThat("leave")],
};
