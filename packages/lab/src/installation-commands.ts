// countersign lab member|switchover|reload|ap: what happens to the devices of a running lab. Each is one console command,
// sent through the control socket of the instance, so that the console and the lab can never do different things.

import type { PlatformProfile } from "@countersign/device";
import type { Command, CommandInput } from "@countersign/terminal";
import { type LabRefusal, runOnInstance } from "./exec-command.ts";
import type { FleetInstance } from "./fleet.ts";
import { directoryOption } from "./lab-options.ts";

/** Why an instance cannot do it; null where it can. */
type Refusing = (instance: FleetInstance) => Promise<LabRefusal | null>;
type Spoken = {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly refusalOf?: Refusing;
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

function lacking(lacks: (platform: PlatformProfile) => boolean, code: string, what: string, remedy: string): Refusing {
  return async ({ name, platform }) => {
    const { findPlatform } = await import("@countersign/device");
    const profile = findPlatform(platform);
    if (profile === undefined || !lacks(profile)) return null;
    return { code, message: `${name} is of the platform ${platform}, which ${what}`, remedy };
  };
}

const isSingle = ({ redundancy }: PlatformProfile): boolean => redundancy === "single";
const chooseMany = "choose a stack, a chassis or a pair";
/** A single device can be given no standby, whatever joins the lab. */
const withoutSecond = lacking(isSingle, "no_standby", "has no second supervisor to take over", chooseMany);
const withoutMembers = lacking(isSingle, "no_members", "is one device that no other can join", chooseMany);
const withoutAccessPoints = lacking(
  ({ hasAccessPoints }) => !hasAccessPoints,
  "no_access_points",
  "is no wireless controller: access points do not join it",
  "choose a wireless controller, such as a C9800",
);

export const member: Command = {
  name: "member",
  summary: "Devices join, leave and fail in an instance of the running lab",
  subcommands: [
    spoken(
      { name: "add", summary: "A device joins", usage: "<instance> <pid> <serial-number>", refusalOf: withoutMembers },
      [2],
      ([pid, serialNumber]) => `test platform member add ${pid} ${serialNumber}`,
    ),
    spoken(
      { name: "remove", summary: "A device is taken away", usage: "<instance> <slot>", refusalOf: withoutMembers },
      [1],
      ([slot]) => `test platform member remove ${slot}`,
    ),
    spoken(
      {
        name: "fail",
        summary: "A device fails; adding it again brings it back",
        usage: "<instance> <slot>",
        refusalOf: withoutMembers,
      },
      [1],
      ([slot]) => `test platform member fail ${slot}`,
    ),
  ],
};

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
      return runOnInstance(input, instance, `test platform access-point ${act} count ${many}`, withoutAccessPoints);
    },
  };
}

export const accessPoints: Command = {
  name: "ap",
  summary: "Access points join and leave a wireless controller of the running lab",
  subcommands: [accessPointsThat("join"), accessPointsThat("leave")],
};
