// Devices of an installation: switchover, reload of one of them, what they are; and, marked as the simulation's own, what
// takes hands on a real device. `test platform` is what the lab's commands send too.

import type { PlatformProfile } from "../../platform/platform-profile.ts";
import { installationJson, renderModules, renderRedundancy, renderSwitches } from "../../render/show-installation.ts";
import { answerOf, type CommandHandler, type ConsoleNode, changing, notRunning, shown } from "../command-context.ts";
import { keyword, number, word } from "../command-node.ts";

const exec = ["exec"] as const;
const slotNumbers = [0, 64] as const;

const forceSwitchover: CommandHandler = async ({ control }) => {
  if (control === null) return answerOf(notRunning, "");
  return {
    ...shown("", { outcome: "done" }),
    session: {
      type: "confirm",
      question: "Proceed with switchover to standby RP? [confirm]",
      proceed: async () => answerOf(await control.changeInstallation({ change: "switchover" }), ""),
    },
  };
};

function changeSlot(change: "remove slot" | "fail slot" | "reload slot"): CommandHandler {
  return changing((control, given) => control.changeInstallation({ change, slot: Number(given.slot) }));
}

/** Below `reload`. */
export const reloadSlot: ConsoleNode = keyword("slot", "Only the device in one slot", {
  next: [number("slot", slotNumbers, "Slot", { action: changeSlot("reload slot") })],
});

const addMember = changing((control, given) =>
  control.changeInstallation({
    change: "add member",
    udi: { pid: given.pid ?? "", serialNumber: given["serial-number"] ?? "" },
  }),
);

const memberBranch: readonly ConsoleNode[] = [
  keyword("add", "Simulation: a device joins", {
    next: [word("pid", "Product id", { next: [word("serial-number", "Serial number", { action: addMember })] })],
  }),
  keyword("fail", "Simulation: a device fails and may come back", {
    next: [number("slot", slotNumbers, "Slot", { action: changeSlot("fail slot") })],
  }),
  keyword("remove", "Simulation: a device is taken away", {
    next: [number("slot", slotNumbers, "Slot", { action: changeSlot("remove slot") })],
  }),
];

function moveAccessPoints(act: "join" | "leave"): readonly ConsoleNode[] {
  const byCount = changing((control, given) =>
    control.moveAccessPoints({ act, which: { count: Number(given.count) } }),
  );
  const byName = changing((control, given) =>
    control.moveAccessPoints({
      act,
      which: { udi: { pid: given.pid ?? "", serialNumber: given["serial-number"] ?? "" } },
    }),
  );
  return [
    keyword("count", "So many", { next: [number("count", [1, 6000], "Access points", { action: byCount })] }),
    word("pid", "Product id", { next: [word("serial-number", "Serial number", { action: byName })] }),
  ];
}

const accessPointBranch: ConsoleNode = keyword("access-point", "Simulation: access points of the controller", {
  next: [
    keyword("join", "Simulation: access points join", { next: moveAccessPoints("join") }),
    keyword("leave", "Simulation: access points leave", { next: moveAccessPoints("leave") }),
  ],
});

export function installationCommands(profile: PlatformProfile): readonly ConsoleNode[] {
  if (profile.redundancy === "single") return [];
  const switchover = keyword<CommandHandler>("force-switchover", "The standby takes over", { action: forceSwitchover });
  return [keyword("redundancy", "Redundancy", { modes: exec, next: [switchover] })];
}

/** Below `test`: what the platform can have happen to it; nothing where there is one device and no access point. */
export function platformTests({ redundancy: kind, hasAccessPoints }: PlatformProfile): readonly ConsoleNode[] {
  const test = [
    ...(hasAccessPoints ? [accessPointBranch] : []),
    ...(kind === "single" ? [] : [keyword<CommandHandler>("member", "Simulation: devices", { next: memberBranch })]),
  ];
  return test.length === 0 ? [] : [keyword("platform", "Devices and access points", { next: test })];
}

const redundancy: CommandHandler = async ({ reader, options }) => {
  const { installation } = reader.view();
  return shown(renderRedundancy(installation, reader.startedAtMs(), options), installationJson(installation));
};

const switches: CommandHandler = async ({ reader }) => {
  const { installation } = reader.view();
  return shown(renderSwitches(installation), installationJson(installation));
};

const modules: CommandHandler = async ({ reader }) => {
  const { installation } = reader.view();
  return shown(renderModules(installation), installationJson(installation));
};

/** Below `show`: switches of a stack, modules of a chassis, redundancy wherever there can be two. */
export function showInstallationCommands({ redundancy: kind }: PlatformProfile): readonly ConsoleNode[] {
  if (kind === "single") return [];
  return [
    ...(kind === "chassis" ? [keyword<CommandHandler>("module", "Modules of the chassis", { action: modules })] : []),
    keyword("redundancy", "Active and standby, and past switchovers", { action: redundancy }),
    ...(kind === "stack" || kind === "pair"
      ? [keyword<CommandHandler>("switch", "Devices of the installation", { action: switches })]
      : []),
  ];
}
