// interface and vrf definition of global configuration, what is typed in their modes, and the `no` forms.

import { findInterface, interfaceName } from "../../network-settings.ts";
import { answerOf, type CommandHandler, type ConsoleNode, shown } from "../command-context.ts";
import { address, keyword, line, word } from "../command-node.ts";
import { change, entering, setting } from "./network-setting.ts";

const config = ["config"] as const;
const inInterface = ["config-if"] as const;
const inVrf = ["config-vrf"] as const;

const toInterface = entering(
  "config-if",
  (given) => ({ change: "add interface", name: given.name ?? "" }),
  interfaceName,
);
const toVrf = entering("config-vrf", (given) => ({ change: "add vrf", name: given.name ?? "" }));

/** Another routing table takes a static address away, as on the field's devices, and says so. */
const forwarding: CommandHandler = async (context, given) => {
  const name = context.location.name ?? "";
  const { settings } = await context.reader.network();
  const before = findInterface(settings, name);
  const vrf = given.vrf ?? null;
  const outcome = await change(context, { change: "interface vrf", name, vrf });
  const isRemoved = before?.address.type === "static" && before.vrf !== vrf;
  const how = vrf === null ? "disabling VRF" : `enabling VRF ${vrf}`;
  return answerOf(outcome, isRemoved ? `% Interface ${name} IPv4 disabled and address(es) removed due to ${how}` : "");
};

const staticAddress = setting((given, name) => ({
  change: "interface address",
  name,
  address: given.address ?? "",
  mask: given.mask ?? "",
}));
const addressOfHost = setting((_, name) => ({ change: "interface address of host", name }));
const noAddress = setting((_, name) => ({ change: "no interface address", name }));
const shutdown = (isShutdown: boolean) => setting((_, name) => ({ change: "interface shutdown", name, isShutdown }));

const forwardingNode = keyword<CommandHandler>("forwarding", "Routing table of this interface", {
  next: [word("vrf", "VRF", { action: forwarding })],
});
const noForwarding = keyword<CommandHandler>("forwarding", "The global routing table", {
  action: (context) => forwarding(context, {}),
  next: [word("value", "VRF", { action: (context) => forwarding(context, {}) })],
});

/** Lines of a VRF that say what holds already: taken, and without further meaning. */
const taken: CommandHandler = async () => shown("", { outcome: "done" });

/** At the root of the tree. */
export const interfaceCommands: readonly ConsoleNode[] = [
  keyword("interface", "Configure an interface", {
    modes: config,
    next: [line("name", "Interface", { action: toInterface })],
  }),
  keyword("vrf", "Routing tables", {
    modes: config,
    next: [keyword("definition", "Define one", { next: [word("name", "VRF", { action: toVrf })] })],
  }),
  keyword("ip", "Internet protocol", {
    modes: inInterface,
    next: [
      keyword("address", "Address of this interface", {
        next: [
          keyword("dhcp", "That of the machine", { action: addressOfHost }),
          address("address", "Address", { next: [address("mask", "Mask", { action: staticAddress })] }),
        ],
      }),
      keyword("vrf", "Routing tables", { next: [forwardingNode] }),
    ],
  }),
  keyword("shutdown", "Take this interface down", { modes: inInterface, action: shutdown(true) }),
  keyword("vrf", "Routing tables", { modes: inInterface, next: [forwardingNode] }),
  keyword("no", "Set back to the default", {
    modes: inInterface,
    next: [
      keyword("ip", "Internet protocol", {
        next: [
          keyword("address", "No address", {
            action: noAddress,
            next: [line("value", "Address", { action: noAddress })],
          }),
          keyword("vrf", "Routing tables", { next: [noForwarding] }),
        ],
      }),
      keyword("shutdown", "Take this interface up", { action: shutdown(false) }),
      keyword("vrf", "Routing tables", { next: [noForwarding] }),
    ],
  }),
  keyword("address-family", "Kind of addresses", {
    modes: inVrf,
    next: [keyword("ipv4", "Version 4", { action: taken })],
  }),
  keyword("exit-address-family", "Leave the kind of addresses", { modes: inVrf, action: taken }),
];

/** Below `no` of global configuration. */
export const noInterfaceCommands: readonly ConsoleNode[] = [
  keyword("interface", "Remove an interface that was configured", {
    next: [
      line("name", "Interface", {
        action: setting((given) => ({ change: "remove interface", name: given.name ?? "" })),
      }),
    ],
  }),
  keyword("vrf", "Routing tables", {
    next: [
      keyword("definition", "Remove one", {
        next: [word("name", "VRF", { action: setting((given) => ({ change: "remove vrf", name: given.name ?? "" })) })],
      }),
    ],
  }),
];
