// license smart ... of global configuration, and the `no` forms that set each value back.

import { transportTypes } from "../../device-configuration.ts";
import type { SettingChange } from "../../device-control.ts";
import { answerOf, type CommandHandler, type ConsoleNode, changing, shown } from "../command-context.ts";
import { cleared, keyword, line, number, word } from "../command-node.ts";
import type { Arguments } from "../parse-command.ts";

function setting(changeOf: (given: Arguments) => SettingChange): CommandHandler {
  return changing((control, given) => control.change(changeOf(given)));
}

const transportHelp: Readonly<Record<(typeof transportTypes)[number], string>> = {
  smart: "Directly to the manager",
  cslu: "To a relay, or to a manager on premises",
  callhome: "Call Home",
  automatic: "Whichever is configured",
  off: "No transport: usage is carried by files",
};

const transportBranch: readonly ConsoleNode[] = transportTypes.map((value) =>
  keyword(value, transportHelp[value], { action: setting(() => ({ setting: "transport", value })) }),
);

type UrlOf = "transport in force" | "smart" | "cslu" | "utility";

function urlOf(of: UrlOf): ConsoleNode {
  return word("url", "Address", { action: setting((given) => ({ setting: "url", of, value: given.url ?? "" })) });
}

const urlBranch: readonly ConsoleNode[] = [
  keyword("cslu", "Of the relay", { next: [urlOf("cslu")] }),
  keyword("default", "The default address of the transport", {
    action: setting(() => ({ setting: "url", of: "transport in force", value: null })),
  }),
  keyword("smart", "Of the manager", { next: [urlOf("smart")] }),
  keyword("utility", "For utility reporting", { next: [urlOf("utility")] }),
  urlOf("transport in force"),
];

function privacyBranch(value: boolean): readonly ConsoleNode[] {
  const action = (of: readonly ("hostname" | "version")[]) => setting(() => ({ setting: "privacy", of, value }));
  return [
    keyword("all", "Host name and version", { action: action(["hostname", "version"]) }),
    keyword("hostname", "The host name", { action: action(["hostname"]) }),
    keyword("version", "The software version", { action: action(["version"]) }),
  ];
}

const proxyBranch: readonly ConsoleNode[] = [
  keyword("address", "Host name or address of the proxy", {
    next: [
      word("host", "Host", { action: setting((given) => ({ setting: "proxy address", value: given.host ?? "" })) }),
    ],
  }),
  keyword("port", "Port of the proxy", {
    next: [
      number("port", [1, 65_535], "Port", {
        action: setting((given) => ({ setting: "proxy port", value: Number(given.port) })),
      }),
    ],
  }),
  keyword("password", "Password, for a proxy that demands one; it is never shown", {
    next: [
      word("password", "Password", {
        action: setting((given) => ({ setting: "proxy password", value: given.password ?? "" })),
      }),
    ],
  }),
  keyword("username", "User name, for a proxy that demands one", {
    next: [
      word("name", "User name", {
        action: setting((given) => ({ setting: "proxy username", value: given.name ?? "" })),
      }),
    ],
  }),
];

const identityCheck = (isOn: boolean) =>
  setting(() => ({ setting: "network", value: { change: "server identity check", isOn } }));

const intervalBranch: readonly ConsoleNode[] = [
  keyword("interval", "Days between two reports", {
    next: [
      number("days", [1, 3650], "Days", {
        action: setting((given) => ({ setting: "usage interval", value: Number(given.days) })),
      }),
    ],
  }),
];

function refusing(code: string, message: string, remedy: string): CommandHandler {
  return async () => answerOf({ outcome: "refused", code, message, remedy }, "");
}

/** A setting that would have no effect is refused with the reason (BET-2). */
const noTags = refusing(
  "no_place_for_tags",
  "Customer tags not set: no message of policy mode carries them.",
  "Name the account with the token instead; a virtual account keeps devices apart.",
);
const noCustomer = refusing(
  "no_place_for_customer",
  "Customer information not set: utility reporting is not on this software.",
  "The manager knows the customer by the account of the token.",
);

const customId: CommandHandler = (context, given) =>
  changing(
    (control) => control.change({ setting: "custom id", value: given.id ?? "" }),
    "% The custom id is shown by `show license status` here; no message carries it to the manager.",
  )(context, given);

const alwaysOn: CommandHandler = async () =>
  shown("% Smart licensing is always on; there was nothing to enable.", { outcome: "done", isAlwaysOn: true });

const tagsBranch: readonly ConsoleNode[] = [1, 2, 3, 4].map((number) =>
  keyword(`tag${number}`, "A tag of the customer", { next: [line("value", "Value", { action: noTags })] }),
);
const customerBranch: readonly ConsoleNode[] = ["city", "country", "id", "name", "postalcode", "state", "street"].map(
  (part) => keyword(part, "Of the customer", { next: [line("value", "Value", { action: noCustomer })] }),
);

const config = ["config"] as const;

/** Below `license smart`. */
export const licenseSmartConfig: readonly ConsoleNode[] = [
  keyword("custom_id", "A name of your own for this device", {
    modes: config,
    next: [word("id", "Name", { action: customId })],
  }),
  keyword("enable", "Always on", { modes: config, action: alwaysOn }),
  keyword("utility", "Utility reporting", {
    modes: config,
    action: noCustomer,
    next: [keyword("customer_info", "Who the customer is", { next: customerBranch })],
  }),
  keyword("privacy", "Keep information back", { modes: config, next: privacyBranch(true) }),
  keyword("proxy", "Proxy of the transport", { modes: config, next: proxyBranch }),
  keyword("server-identity-check", "The certificate must be for the manager's name", {
    modes: config,
    action: identityCheck(true),
  }),
  keyword("transport", "How the manager is reached", { modes: config, next: transportBranch }),
  keyword("url", "Address of the manager or relay", { modes: config, next: urlBranch }),
  keyword("usage", "Usage reporting", {
    modes: config,
    next: [keyword("customer-tags", "Tags of the customer", { next: tagsBranch }), ...intervalBranch],
  }),
  keyword("vrf", "VRF of the transport", {
    modes: config,
    next: [word("name", "VRF", { action: setting((given) => ({ setting: "vrf", value: given.name ?? "" })) })],
  }),
];

const noUrl = (of: UrlOf) => setting(() => ({ setting: "url", of, value: null }));
const noProxy = (of: "proxy address" | "proxy password" | "proxy port" | "proxy username") =>
  setting(() => ({ setting: of, value: null }));

function nothingSet(what: string): CommandHandler {
  return async () => shown(`% ${what}; there was nothing to remove.`, { outcome: "done", wasSet: false });
}

const noTagsSet = nothingSet("Customer tags are never set on this software");
const noCustomerSet = nothingSet("Customer information is never set on this software");
const neverOff = refusing("always_enabled", "Smart licensing is always on.", "");

/** Below `default license smart`, where the default is not what `no` makes of it. */
export const defaultLicenseSmart: readonly ConsoleNode[] = [
  keyword("enable", "Always on", { action: alwaysOn }),
  keyword("server-identity-check", "The certificate must be for the manager's name", { action: identityCheck(true) }),
];

/** Below `no license smart`: any line that configures, whatever it was, so that tools can take back what they wrote. */
export const noLicenseSmart: readonly ConsoleNode[] = [
  cleared(
    "custom_id",
    "No name of your own",
    setting(() => ({ setting: "custom id", value: null })),
  ),
  keyword("enable", "Always on", { action: neverOff }),
  keyword("privacy", "Keep nothing back", { next: privacyBranch(false) }),
  keyword("proxy", "Proxy of the transport", {
    next: [
      cleared("address", "No proxy address", noProxy("proxy address")),
      cleared("password", "No password", noProxy("proxy password")),
      cleared("port", "No proxy port", noProxy("proxy port")),
      cleared("username", "No user name", noProxy("proxy username")),
    ],
  }),
  keyword("server-identity-check", "The certificate may be for any name", { action: identityCheck(false) }),
  cleared(
    "transport",
    "Default transport",
    setting(() => ({ setting: "transport", value: null })),
  ),
  keyword("url", "Default address", {
    action: noUrl("transport in force"),
    next: [
      cleared("cslu", "Of the relay", noUrl("cslu")),
      keyword("default", "It is the default", { action: noUrl("transport in force") }),
      cleared("smart", "Of the manager", noUrl("smart")),
      word("url", "Whatever it was", { action: noUrl("transport in force") }),
      cleared("utility", "For utility reporting", noUrl("utility")),
    ],
  }),
  keyword("usage", "Usage reporting", {
    next: [
      cleared("customer-tags", "Tags of the customer", noTagsSet),
      cleared(
        "interval",
        "Interval of the policy",
        setting(() => ({ setting: "usage interval", value: null })),
      ),
    ],
  }),
  cleared("utility", "Utility reporting", noCustomerSet),
  cleared(
    "vrf",
    "Global routing",
    setting(() => ({ setting: "vrf", value: null })),
  ),
];
