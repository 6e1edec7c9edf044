// ip ... of global configuration: names, name servers, the HTTP client; and the `no` forms.

import { type HttpServerSettings, httpsPortDefault } from "../../http-configuration.ts";
import { type CommandHandler, type ConsoleNode, changing } from "../command-context.ts";
import { cleared, keyword, line, number, spelling, word } from "../command-node.ts";
import type { Arguments } from "../parse-command.ts";
import { setting, wordsOf } from "./network-setting.ts";

const sourceInterface = [
  keyword("source-interface", "Interface that questions leave from", {
    next: [
      line("interface", "Interface", {
        action: setting((given) => ({ change: "lookup source", interface: given.interface ?? "" })),
      }),
    ],
  }),
] as const satisfies readonly ConsoleNode[];

const noSourceInterface = keyword("source-interface", "Whichever interface", {
  action: setting(() => ({ change: "lookup source", interface: null })),
  next: [line("interface", "Interface", { action: setting(() => ({ change: "lookup source", interface: null })) })],
});

const lookupOn = setting(() => ({ change: "domain lookup", isOn: true }));
const lookupOff = setting(() => ({ change: "domain lookup", isOn: false }));
const domainName = (given: Readonly<Record<string, string>>) =>
  ({ change: "domain name", name: given.name ?? "" }) as const;
const noDomainName = setting(() => ({ change: "domain name", name: null }));

const vrfDomainName: ConsoleNode = keyword("vrf", "Of one routing table", {
  next: [
    word("vrf", "VRF", {
      next: [
        word("name", "Domain", {
          action: setting((given) => ({ change: "vrf domain name", vrf: given.vrf ?? "", name: given.name ?? "" })),
        }),
      ],
    }),
  ],
});
const noVrfDomain = setting((given) => ({ change: "vrf domain name", vrf: given.vrf ?? "", name: null }));
const noVrfDomainName: ConsoleNode = keyword("vrf", "Of one routing table", {
  next: [
    word("vrf", "VRF", { action: noVrfDomain, next: [line("value", "Whatever it was", { action: noVrfDomain })] }),
  ],
});

const vrfLookup: ConsoleNode = keyword("vrf", "Of one routing table", {
  next: [
    word("vrf", "VRF", {
      next: [
        keyword("source-interface", "Interface that questions leave from", {
          next: [
            line("interface", "Interface", {
              action: setting((given) => ({
                change: "vrf lookup source",
                vrf: given.vrf ?? "",
                interface: given.interface ?? "",
              })),
            }),
          ],
        }),
      ],
    }),
  ],
});
const noVrfSource = setting((given) => ({ change: "vrf lookup source", vrf: given.vrf ?? "", interface: null }));
const noVrfLookup: ConsoleNode = keyword("vrf", "Of one routing table", {
  next: [word("vrf", "VRF", { next: [cleared("source-interface", "Whichever interface", noVrfSource)] })],
});

const addHost: CommandHandler = setting((given) => ({
  change: "add host",
  name: given.name ?? "",
  addresses: wordsOf(given.addresses),
}));
const removeHost: CommandHandler = setting((given) => ({
  change: "remove host",
  name: given.name ?? "",
  addresses: wordsOf(given.addresses),
}));

function clientSetting(of: "client trustpoint" | "source interface"): CommandHandler {
  return changing((control, given) => control.change({ setting: of, value: given.value ?? "" }));
}

function noClientSetting(of: "client trustpoint" | "source interface"): CommandHandler {
  return changing((control) => control.change({ setting: of, value: null }));
}

const clientProxy = setting((given) => ({
  change: "client proxy",
  proxy: { host: given.host ?? "", port: Number(given.port) },
}));
const noClientProxy = setting(() => ({ change: "client proxy", proxy: null }));

const httpClient: readonly ConsoleNode[] = [
  keyword("proxy-server", "HTTP proxy, where licensing has none of its own", {
    next: [
      word("host", "Host name or address", {
        next: [
          keyword("proxy-port", "Port of the proxy", {
            next: [number("port", [1, 65_535], "Port", { action: clientProxy })],
          }),
        ],
      }),
    ],
  }),
  keyword("secure-trustpoint", "Trustpoint towards the manager", {
    next: [word("value", "Trustpoint", { action: clientSetting("client trustpoint") })],
  }),
  keyword("source-interface", "Interface that licensing leaves through", {
    next: [line("value", "Interface", { action: clientSetting("source interface") })],
  }),
];

/** Server settings and client settings never change each other (TRN-10). */
function serverSetting(settingsOf: (given: Arguments) => Partial<HttpServerSettings>): CommandHandler {
  return changing((control, given) => control.change({ setting: "http server", value: settingsOf(given) }));
}

const httpServer: readonly ConsoleNode[] = [
  keyword("authentication", "Who may use the HTTPS server", {
    next: [
      keyword("local", "The users of this device", { action: serverSetting(() => ({ authentication: "local" })) }),
    ],
  }),
  keyword("secure-port", "Port of the HTTPS server", {
    next: [number("port", [1, 65_535], "Port", { action: serverSetting((given) => ({ port: Number(given.port) })) })],
  }),
  keyword("secure-server", "HTTPS server: web page, RESTCONF, reports for whoever pulls", {
    action: serverSetting(() => ({ isOn: true })),
  }),
];

const noAuthentication = serverSetting(() => ({ authentication: null }));
const standardPort = serverSetting(() => ({ port: httpsPortDefault }));

const noHttpServer: readonly ConsoleNode[] = [
  keyword("authentication", "Nobody may use the HTTPS server", {
    action: noAuthentication,
    next: [keyword("local", "The users of this device", { action: noAuthentication })],
  }),
  keyword("secure-port", "The standard port", {
    action: standardPort,
    next: [line("value", "Whatever it was", { action: standardPort })],
  }),
  keyword("secure-server", "No HTTPS server", { action: serverSetting(() => ({ isOn: false })) }),
];

const noHttpClient: readonly ConsoleNode[] = [
  cleared("proxy-server", "No HTTP proxy", noClientProxy),
  cleared("secure-trustpoint", "No trustpoint", noClientSetting("client trustpoint")),
  cleared("source-interface", "Any interface", noClientSetting("source interface")),
];

/** Below `ip`. */
export const ipCommands: readonly ConsoleNode[] = [
  keyword("domain", "Names of domains", {
    next: [
      keyword("lookup", "Ask name servers", { action: lookupOn, next: [...sourceInterface, vrfLookup] }),
      keyword("name", "Domain of names without one", {
        next: [vrfDomainName, word("name", "Domain", { action: setting(domainName) })],
      }),
    ],
  }),
  spelling("domain-lookup", "Ask name servers", { action: lookupOn, next: [...sourceInterface, vrfLookup] }),
  spelling("domain-name", "Domain of names without one", {
    next: [vrfDomainName, word("name", "Domain", { action: setting(domainName) })],
  }),
  keyword("host", "Give a name addresses", {
    next: [word("name", "Host name", { next: [line("addresses", "Addresses", { action: addHost })] })],
  }),
  keyword("http", "HTTP", { next: [...httpServer, keyword("client", "HTTP client", { next: httpClient })] }),
  keyword("name-server", "Name servers to ask", {
    next: [
      line("servers", "[vrf NAME] and addresses", {
        action: setting((given) => ({ change: "add name servers", words: wordsOf(given.servers) })),
      }),
    ],
  }),
];

const noServers = setting((given) => ({ change: "remove name servers", words: wordsOf(given.servers) }));

/** Below `no ip`. */
export const noIpCommands: readonly ConsoleNode[] = [
  keyword("domain", "Names of domains", {
    next: [
      keyword("lookup", "Ask no name servers", { action: lookupOff, next: [noSourceInterface, noVrfLookup] }),
      keyword("name", "No domain", {
        action: noDomainName,
        next: [noVrfDomainName, line("value", "Whatever it was", { action: noDomainName })],
      }),
    ],
  }),
  spelling("domain-lookup", "Ask no name servers", { action: lookupOff, next: [noSourceInterface, noVrfLookup] }),
  spelling("domain-name", "No domain", {
    action: noDomainName,
    next: [noVrfDomainName, line("value", "Whatever it was", { action: noDomainName })],
  }),
  keyword("host", "Forget a name", {
    next: [
      word("name", "Host name", {
        action: removeHost,
        next: [line("addresses", "Whatever they were", { action: removeHost })],
      }),
    ],
  }),
  keyword("http", "HTTP", { next: [...noHttpServer, keyword("client", "HTTP client", { next: noHttpClient })] }),
  keyword("name-server", "No name servers", {
    action: noServers,
    next: [line("servers", "[vrf NAME] and addresses", { action: noServers })],
  }),
];
