// snmp-server ... of global configuration, and show snmp.

import { isIP } from "node:net";
import type { DeviceControl } from "../../device-control.ts";
import type { SnmpView } from "../../outward-view.ts";
import { renderSnmp, renderSnmpHosts, renderSnmpUsers } from "../../render/show-snmp.ts";
import {
  type AuthProtocol,
  communitiesMax,
  defaultSnmp,
  groupsMax,
  isSameHost,
  passphraseCharactersMin,
  type SnmpConfiguration,
  type SnmpHost,
  snmpHostsMax,
} from "../../snmp-configuration.ts";
import { type CommandHandler, type ConsoleNode, changing, shown } from "../command-context.ts";
import { keyword, line, number, word } from "../command-node.ts";
import type { Arguments } from "../parse-command.ts";

type Edit = (now: SnmpConfiguration, given: Arguments) => SnmpConfiguration | string;

function editing(edit: Edit): CommandHandler {
  return changing((control, given) => control.change({ setting: "snmp", edit: (now) => edit(now, given) }));
}

const isName = (text: string): boolean => /^[\x21-\x7e]{1,32}$/.test(text);
const badName = "A name has 1 to 32 printable characters without blanks.";

/** Adds a name to a list, or takes it out. */
function listEdit(list: "communities" | "groups", max: number, isAdded: boolean): CommandHandler {
  return editing((now, { name = "" }) => {
    if (!isName(name)) return badName;
    const others = now[list].filter((one) => one !== name);
    if (isAdded && others.length >= max) return `There are at most ${max} ${list}.`;
    return { ...now, [list]: isAdded ? [...others, name] : others };
  });
}

function communityBranch(isAdded: boolean): readonly ConsoleNode[] {
  const action = listEdit("communities", communitiesMax, isAdded);
  return [word("name", "Community", { action, next: [keyword("ro", "It may only read", { action })] })];
}

function groupBranch(isAdded: boolean): readonly ConsoleNode[] {
  const action = listEdit("groups", groupsMax, isAdded);
  const priv = keyword<CommandHandler>("priv", "Authenticated and encrypted", { action });
  return [word("name", "Group", { next: [keyword("v3", "Version 3", { next: [priv] })] })];
}

async function addUser(control: DeviceControl, given: Arguments, authProtocol: AuthProtocol) {
  const { name = "", group = "", authPassphrase = "", privPassphrase = "" } = given;
  const isShort = Math.min(authPassphrase.length, privPassphrase.length) < passphraseCharactersMin;
  if (!isName(name) || !isName(group)) return userRefusal(badName);
  if (isShort) return userRefusal(`A passphrase has at least ${passphraseCharactersMin} characters.`);
  const value = { name, group, authProtocol, authPassphrase, privPassphrase };
  return control.change({ setting: "snmp user", name, value });
}

function userRefusal(message: string) {
  return { outcome: "refused", code: "snmp_user_refused", message, remedy: "" } as const;
}

/** `<name> <group> v3 auth {sha | sha-2 256} <passphrase> priv aes 128 <passphrase>` */
const userBranch: readonly ConsoleNode[] = [
  word("name", "User", {
    next: [
      word("group", "Group", {
        next: [
          keyword("v3", "Version 3", {
            next: [
              keyword("auth", "Authentication", {
                next: [
                  keyword("sha", "HMAC-SHA-1", { next: [passphrases("sha")] }),
                  keyword("sha-2", "HMAC-SHA-2", {
                    next: [keyword("256", "HMAC-SHA-256", { next: [passphrases("sha256")] })],
                  }),
                ],
              }),
            ],
          }),
        ],
      }),
    ],
  }),
];

function passphrases(authProtocol: AuthProtocol): ConsoleNode {
  const action = changing((control, given) => addUser(control, given, authProtocol));
  const key = word<CommandHandler>("privPassphrase", "Passphrase of the encryption", { action });
  const aes = keyword<CommandHandler>("aes", "AES", { next: [keyword("128", "128 bits", { next: [key] })] });
  return word("authPassphrase", "Passphrase of the authentication", {
    next: [keyword("priv", "Encryption", { next: [aes] })],
  });
}

const noUser = changing((control, { name = "" }) => control.change({ setting: "snmp user", name, value: null }));

type HostOf = Pick<SnmpHost, "kind" | "version">;

function hostOf({ host = "", name = "", port }: Arguments, { kind, version }: HostOf): SnmpHost {
  return { host, port: port === undefined ? 162 : Number(port), kind, version, securityName: name };
}

function addHost(now: SnmpConfiguration, host: SnmpHost): SnmpConfiguration | string {
  if (!isName(host.securityName)) return badName;
  const others = now.hosts.filter((one) => !isSameHost(one, host));
  if (others.length >= snmpHostsMax) return `Notifications go to at most ${snmpHostsMax} hosts.`;
  return { ...now, hosts: [...others, host] };
}

function hostEnd(of: HostOf): ConsoleNode {
  const action = editing((now, given) => addHost(now, hostOf(given, of)));
  const port = number<CommandHandler>("port", [1, 65_535], "Port", { action });
  return word("name", of.version === "3" ? "User" : "Community", {
    action,
    next: [keyword("udp-port", "Port of the receiver", { next: [port] })],
  });
}

const version2 = (kind: SnmpHost["kind"]) =>
  keyword<CommandHandler>("2c", "Version 2c", { next: [hostEnd({ kind, version: "2c" })] });
const version3 = keyword<CommandHandler>("3", "Version 3", {
  next: [keyword("priv", "Authenticated and encrypted", { next: [hostEnd({ kind: "informs", version: "3" })] })],
});

const hostBranch: readonly ConsoleNode[] = [
  word("host", "Name or address of the receiver", {
    next: [
      keyword("informs", "Repeated until acknowledged", {
        next: [keyword("version", "Version of SNMP", { next: [version2("informs"), version3] })],
      }),
      keyword("traps", "Sent once", {
        next: [keyword("version", "Version of SNMP", { next: [version2("traps")] })],
      }),
      keyword("version", "Version of SNMP", { next: [version2("traps"), version3] }),
    ],
  }),
];

/** Of all notifications to this address. */
const noHost = editing((now, { host }) => {
  const others = now.hosts.filter((one) => one.host !== host);
  return others.length === now.hosts.length ? "There is no such host." : { ...now, hosts: others };
});

function notifications(notifies: boolean): ConsoleNode {
  const action = editing((now) => ({ ...now, notifies }));
  return keyword("traps", "Notifications", { action, next: [keyword("license", "Of licensing", { action })] });
}

function textSetting(part: "contact" | "location", help: string): ConsoleNode {
  const action = editing((now, given) => ({ ...now, [part]: (given.text ?? "").slice(0, 255) }));
  return keyword(part, help, { next: [line("text", help, { action })] });
}

const listen = editing((now, { address = "", port }) =>
  isIP(address) === 0 ? "This is no IP address." : { ...now, listen: { address, port: Number(port) } },
);

/** Below `snmp-server`. */
export const snmpServerCommands: readonly ConsoleNode[] = [
  keyword("community", "Who may ask with version 2c", { next: communityBranch(true) }),
  textSetting("contact", "Who to ask about the device"),
  keyword("enable", "Send notifications", { next: [notifications(true)] }),
  keyword("group", "Users of version 3", { next: groupBranch(true) }),
  keyword("host", "Who gets notifications", { next: hostBranch }),
  keyword("listen", "Where the device answers", {
    next: [
      word("address", "Address; 0.0.0.0 for all", {
        next: [
          keyword("port", "UDP port", { next: [number("port", [0, 65_535], "0 for a free one", { action: listen })] }),
        ],
      }),
    ],
  }),
  textSetting("location", "Where the device stands"),
  keyword("trap-source", "Interface that notifications leave from", {
    next: [
      line("interface", "Interface", {
        action: editing((now, given) => ({ ...now, sourceInterface: given.interface ?? "" })),
      }),
    ],
  }),
  keyword("user", "A user of version 3", { next: userBranch }),
];

function standard<Part extends keyof SnmpConfiguration>(part: Part): { readonly action: CommandHandler } {
  return { action: editing((now) => ({ ...now, [part]: defaultSnmp[part] })) };
}

/** Below `no snmp-server`. */
export const noSnmpServer: readonly ConsoleNode[] = [
  keyword("community", "Who may ask with version 2c", { next: communityBranch(false) }),
  keyword("contact", "No contact", standard("contact")),
  keyword("enable", "Send no notifications", { next: [notifications(false)] }),
  keyword("group", "Users of version 3", { next: groupBranch(false) }),
  keyword("host", "Who gets notifications", { next: [word("host", "Name or address", { action: noHost })] }),
  keyword("listen", "On loopback, port 161", standard("listen")),
  keyword("location", "No location", standard("location")),
  keyword("trap-source", "Whichever interface is up", {
    ...standard("sourceInterface"),
    next: [line("value", "Whatever it was", standard("sourceInterface"))],
  }),
  keyword("user", "A user of version 3", { next: [word("name", "User", { action: noUser })] }),
];

function viewed(render: (view: SnmpView) => string): CommandHandler {
  return async ({ reader }) => {
    const view = reader.snmp();
    return shown(render(view), view);
  };
}

/** Below `show`. */
export const showSnmpCommands: readonly ConsoleNode[] = [
  keyword("snmp", "SNMP", {
    modes: ["exec"],
    action: viewed(renderSnmp),
    next: [
      keyword("host", "Who gets notifications", { action: viewed(renderSnmpHosts) }),
      keyword("user", "Users of version 3", { action: viewed(renderSnmpUsers) }),
    ],
  }),
];
