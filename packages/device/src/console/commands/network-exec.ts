// What looks at the network: show ip ..., show hosts, ping, telnet. Nothing here changes a device.

import { isIP } from "node:net";
import type { NetworkView, ProbeSource } from "../../network-view.ts";
import {
  forwardingPrefixes,
  renderCef,
  renderCefTable,
  renderHosts,
  renderHttpClient,
  renderHttpServer,
  renderInterfaceBrief,
  renderNoForwarding,
  renderPing,
  renderRoutes,
  renderTelnet,
} from "../../render/show-network.ts";
import {
  answerOf,
  type CommandHandler,
  type CommandResult,
  type ConsoleNode,
  notRunning,
  shown,
} from "../command-context.ts";
import { keyword, line, number, word } from "../command-node.ts";
import { wordsOf } from "./network-setting.ts";

const anyExec = ["user", "exec"] as const;

function failed(code: string, text: string): CommandResult {
  return { outcome: "failed", text, json: { outcome: "failed", code, message: text.replace(/^% ?/, "") } };
}

/** The field's words, and the reason behind them. */
function unreached(answer: { readonly outcome: "unresolved" | "no way"; readonly reason: string }): CommandResult {
  if (answer.outcome === "no way") return failed("no_way", `% ${answer.reason}`);
  return failed("name_not_found", `% Unrecognized host or address, or protocol not running.\n% ${answer.reason}`);
}

const ping: CommandHandler = async ({ control }, given) => {
  if (control === null) return answerOf(notRunning, "");
  const source = { interface: given.interface ?? null, vrf: given.vrf ?? null };
  const answer = await control.probe.ping(given.host ?? "", source);
  if (answer.outcome !== "probed") return unreached(answer);
  const { result } = answer;
  if (result.outcome === "unavailable")
    return failed("ping_unavailable", `% Nothing was sent: ${result.reason}. Try \`telnet ${given.host ?? ""} 443\`.`);
  return shown(renderPing(result), result);
};

type TelnetOptions = { readonly source: ProbeSource } | { readonly mistake: string };

/** `/ipv4 /source-interface Vlan10 /vrf Mgmt-vrf`, in any order; a number of its own belongs to the interface before it. */
function telnetOptions(text: string | undefined): TelnetOptions {
  let source: ProbeSource = { interface: null, vrf: null };
  const words = [...wordsOf(text)];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const value = words[0];
    if (word === "/ipv4") continue;
    if (value === undefined || !/^\/(source-interface|vrf)$/.test(word)) return { mistake: word };
    words.shift();
    if (word === "/vrf") source = { ...source, vrf: value };
    else source = { ...source, interface: /^\d[\d/]*$/.test(words[0] ?? "") ? `${value} ${words.shift()}` : value };
  }
  return { source };
}

const telnet: CommandHandler = async ({ control }, given) => {
  if (control === null) return answerOf(notRunning, "");
  const host = given.host ?? "";
  const port = Number(given.port ?? 23);
  const options = telnetOptions(given.options);
  if ("mistake" in options)
    return { outcome: "mistake", text: `% Invalid option: ${options.mistake}`, json: { code: "invalid" } };
  const answer = await control.probe.connect(host, port, options.source);
  if (answer.outcome !== "probed") return unreached(answer);
  const isOpen = answer.result.some(({ outcome }) => outcome === "open");
  const json = { host, port, isOpen, tried: answer.result };
  return { outcome: isOpen ? "done" : "failed", text: renderTelnet(host, port, answer.result), json };
};

const telnetOptionsNode = line<CommandHandler>("options", "/ipv4, /source-interface and /vrf with their values", {
  action: telnet,
});

const pingHost = (): ConsoleNode =>
  word("host", "Host name or address", {
    action: ping,
    next: [
      keyword("source", "Interface that packets leave from", {
        next: [line("interface", "Interface", { action: ping })],
      }),
    ],
  });

/** At the root of the tree. */
export const networkExecCommands: readonly ConsoleNode[] = [
  keyword("ping", "Send echo requests", {
    modes: anyExec,
    next: [keyword("vrf", "In a routing table", { next: [word("vrf", "VRF", { next: [pingHost()] })] }), pingHost()],
  }),
  keyword("telnet", "Try whether a TCP port answers", {
    modes: anyExec,
    next: [
      word("host", "Host name or address", {
        action: telnet,
        next: [number("port", [1, 65_535], "Port", { action: telnet, next: [telnetOptionsNode] }), telnetOptionsNode],
      }),
    ],
  }),
];

/** A command that prints the network as it is now. */
function viewed(render: (view: NetworkView) => string, json: (view: NetworkView) => unknown): CommandHandler {
  return async ({ reader }) => {
    const view = await reader.network();
    return shown(render(view), json(view));
  };
}

const brief = viewed(renderInterfaceBrief, ({ interfaces }) => ({ interfaces }));

const hosts: CommandHandler = async ({ reader, options }) => {
  const view = await reader.network();
  const { domainName, domainLookup, nameServers, hosts: named } = view.settings;
  const json = { domainName, domainLookup, nameServers, hosts: named, lookedUp: view.lookedUp };
  return shown(renderHosts(view, options.nowMs), json);
};

const httpClient: CommandHandler = async ({ reader }) => {
  const configuration = reader.runningConfiguration();
  const { sourceInterface, clientTrustpoint, network, proxy } = configuration;
  const { clientProxy, checksServerIdentity } = network;
  const json = { sourceInterface, clientTrustpoint, clientProxy, licensingProxy: proxy, checksServerIdentity };
  return shown(renderHttpClient(configuration), json);
};

const httpServer: CommandHandler = async ({ reader }) => {
  const configuration = reader.runningConfiguration();
  return shown(renderHttpServer(configuration), configuration.httpServer);
};

const cefTable: CommandHandler = async ({ reader }) => {
  const view = await reader.network();
  const prefixes = forwardingPrefixes(view);
  return shown(renderCefTable(prefixes), { prefixes });
};

const routes: CommandHandler = async ({ reader }, given) => {
  const view = await reader.network();
  const vrf = given.vrf ?? null;
  if (vrf !== null && !view.settings.vrfs.includes(vrf))
    return failed("vrf_unknown", `% IP routing table ${vrf} does not exist`);
  const interfaces = view.interfaces.filter((one) => one.isUp && one.vrf === vrf);
  return shown(renderRoutes(view, vrf), { vrf, connected: interfaces });
};

const cef: CommandHandler = async ({ control, reader }, given) => {
  const address = given.address ?? "";
  if (control === null) return answerOf(notRunning, "");
  if (isIP(address) === 0) return failed("address_invalid", `% ${address} is no IP address.`);
  const source = await control.probe.sourceTowards(address, { interface: null, vrf: given.vrf ?? null });
  const { interfaces } = await reader.network();
  return shown(renderCef(address, source, interfaces), { address, source });
};

const vrfs: CommandHandler = async ({ reader }) => {
  const { settings } = await reader.network();
  const rows = settings.vrfs.map((vrf) => {
    const names = settings.interfaces.filter((one) => one.vrf === vrf).map(({ name }) => name);
    return `  ${vrf.padEnd(32)} <not set>             ipv4        ${names.join(" ")}`.trimEnd();
  });
  const head = "  Name                             Default RD            Protocols   Interfaces";
  return shown([head, ...rows].join("\n"), { vrfs: settings.vrfs });
};

function noForwarding(table: string): CommandHandler {
  return async () => failed("no_forwarding", renderNoForwarding(table));
}

/** With or without whatever narrows it. */
function notHere(name: string, table: string): ConsoleNode {
  const action = noForwarding(table);
  return keyword(name, "Not on a simulated platform", { action, next: [line("rest", "Whatever follows", { action })] });
}

/** Below `show`. */
export const showNetworkCommands: readonly ConsoleNode[] = [
  notHere("arp", "ARP table"),
  keyword("hosts", "Names and their addresses", { action: hosts }),
  keyword("ip", "Internet protocol", {
    next: [
      notHere("arp", "ARP table"),
      keyword("cef", "Where connections leave from", {
        action: cefTable,
        next: [
          keyword("vrf", "In a routing table", {
            next: [word("vrf", "VRF", { next: [word("address", "Address", { action: cef })] })],
          }),
          word("address", "Address", { action: cef }),
        ],
      }),
      keyword("http", "HTTP", {
        next: [
          keyword("client", "HTTP client", { next: [keyword("all", "Everything about it", { action: httpClient })] }),
          keyword("server", "HTTP server", {
            next: [keyword("status", "Whether there is one, and for whom", { action: httpServer })],
          }),
        ],
      }),
      keyword("interface", "Interfaces", { next: [keyword("brief", "A line each", { action: brief })] }),
      keyword("route", "Routing table", {
        action: routes,
        next: [keyword("vrf", "Of a VRF", { next: [word("vrf", "VRF", { action: routes })] })],
      }),
    ],
  }),
  keyword("mac", "MAC addresses", { next: [notHere("address-table", "MAC address table")] }),
  keyword("vrf", "Routing tables", { action: vrfs }),
];
