// Generates docs/reference/console.md: every command of a device's console, from the tree that parses them.

import { platformProfiles } from "../platform/platform-table.ts";
import { type CommandLine, commandLines } from "./command-lines.ts";
import type { ConsoleMode } from "./command-node.ts";
import { consoleTree } from "./console-tree.ts";
import { filterKinds } from "./output-filter.ts";

const introduction = `# The console of a device

Keywords may be cut short as long as they stay unambiguous, \`?\` lists what may follow, and the output of every command
can be filtered: ${filterKinds.map((kind) => `\`| ${kind}\``).join(", ")}. \`countersign device exec\` takes commands of both
modes. A device has the commands of its platform only: \`license air\` where access points join, \`show module\` in a chassis,
and the levels that its software offers. \`test platform\` is the simulation's own: what takes hands on a real device.

This page is generated from the command tree by \`npm run docs\`.
`;

/** The commands of all platforms, each once. */
function everyLine(): readonly CommandLine[] {
  const all = platformProfiles.flatMap((profile) => commandLines(consoleTree(profile, profile.softwareVersion)));
  return [...new Map(all.map((line) => [`${line.words} ${line.modes.join()}`, line])).values()];
}

function render(): string {
  const lines = everyLine();
  const table = (mode: ConsoleMode, title: string): string => {
    const rows = lines
      .filter((line) => line.modes.includes(mode))
      .map(({ words, help }) => `| \`${words}\` | ${help} |\n`);
    return `\n## ${title}\n\n| command | what the last word means |\n|---|---|\n${rows.sort().join("")}`;
  };
  return [
    introduction,
    table("exec", "Privileged EXEC"),
    table("config", "Global configuration"),
    table("config-if", "Below `interface <name>`"),
    table("config-vrf", "Below `vrf definition <name>`"),
    table("ca-trustpoint", "Below `crypto pki trustpoint <name>`"),
    table("config-cert-chain", "Below `crypto pki certificate chain <name>`"),
    table("cfg-call-home", "Below `call-home`"),
    table("cfg-call-home-profile", "Below `profile <name>` of `call-home`"),
  ].join("");
}

export const pages = [{ name: "console.md", render }] as const;
