// The few commands around licensing that its recipes use (TRU-1): saving, reloading, the HTTP client, the host name.

import { showClock } from "../../render/show-text.ts";
import { type CommandHandler, type ConsoleNode, changing, shown } from "../command-context.ts";
import { keyword, word } from "../command-node.ts";

/** Nothing waits to be saved: every change was stored before it was answered. */
const saved: CommandHandler = async () => shown("Building configuration...\n[OK]", { outcome: "done" });
/** A one-line console has no modes to enter or leave, and no session to log to. */
const accepted: CommandHandler = async () => shown("", { outcome: "done" });

const exec = ["exec"] as const;
const config = ["config"] as const;

export const systemCommands: readonly ConsoleNode[] = [
  keyword("configure", "Enter configuration mode", {
    modes: exec,
    next: [keyword("terminal", "From the terminal", { action: accepted })],
  }),
  keyword("copy", "Copy a file", {
    modes: exec,
    next: [
      keyword("running-config", "The configuration in force", {
        next: [keyword("startup-config", "The configuration of the next start", { action: saved })],
      }),
    ],
  }),
  keyword("end", "Leave configuration mode", { action: accepted }),
  keyword("exit", "Leave the present mode", { action: accepted }),
  keyword("hostname", "Name of the device", {
    modes: config,
    next: [
      word("name", "Name", {
        action: changing((control, given) => control.change({ setting: "hostname", value: given.name ?? "" })),
      }),
    ],
  }),
  keyword("reload", "Restart the device", { modes: exec, action: changing((control) => control.reload()) }),
  keyword("terminal", "Settings of this session", {
    modes: exec,
    next: [
      keyword("monitor", "Show log lines here", { action: accepted }),
      keyword("no", "Negate", { next: [keyword("monitor", "Show no log lines here", { action: accepted })] }),
    ],
  }),
  keyword("write", "Save the configuration", {
    modes: exec,
    action: saved,
    next: [keyword("memory", "So that it stands after a restart", { action: saved })],
  }),
];

/** A star before the time says that nobody vouches for it (SHO-29). */
const clock: CommandHandler = async ({ reader, options }) => {
  const isAuthoritative = reader.view().clockIsAuthoritative;
  const text = `${isAuthoritative ? "" : "*"}${showClock(options.nowMs, options.zone)}`;
  return shown(text, { at: new Date(options.nowMs).toISOString(), isAuthoritative });
};

const logging: CommandHandler = async ({ reader }) => {
  const lines = reader.logLines();
  return shown(lines.join("\n"), { lines });
};

/** Below `show`. */
export const showSystemCommands: readonly ConsoleNode[] = [
  keyword("clock", "Time of the device", { action: clock }),
  keyword("logging", "The last log lines", { action: logging }),
];

/** Below `ip http client`. */
export const httpClientCommands: readonly ConsoleNode[] = [
  keyword("secure-trustpoint", "Trustpoint towards the manager", {
    next: [
      word("name", "Trustpoint", {
        action: changing((control, given) => control.change({ setting: "client trustpoint", value: given.name ?? "" })),
      }),
    ],
  }),
  keyword("source-interface", "Interface that licensing leaves through", {
    next: [
      word("interface", "Interface", {
        action: changing((control, given) =>
          control.change({ setting: "source interface", value: given.interface ?? "" }),
        ),
      }),
    ],
  }),
];
