// The commands around licensing that its recipes use (TRU-1): saving, reloading, the HTTP client, the host name.

import { isSameConfiguration } from "../../device-configuration.ts";
import { renderRunningConfig, renderStartupConfig } from "../../render/show-configuration.ts";
import { inventoryJson, renderInventory, renderVersion, versionJson } from "../../render/show-system.ts";
import {
  answerOf,
  type CommandContext,
  type CommandHandler,
  type CommandResult,
  type ConsoleNode,
  changing,
  notRunning,
  shown,
} from "../command-context.ts";
import { hidden, keyword, remote, word } from "../command-node.ts";
import { configurationFacts } from "./configuration-files.ts";
import { copyConfiguration, copyFileBranch, mergeStartup, saved, saving } from "./files.ts";
import { reloadSlot } from "./installation.ts";

/** Asks first, and about unsaved configuration before that: what is not saved does not survive. */
const reload: CommandHandler = async (context) => {
  const { control, reader } = context;
  if (control === null) return answerOf(notRunning, "");
  const startup = reader.startupConfiguration();
  if (startup !== null && isSameConfiguration(startup, reader.runningConfiguration())) return confirmReload(context);
  return {
    ...shown("", { outcome: "done" }),
    session: {
      type: "ask",
      question: "System configuration has been modified. Save? [yes/no]: ",
      fallback: "no",
      answer: async (text) => {
        const wish = text.trim().toLowerCase();
        if (wish !== "" && "yes".startsWith(wish)) await control.saveConfiguration();
        else if (wish === "" || !"no".startsWith(wish)) return reload(context, {});
        return confirmReload(context);
      },
    },
  };
};

function confirmReload({ control, user }: CommandContext): CommandResult {
  return {
    ...shown("", { outcome: "done" }),
    session: {
      type: "confirm",
      question: "Proceed with reload? [confirm]",
      proceed: async () => {
        if (control === null) return answerOf(notRunning, "");
        control.log({ facility: "SYS", severity: 5, mnemonic: "RELOAD", text: `Reload requested by ${user}.` });
        return { ...answerOf(await control.reload(), ""), session: { type: "close" } };
      },
    },
  };
}

const running: CommandHandler = async ({ reader }) => {
  const configuration = reader.runningConfiguration();
  return shown(renderRunningConfig(configuration, configurationFacts(reader)), configuration);
};

const exec = ["exec"] as const;
const config = ["config"] as const;

export const systemCommands: readonly ConsoleNode[] = [
  keyword("copy", "Copy a file", {
    modes: exec,
    next: [
      keyword("running-config", "The configuration in force", {
        next: [
          keyword("startup-config", "The configuration of the next start", { action: saving }),
          remote("destination", "A file of the flash", { action: copyConfiguration("running-config") }),
        ],
      }),
      keyword("startup-config", "The configuration of the next start", {
        next: [
          keyword("running-config", "Its lines into the configuration in force", { action: mergeStartup }),
          remote("destination", "A file of the flash", { action: copyConfiguration("startup-config") }),
        ],
      }),
      copyFileBranch,
    ],
  }),
  keyword("hostname", "Name of the device", {
    modes: config,
    next: [
      word("name", "Name", {
        action: changing((control, given) => control.change({ setting: "hostname", value: given.name ?? "" })),
      }),
    ],
  }),
  keyword("reload", "Restart the device", { modes: exec, action: reload, next: [reloadSlot] }),
  hidden("version", "Of the software that wrote a configuration", {
    modes: config,
    next: [word("version", "Major and minor", { action: async () => shown("", { outcome: "done" }) })],
  }),
  keyword("write", "Save the configuration", {
    modes: exec,
    action: saved,
    next: [
      keyword("memory", "So that it stands after a restart", { action: saved }),
      keyword("terminal", "Show the configuration in force", { action: running }),
    ],
  }),
];

const ownName = changing((control) => control.change({ setting: "hostname", value: null }));

/** Below `no` of global configuration. */
export const noHostname: readonly ConsoleNode[] = [
  keyword("hostname", "The name of the platform", {
    action: ownName,
    next: [word("name", "Whatever it was", { action: ownName })],
  }),
];

const version: CommandHandler = async ({ reader, options }) => {
  const [view, startedAtMs] = [reader.view(), reader.startedAtMs()];
  return shown(renderVersion(view, startedAtMs, options), versionJson(view, startedAtMs));
};

const inventory: CommandHandler = async ({ reader }) =>
  shown(renderInventory(reader.view()), inventoryJson(reader.view()));

/** With what is at its default, which is nowhere written otherwise (DIA-6). */
const runningAll: CommandHandler = async ({ reader }) => {
  const configuration = reader.runningConfiguration();
  return shown(
    renderRunningConfig(configuration, { ...configurationFacts(reader), withDefaults: true }),
    configuration,
  );
};

const startup: CommandHandler = async ({ reader }) => {
  const configuration = reader.startupConfiguration();
  return shown(renderStartupConfig(configuration, configurationFacts(reader)), configuration);
};

/** Below `show`. */
export const showSystemCommands: readonly ConsoleNode[] = [
  keyword("inventory", "Identity of the devices", { action: inventory }),
  keyword("running-config", "The configuration in force", {
    modes: exec,
    action: running,
    next: [keyword("all", "And what is at its default", { action: runningAll })],
  }),
  keyword("startup-config", "The configuration of the next start", { modes: exec, action: startup }),
  keyword("version", "Software, identity, time since the start", { action: version }),
];
