// Generates docs/reference/console.md: every command of a device's console, from the tree that parses them.

import { platformProfiles } from "../platform/platform-table.ts";
import type { ConsoleNode } from "./command-context.ts";
import type { ConsoleMode } from "./command-node.ts";
import { consoleTree } from "./console-tree.ts";
import { filterKinds } from "./output-filter.ts";

type Line = { readonly words: string; readonly help: string; readonly modes: readonly ConsoleMode[] };

function linesOf(
  nodes: readonly ConsoleNode[],
  before: readonly string[],
  modes: readonly ConsoleMode[],
): readonly Line[] {
  return nodes.flatMap((node) => {
    const words = [...before, node.part.type === "keyword" ? node.part.word : `<${node.part.name}>`];
    const within = node.modes ?? modes;
    const own = node.action === undefined ? [] : [{ words: words.join(" "), help: node.help, modes: within }];
    return [...own, ...linesOf(node.next, words, within)];
  });
}

const introduction = `# The console of a device

Keywords may be cut short as long as they stay unambiguous, \`?\` lists what may follow, and the output of every command
can be filtered: ${filterKinds.map((kind) => `\`| ${kind}\``).join(", ")}. \`countersign device exec\` takes commands of both
modes. A device has the commands of its platform only: \`license air\` where access points join, \`show module\` in a chassis,
and the levels that its software offers. \`test platform\` is the simulation's own: what takes hands on a real device.

This page is generated from the command tree by \`npm run docs\`.
`;

/** The commands of all platforms, each once. */
function everyLine(): readonly Line[] {
  const all = platformProfiles.flatMap((profile) =>
    linesOf(consoleTree(profile, profile.softwareVersion), [], ["exec", "config"]),
  );
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
  ].join("");
}

export const pages = [{ name: "console.md", render }] as const;
