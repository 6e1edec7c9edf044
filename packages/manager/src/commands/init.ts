// countersign manager init: makes a new installation and shows the first operator's token, this once.

import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import type { Command, CommandInput } from "@countersign/terminal";
import type { InitResult, ManagerRole } from "../program/init-manager.ts";
import { allSettingOptions, configurationOf } from "./configuration-options.ts";
import { failWith, optionText, renderFacts, requireWords, show, UsageError } from "./output.ts";

export const init: Command = {
  name: "init",
  summary: "Create a data directory: certificates, smart account, first operator",
  usage: "--smart-account NAME [--role cloud|onprem] [--virtual-account NAME] [--operator NAME]",
  options: {
    ...allSettingOptions,
    "smart-account": { type: "string", description: "Name of the smart account." },
    "virtual-account": { type: "string", description: "A virtual account to create beside the default one." },
    role: {
      type: "string",
      description: "cloud, or onprem for a manager that devices reach without a token; cloud when left out.",
    },
    operator: { type: "string", description: "Name of the first operator; your user name when left out." },
  },
  run: async (input) => {
    try {
      return show(input, await create(input), render);
    } catch (error) {
      return failWith(error, input);
    }
  },
};

async function create(input: CommandInput): Promise<InitResult> {
  requireWords(input);
  const smartAccount = optionText(input, "smart-account");
  if (smartAccount === undefined) throw new UsageError("--smart-account is missing");
  const { dataDirectory, database, databaseUrlFile, serverNames, host } = configurationOf(input).values;
  const { initManager } = await import("../program/init-manager.ts");
  const virtualAccount = optionText(input, "virtual-account") ?? "";
  const operator = optionText(input, "operator") ?? userInfo().username;
  return initManager({
    dataDirectory,
    database,
    databaseUrlFile,
    serverNames,
    host,
    smartAccount,
    virtualAccount,
    role: roleOf(input),
    operator,
  });
}

function roleOf(input: CommandInput): ManagerRole {
  const role = optionText(input, "role") ?? "cloud";
  if (role === "cloud" || role === "onprem") return role;
  throw new UsageError("--role is cloud or onprem");
}

function render(result: InitResult): string {
  const facts = renderFacts([
    ["Data directory", resolve(result.dataDirectory)],
    ["Role", result.role],
    ["Smart account", result.smartAccount],
    ["Virtual accounts", result.virtualAccounts.join(", ")],
    ["Licensing root", join(resolve(result.dataDirectory), "certificates", "licensing-root.pem")],
    ["Its SHA-256", result.rootFingerprintSha256],
  ]);
  const { operator } = result;
  if (operator === null) return facts;
  return `${facts}\nOperator ${operator.name}, bearer token (not shown again):\n${operator.bearer}\n`;
}
