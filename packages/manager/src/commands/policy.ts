// countersign manager policy: what devices are asked to report, and which source set each value.

import { readFile } from "node:fs/promises";
import { licenseClasses } from "@countersign/protocol";
import type { Command, CommandInput } from "@countersign/terminal";
import { renderTable } from "@countersign/terminal";
import type { PolicyView } from "../use-cases/use-cases.ts";
import { administrationCommand, virtualAccountOf, virtualAccountOptions } from "./administer.ts";
import { optionNumber, optionText, requireWords, show, UsageError } from "./output.ts";

const scopeOptions = {
  ...virtualAccountOptions,
  "virtual-account": {
    type: "string",
    description: "Name of the virtual account; the whole smart account when left out.",
  },
} as const;

const showPolicy = administrationCommand({
  name: "show",
  summary: "Show the policy in force, each value with its source",
  options: scopeOptions,
  run: async (client, input) => {
    requireWords(input);
    const view = await client.call<PolicyView>("GET", "/api/v1/policy", { query: virtualAccountOf(input) });
    return show(input, view, renderPolicy);
  },
});

const setPolicy = administrationCommand({
  name: "set",
  isAct: true,
  summary: "Set the policy of an account or a virtual account; what is not named keeps its value",
  usage:
    "[--file FILE | --class CLASS --first-report N --frequency N --on-change N] [--name NAME] [--ack-required yes|no]",
  options: {
    ...scopeOptions,
    file: { type: "string", description: "JSON file with name, ackRequired and classes." },
    name: { type: "string", description: "Name that devices show." },
    "ack-required": { type: "string", description: "yes or no." },
    class: { type: "string", description: `One of ${licenseClasses.join(", ")}.` },
    "first-report": { type: "string", description: "Days until the first report; 0 for not required." },
    frequency: { type: "string", description: "Days between reports; 0 for not required." },
    "on-change": { type: "string", description: "Days until a change is reported; 0 for not required." },
  },
  run: async (client, input) => {
    requireWords(input);
    const view = await client.call<PolicyView>("PUT", "/api/v1/policy", {
      query: virtualAccountOf(input),
      body: await layerOf(input),
    });
    return show(input, view, renderPolicy);
  },
});

async function layerOf(input: CommandInput): Promise<unknown> {
  const file = optionText(input, "file");
  if (file !== undefined) return readLayerFile(file);
  const name = optionText(input, "name");
  const classes = classesOf(input);
  const ackRequired = yesOrNo(optionText(input, "ack-required"));
  const layer = {
    ...(name === undefined ? {} : { name }),
    ...(ackRequired === undefined ? {} : { ackRequired }),
    ...(classes === undefined ? {} : { classes }),
  };
  if (Object.keys(layer).length === 0) throw new UsageError("nothing is set");
  return layer;
}

async function readLayerFile(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new UsageError(`${path} cannot be read as JSON`, { cause });
  }
}

function classesOf(input: CommandInput) {
  const days = {
    first_report_days: optionNumber(input, "first-report"),
    reporting_frequency_days: optionNumber(input, "frequency"),
    report_on_change_days: optionNumber(input, "on-change"),
  };
  const given = Object.entries(days).filter(([, value]) => value !== undefined);
  const named = optionText(input, "class");
  if (named === undefined && given.length === 0) return undefined;
  if (named === undefined || given.length === 0)
    throw new UsageError("--class and at least one number of days belong together");
  return { [named]: Object.fromEntries(given) };
}

function yesOrNo(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (text !== "yes" && text !== "no") throw new UsageError("--ack-required is yes or no");
  return text === "yes";
}

function renderPolicy({ policy }: PolicyView): string {
  const rows = licenseClasses.map((name) => ({ name, ...policy.classes[name] }));
  const days = ({ value, source }: { readonly value: number; readonly source: string }) => `${value} (${source})`;
  const table = renderTable(
    [
      { title: "Class", value: (row) => row.name },
      { title: "First report", value: (row) => days(row.first_report_days) },
      { title: "Frequency", value: (row) => days(row.reporting_frequency_days) },
      { title: "On change", value: (row) => days(row.report_on_change_days) },
    ],
    rows,
  );
  const required = policy.ack_required.value ? "required" : "not required";
  return `${policy.name}, version ${policy.policy_version}; acknowledgement ${required} (${policy.ack_required.source}). Days, 0 for not required:\n\n${table}`;
}

export const policy: Command = {
  name: "policy",
  summary: "The reporting policy",
  subcommands: [showPolicy, setPolicy],
};
