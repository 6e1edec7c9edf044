// call-home of global configuration, its profiles, service call-home, and what is shown of them. What would send something home
// beside licensing is refused with the reason: a simulated platform has no such thing.

import {
  type CallHomeConfiguration,
  type CallHomeProfile,
  defaultProfileName,
  type EditedCallHome,
  editProfile,
  findProfile,
  unknownProfile,
  withContact,
  withoutProfile,
  withProfile,
} from "../../call-home-configuration.ts";
import { callHomeJson, renderCallHome, renderCallHomeLicensing, renderProfiles } from "../../render/show-call-home.ts";
import { answerOf, type CommandHandler, type ConsoleNode, notRunning, shown } from "../command-context.ts";
import { cleared, keyword, line, number, word } from "../command-node.ts";
import type { Arguments } from "../parse-command.ts";

const config = ["config"] as const;
const inCallHome = ["cfg-call-home"] as const;
const inProfile = ["cfg-call-home-profile"] as const;

type Edit = (now: CallHomeConfiguration, given: Arguments, name: string) => EditedCallHome;

function setting(edit: Edit, textWhenDone = ""): CommandHandler {
  return async ({ control, location }, given) => {
    const change = (now: CallHomeConfiguration): EditedCallHome => edit(now, given, location.name ?? "");
    const outcome = control === null ? notRunning : await control.change({ setting: "call home", edit: change });
    return answerOf(outcome, textWhenDone);
  };
}

function set(change: Partial<CallHomeConfiguration>): CommandHandler {
  return setting((now) => ({ ...now, ...change }));
}

function profile(changeOf: (given: Arguments) => Partial<Omit<CallHomeProfile, "name">>): CommandHandler {
  return setting((now, given, name) => editProfile(now, name, changeOf(given)));
}

function refusing(message: string, remedy: string): CommandHandler {
  return async () => answerOf({ outcome: "refused", code: "call_home_not_simulated", message, remedy }, "");
}

const noMail = refusing("A simulated platform sends no mail.", "Use `destination transport-method http`.");
const onlyLicensing = refusing(
  "A simulated platform has no events to report to Smart Call Home.",
  "Use `reporting smart-licensing-data`.",
);
const onlyXml = refusing("Licensing messages have one form, which is not chosen here.", "Leave the format at xml.");

/** Said with the setting, so that nobody waits for a mail (BET-2). */
const contact = setting(
  (now, given) => withContact(now, given.address ?? ""),
  "% The contact is shown by `show call-home`; no message carries it.",
);

const toCallHome: CommandHandler = async () => ({
  ...shown("", { outcome: "done" }),
  session: { type: "go to", location: { mode: "cfg-call-home", name: null } },
});

const toProfile: CommandHandler = async (context, given) => {
  const name = given.name ?? "";
  const answer = await setting((now) => withProfile(now, name))(context, given);
  if (answer.outcome !== "done") return answer;
  const made = findProfile(context.reader.runningConfiguration().callHome, name)?.name ?? name;
  return { ...answer, session: { type: "go to", location: { mode: "cfg-call-home-profile", name: made } } };
};

const httpProxy = setting((now, given) => ({
  ...now,
  httpProxy: { host: given.host ?? "", port: Number(given.port) },
}));

const identityCheck = (isOn: boolean): ConsoleNode =>
  keyword("http", "HTTP", {
    next: [
      keyword("secure", "TLS", {
        next: [
          keyword("server-identity-check", "Whether the certificate must be for the server's name", {
            action: set({ checksServerIdentity: isOn }),
          }),
        ],
      }),
    ],
  });

const serviceCallHome = (isOn: boolean): ConsoleNode =>
  keyword("call-home", isOn ? "Call Home may be used" : "No Call Home", { action: set({ isOn }) });

const serviceInternal = (value: boolean): ConsoleNode =>
  keyword("internal", value ? "Commands for those who look inside" : "None of them", {
    action: async ({ control }) =>
      answerOf(control === null ? notRunning : await control.change({ setting: "service internal", value }), ""),
  });

const address = profile((given) => ({ url: given.url ?? "" }));
const noAddress = profile(() => ({ url: null }));
const taken: CommandHandler = async () => shown("", { outcome: "done" });

const destination: readonly ConsoleNode[] = [
  keyword("address", "Where to", {
    next: [
      keyword("email", "Not on this device", {
        action: noMail,
        next: [line("address", "Address", { action: noMail })],
      }),
      keyword("http", "Over HTTPS", { next: [word("url", "Address", { action: address })] }),
    ],
  }),
  keyword("preferred-msg-format", "Form of messages", {
    next: [
      keyword("long-text", "Not on this device", { action: onlyXml }),
      keyword("short-text", "Not on this device", { action: onlyXml }),
      keyword("xml", "As it is", { action: taken }),
    ],
  }),
  keyword("transport-method", "How", {
    next: [
      keyword("email", "Not on this device", { action: noMail }),
      keyword("http", "Over HTTPS", { action: taken }),
    ],
  }),
];

const reporting = (carriesLicensing: boolean): ConsoleNode =>
  keyword("reporting", "What this profile carries", {
    next: [
      ...(carriesLicensing
        ? [
            keyword<CommandHandler>("all", "Not on this device", { action: onlyLicensing }),
            keyword<CommandHandler>("smart-call-home-data", "Not on this device", { action: onlyLicensing }),
          ]
        : []),
      keyword("smart-licensing-data", "Licensing", { action: profile(() => ({ carriesLicensing })) }),
    ],
  });

/** At the root of the tree. */
export const callHomeCommands: readonly ConsoleNode[] = [
  keyword("call-home", "Configure Call Home", { modes: config, action: toCallHome }),
  keyword("service", "Services of the device", {
    modes: config,
    next: [serviceCallHome(true), serviceInternal(true)],
  }),
  keyword("contact-email-addr", "Who is responsible", {
    modes: inCallHome,
    next: [word("address", "E-mail address", { action: contact })],
  }),
  { ...identityCheck(true), modes: inCallHome },
  keyword("http-proxy", "HTTP proxy of Call Home", {
    modes: inCallHome,
    next: [
      word("host", "Host name or address", {
        next: [
          keyword("port", "Port of the proxy", {
            next: [number("port", [1, 65_535], "Port", { action: httpProxy })],
          }),
        ],
      }),
    ],
  }),
  keyword("profile", "Where Call Home goes", {
    modes: inCallHome,
    next: [word("name", "Name of the profile", { action: toProfile })],
  }),
  keyword("source-interface", "Interface that Call Home leaves through", {
    modes: inCallHome,
    next: [
      line("interface", "Interface", {
        action: setting((now, given) => ({ ...now, sourceInterface: given.interface ?? "" })),
      }),
    ],
  }),
  keyword("vrf", "Routing table of Call Home", {
    modes: inCallHome,
    next: [word("vrf", "VRF", { action: setting((now, given) => ({ ...now, vrf: given.vrf ?? "" })) })],
  }),
  keyword("no", "Set back to the default", {
    modes: inCallHome,
    next: [
      cleared("contact-email-addr", "Nobody", set({ contactEmail: null })),
      identityCheck(false),
      cleared("http-proxy", "The proxy of the HTTP client", set({ httpProxy: null })),
      keyword("profile", "Remove a profile", {
        next: [
          word("name", "Name of the profile", {
            action: setting((now, given) => withoutProfile(now, given.name ?? "")),
          }),
        ],
      }),
      cleared("source-interface", "That of the HTTP client", set({ sourceInterface: null })),
      cleared("vrf", "Global routing", set({ vrf: null })),
    ],
  }),
  keyword("active", "Use this profile", { modes: inProfile, action: profile(() => ({ isActive: true })) }),
  keyword("destination", "Where to and how", { modes: inProfile, next: destination }),
  { ...reporting(true), modes: inProfile },
  keyword("no", "Set back to the default", {
    modes: inProfile,
    next: [
      keyword("active", "Do not use this profile", { action: profile(() => ({ isActive: false })) }),
      keyword("destination", "Where to", {
        next: [
          keyword("address", "Where to", {
            next: [cleared("http", `None; in ${defaultProfileName} that of the documents`, noAddress)],
          }),
        ],
      }),
      reporting(false),
    ],
  }),
];

/** Below `no` of global configuration. */
export const noService: readonly ConsoleNode[] = [
  keyword("service", "Services of the device", { next: [serviceCallHome(false), serviceInternal(false)] }),
];

const settings: CommandHandler = async ({ reader }) => {
  const configuration = reader.runningConfiguration();
  return shown(renderCallHome(configuration), callHomeJson(configuration));
};

const licensing: CommandHandler = async ({ reader }) => {
  const configuration = reader.runningConfiguration();
  return shown(renderCallHomeLicensing(configuration), callHomeJson(configuration));
};

const profiles: CommandHandler = async ({ reader }, given) => {
  const configuration = reader.runningConfiguration();
  const { callHome } = configuration;
  const { profiles: all } = callHomeJson(configuration);
  if (given.name === undefined) return shown(renderProfiles(callHome.profiles), { profiles: all });
  const found = findProfile(callHome, given.name);
  if (found !== undefined)
    return shown(renderProfiles([found]), { profiles: all.filter((one) => one.name === found.name) });
  const message = unknownProfile(given.name);
  return answerOf({ outcome: "refused", code: "profile_unknown", message, remedy: "" }, "");
};

/** Below `show`. */
export const showCallHomeCommands: readonly ConsoleNode[] = [
  keyword("call-home", "Call Home", {
    modes: ["exec"],
    action: settings,
    next: [
      keyword("profile", "Where Call Home goes", {
        next: [
          keyword("all", "Every profile", { action: profiles }),
          word("name", "Name of the profile", { action: profiles }),
        ],
      }),
      keyword("smart-licensing", "How licensing goes by Call Home", { action: licensing }),
    ],
  }),
];
