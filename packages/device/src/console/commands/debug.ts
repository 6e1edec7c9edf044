// debug, undebug, no debug, show debugging, show logging process: what licensing does, as it happens and as it was.

import { type DebugTopic, type DebugWords, debugTopics, topicsBelow, topicsOf } from "../../debug/debug-topics.ts";
import type { TraceLine } from "../../debug/trace-ring.ts";
import type { ControlOutcome } from "../../device-control.ts";
import { renderDebugging, renderTrace } from "../../render/show-debugging.ts";
import { answerOf, type CommandHandler, type ConsoleNode, changing, shown } from "../command-context.ts";
import { keyword, number } from "../command-node.ts";

const exec = ["exec"] as const;

/** `all` of the HTTP client, and the bare `debug ip http client`, mean everything below. */
function topicOrAll(words: string, isOn: boolean): CommandHandler {
  return switching(topicsBelow(words), isOn);
}

function switching(topics: readonly DebugWords[], isOn: boolean): CommandHandler {
  const said = topics.map((words) => `${(topicsOf[words] as DebugTopic).title} debugging is ${isOn ? "on" : "off"}`);
  return changing((control) => control.debug(topics, isOn), said.join("\n"));
}

function refusing(code: string, message: string, remedy: string): CommandHandler {
  const outcome: ControlOutcome = { outcome: "refused", code, message, remedy };
  return async () => answerOf(outcome, "");
}

const noCache = refusing(
  "debug_without_subject",
  "The HTTP client of licensing keeps no answers: there is no cache to debug.",
  "Use `debug ip http client all`.",
);

function topics(isOn: boolean): readonly ConsoleNode[] {
  const one = (word: string, help: string, words: string): ConsoleNode =>
    keyword(word, help, { action: topicOrAll(words, isOn) });
  const client = [
    one("all", "Everything about it", "ip http client"),
    one("api", "What is asked of it", "ip http client api"),
    keyword("cache", "Not on this device", { action: noCache }),
    one("error", "What went wrong", "ip http client error"),
    one("main", "Names and proxies", "ip http client main"),
    one("msg", "Messages", "ip http client msg"),
    one("socket", "TCP connections", "ip http client socket"),
  ];
  return [
    keyword("call-home", "Call Home", {
      next: [
        keyword("smart-licensing", "Licensing by Call Home", {
          action: topicOrAll("call-home smart-licensing", isOn),
          next: [
            one("all", "Everything about it", "call-home smart-licensing"),
            one("error", "What went wrong", "call-home smart-licensing error"),
            one("trace", "What is sent and answered", "call-home smart-licensing trace"),
          ],
        }),
      ],
    }),
    keyword("crypto", "Certificates", {
      next: [
        keyword("pki", "Public key infrastructure", {
          next: [
            one("messages", "Certificates that were shown", "crypto pki messages"),
            one("transactions", "Checks of certificates, lists of revoked ones", "crypto pki transactions"),
          ],
        }),
      ],
    }),
    keyword("ip", "Internet protocol", {
      next: [
        keyword("http", "HTTP", {
          next: [
            keyword("client", "The HTTP client of licensing", {
              action: topicOrAll("ip http client", isOn),
              next: client,
            }),
          ],
        }),
      ],
    }),
    keyword("license", "Licensing", {
      next: [
        keyword("agent", "State machine and exchanges", { next: [one("all", "Everything", "license agent all")] }),
        one("errors", "Exchanges that failed", "license errors"),
        one("events", "Exchanges with the manager", "license events"),
      ],
    }),
    keyword("ssl", "TLS", {
      next: [
        keyword("openssl", "TLS of licensing", {
          next: [
            one("errors", "Handshakes that failed", "ssl openssl errors"),
            one("msg", "Messages of TLS, read off the wire", "ssl openssl msg"),
            one("states", "How handshakes go", "ssl openssl states"),
          ],
        }),
      ],
    }),
  ];
}

const everyTopic = debugTopics.map(({ words }) => words);
const allOff = changing((control) => control.debug(everyTopic, false), "All possible debugging has been turned off");
const off: readonly ConsoleNode[] = [keyword("all", "Everything", { action: allOff }), ...topics(false)];

/** At the root of the tree. */
export const debugCommands: readonly ConsoleNode[] = [
  keyword("debug", "Show what happens, as it happens", { modes: exec, next: topics(true) }),
  keyword("undebug", "Show it no longer", { modes: exec, next: off }),
];

/** Below `no` of privileged EXEC. */
export const noDebug: readonly ConsoleNode[] = [keyword("debug", "Show it no longer", { next: off })];

const debugging: CommandHandler = async ({ reader }) => {
  const view = reader.watch();
  return shown(renderDebugging(view), { debugs: view.debugs });
};

const secondsOf: Readonly<Record<string, number>> = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 };

/** Without a start, everything that is kept. */
export const trace: CommandHandler = async ({ reader, options }, given) => {
  const { unit, amount } = given;
  const spanMs = unit === undefined ? Number.POSITIVE_INFINITY : Number(amount) * (secondsOf[unit] ?? 1) * 1000;
  const lines = reader.watch().trace.filter(({ atMs }: TraceLine) => atMs >= options.nowMs - spanMs);
  const json = { lines: lines.map(({ atMs, area, text }) => ({ at: new Date(atMs).toISOString(), area, text })) };
  return shown(renderTrace(lines, options.zone), json);
};

const traceSince: readonly ConsoleNode[] = [
  keyword("start", "From when on", {
    next: [
      keyword("last", "So long ago", {
        next: [
          number("amount", [1, 4_294_967], "How long", {
            next: Object.keys(secondsOf).map((unit) =>
              keyword(unit, `In ${unit}`, { action: (context, given) => trace(context, { ...given, unit }) }),
            ),
          }),
        ],
      }),
    ],
  }),
];

const processes: readonly ConsoleNode[] = ["iosrp", "smart-agent"].map((name) =>
  keyword(name, "Exchanges of licensing, their connections, TLS and certificates", { action: trace, next: traceSince }),
);

/** Below `show logging`. */
export const showLoggingProcess: readonly ConsoleNode[] = [
  keyword("process", "What a process did lately, whether it was debugged or not", { next: processes }),
];

/** Below `show`. */
export const showDebugCommands: readonly ConsoleNode[] = [
  keyword("debugging", "What is being debugged", { modes: exec, action: debugging }),
];
