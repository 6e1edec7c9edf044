// countersign manager config: what is set, from where, and what each setting means.

import type { Command, CommandInput } from "@countersign/terminal";
import { environmentNameOf, flagNameOf, settingNames, settings } from "../configuration/settings.ts";
import { allSettingOptions, configurationOf } from "./configuration-options.ts";
import { failWith, requireWords, show, showTable } from "./output.ts";

/** These commands look at configuration only and never at a data directory. */
function withFailures(run: (input: CommandInput) => number): (input: CommandInput) => Promise<number> {
  return async (input) => {
    try {
      requireWords(input);
      return run(input);
    } catch (error) {
      return failWith(error, input);
    }
  };
}

const print: Command = {
  name: "print",
  summary: "Show every setting with its value and where that comes from",
  options: allSettingOptions,
  run: withFailures((input) => {
    const { values, sources } = configurationOf(input);
    if (input.json) return show(input, { values, sources }, () => "");
    const rows = settingNames.map((name) => ({ name, value: String(values[name]), source: sources[name] }));
    return showTable(
      input,
      rows,
      [
        { title: "Setting", value: (row) => row.name, keep: true },
        { title: "Value", value: (row) => row.value },
        { title: "From", value: (row) => row.source },
      ],
      "",
    );
  }),
};

const check: Command = {
  name: "check",
  summary: "Say whether the configuration is sound; every problem with its path",
  options: allSettingOptions,
  run: withFailures((input) => {
    configurationOf(input);
    return show(input, { isValid: true }, () => "The configuration is sound.\n");
  }),
};

const explain: Command = {
  name: "explain",
  summary: "Explain every setting: meaning, unit, default, variable and flag",
  run: withFailures((input) => {
    const rows = settingNames.map((name) => {
      const { unit, sentence, default: standard } = settings[name];
      return {
        name,
        sentence,
        unit,
        default: standard,
        variable: environmentNameOf(name),
        flag: `--${flagNameOf(name)}`,
      };
    });
    return show(input, rows, () =>
      rows
        .map(
          (row) =>
            `${row.name}${row.unit === "" ? "" : ` (${row.unit})`}: ${row.sentence}\n  default ${JSON.stringify(row.default)}, ${row.variable}, ${row.flag}\n`,
        )
        .join(""),
    );
  }),
};

export const config: Command = {
  name: "config",
  summary: "The configuration of a manager",
  subcommands: [print, check, explain],
};
