// The help text of a command: usage, commands below it, options.

import type { Command, OptionDescription } from "@countersign/terminal";

export function renderHelp(path: readonly Command[]): string {
  const command = path.at(-1);
  if (command === undefined) return "";
  const words = path.map((step) => step.name).join(" ");
  const usage = command.usage ?? (command.subcommands === undefined ? "" : "<command>");
  const lines = [`${command.summary}`, "", `Usage: ${words} ${usage}`.trimEnd()];
  if (command.subcommands !== undefined) {
    lines.push("", "Commands:", ...columns(command.subcommands.map((sub) => [sub.name, sub.summary])));
  }
  const options = Object.entries({ ...command.options, ...commonOptions });
  lines.push(
    "",
    "Options:",
    ...columns(options.map(([name, option]) => [renderOption(name, option), option.description])),
  );
  return `${lines.join("\n")}\n`;
}

const commonOptions: Readonly<Record<string, OptionDescription>> = {
  json: { type: "boolean", description: "print one JSON value instead of text" },
  help: { type: "boolean", short: "h", description: "print this help" },
};

function renderOption(name: string, option: OptionDescription): string {
  const short = option.short === undefined ? "" : `-${option.short}, `;
  return `${short}--${name}${option.type === "string" ? " <value>" : ""}`;
}

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
