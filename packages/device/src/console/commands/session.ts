// What a session does with itself: modes, its terminal, its history.

import { renderUsers } from "../../render/show-users.ts";
import { type CommandHandler, type ConsoleNode, type SessionRequest, shown } from "../command-context.ts";
import { keyword, line, number, privilegeOfEnable, subModes } from "../command-node.ts";

/** A one-line console has no session; the line is then taken and does nothing. */
function asking(request: SessionRequest): CommandHandler {
  return async () => ({ ...shown("", { outcome: "done" }), session: request });
}

const anyExec = ["user", "exec"] as const;
const exec = ["exec"] as const;
const anyConfig = ["config", ...subModes] as const;

const toConfig = asking({ type: "go to", location: { mode: "config", name: null } });
const terminalSettings: readonly ConsoleNode[] = [
  keyword("length", "Lines of a screen", {
    next: [
      number("lines", [0, 512], "0 for no pause", { action: async (_, given) => settled("set length", given.lines) }),
    ],
  }),
  keyword("monitor", "Show log lines here", { action: asking({ type: "monitor", isOn: true }) }),
  keyword("no", "Negate", {
    next: [keyword("monitor", "Show no log lines here", { action: asking({ type: "monitor", isOn: false }) })],
  }),
  keyword("width", "Characters of a line", {
    next: [
      number("characters", [0, 512], "0 for no limit", {
        action: async (_, given) => settled("set width", given.characters),
      }),
    ],
  }),
];

function settled(type: "set length" | "set width", value: string | undefined) {
  return { ...shown("", { outcome: "done" }), session: { type, value: Number(value) } } as const;
}

export const sessionCommands: readonly ConsoleNode[] = [
  keyword("configure", "Enter configuration mode", {
    modes: exec,
    next: [keyword("terminal", "From the terminal", { action: toConfig })],
  }),
  keyword("disable", "Leave privileged EXEC", { modes: anyExec, action: asking({ type: "disable" }) }),
  keyword("do", "Run a command of privileged EXEC", {
    modes: anyConfig,
    next: [line("command", "The command", {})],
  }),
  keyword("enable", "Enter privileged EXEC", { modes: anyExec, action: asking({ type: "enable" }) }),
  keyword("end", "Leave configuration mode", { modes: [...anyConfig, "exec"], action: asking({ type: "end" }) }),
  keyword("exit", "Leave the present mode", { action: asking({ type: "exit" }) }),
  keyword("logout", "End the session", { modes: anyExec, action: asking({ type: "close" }) }),
  keyword("quit", "Leave the present mode", { action: asking({ type: "exit" }) }),
  keyword("terminal", "Settings of this session", { modes: anyExec, next: terminalSettings }),
];

const history: CommandHandler = async ({ history: lines }) =>
  shown(lines.map((line) => `  ${line}`).join("\n"), { lines });

const users: CommandHandler = async ({ loggedIn }) => shown(renderUsers(loggedIn), { users: loggedIn });

/** What a session may do where it stands: as on the field's devices, `enable` raises it. */
const privilege: CommandHandler = async ({ location }) => {
  const level = location.mode === "user" ? 1 : privilegeOfEnable;
  return shown(`Current privilege level is ${level}`, { level });
};

/** Below `show`. */
export const showSessionCommands: readonly ConsoleNode[] = [
  keyword("history", "Lines typed in this session", { action: history }),
  keyword("privilege", "What this session may do", { action: privilege }),
  keyword("users", "Who is logged in", { action: users }),
];
