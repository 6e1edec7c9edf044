// Generates docs/reference/cli.md: every command of `countersign` with its options, from the command tree itself.

import { loaded } from "../packages/cli/src/dispatch.ts";
import { renderHelp } from "../packages/cli/src/help.ts";
import { root } from "../packages/cli/src/root.ts";
import { type Command, exitCodes } from "../packages/terminal/src/command.ts";
import type { ReferencePage } from "./docs.ts";

const introduction = `# The command line

Every command takes \`--help\` and \`--json\`. This page is generated from the commands by \`npm run docs\`.

| exit code | meaning |
|---|---|
`;

async function render(): Promise<string> {
  const codes = Object.entries(exitCodes).map(([code, meaning]) => `| ${code} | ${meaning} |\n`);
  return introduction + codes.join("") + (await sectionsOf([root])).join("");
}

/** The section of the last command of the path, then those of the commands below it. */
async function sectionsOf(path: readonly Command[]): Promise<readonly string[]> {
  const command = await loaded(path.at(-1) ?? root);
  const { subcommands } = command;
  const complete = [...path.slice(0, -1), command];
  const name = path.map((step) => step.name).join(" ");
  const own = `\n${"#".repeat(Math.min(path.length + 1, 4))} ${name}\n\n\`\`\`\n${renderHelp(complete)}\`\`\`\n`;
  const below = await Promise.all((subcommands ?? []).map((next) => sectionsOf([...complete, next])));
  return [own, ...below.flat()];
}

/** The tree, for tests of what the documentation says of it. */
export { loaded as loadedCommand, root as rootCommand };

export const pages: readonly ReferencePage[] = [{ name: "cli.md", render }];
