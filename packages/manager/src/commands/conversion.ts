// countersign manager conversion: licences of the time before Smart Licensing that devices have converted.

import type { Command } from "@countersign/terminal";
import type { ConversionSetting, ConversionView } from "../use-cases/use-cases.ts";
import {
  accountOption,
  administrationCommand,
  pageOf,
  pageOptions,
  virtualAccountOf,
  virtualAccountOptions,
} from "./administer.ts";
import { formatInstant, optionText, renderFacts, requireWords, show, showTable, UsageError } from "./output.ts";

const pathOf = (device: string, rest = "") => `/api/v1/conversions/${encodeURIComponent(device)}${rest}`;
const stateWords = { waiting: "waits for permission", allowed: "allowed", converted: "converted" } as const;
const licensesText = ({ licenses }: ConversionView): string =>
  licenses.map(({ count, kind, name }) => `${count} ${name} (${kind === "pak" ? "PAK" : "right to use"})`).join(", ");

const list = administrationCommand({
  name: "list",
  summary: "List who asked for a conversion and what became of it, the newest first",
  options: { ...virtualAccountOptions, ...pageOptions },
  run: async (client, input) => {
    requireWords(input);
    const query = { ...virtualAccountOf(input), ...pageOf(input) };
    const conversions = await client.call<readonly ConversionView[]>("GET", "/api/v1/conversions", { query });
    return showTable(
      input,
      conversions,
      [
        { title: "Device", value: ({ udi }) => udi, keep: true },
        { title: "Virtual account", value: ({ virtualAccount }) => virtualAccount },
        { title: "State", value: ({ state }) => stateWords[state] },
        { title: "Since", value: ({ changedAtMs }) => formatInstant(changedAtMs) },
        { title: "Old licences", value: licensesText },
        { title: "Number", value: ({ conversionId }) => String(conversionId), align: "right" },
      ],
      "No device asked for a conversion.",
    );
  },
});

function renderConversion(conversion: ConversionView): string {
  const { udi, virtualAccount, state, askedAtMs, changedAtMs, licenses } = conversion;
  return renderFacts([
    ["Device", udi],
    ["Virtual account", virtualAccount],
    ["State", stateWords[state]],
    ["Asked", formatInstant(askedAtMs)],
    ["Since", formatInstant(changedAtMs)],
    ["Old licences", licensesText(conversion)],
    ["Tags", licenses.map(({ tag }) => tag).join(", ")],
  ]);
}

const showOne = administrationCommand({
  name: "show",
  summary: "Show what one device asked to have converted",
  usage: "<PID:x,SN:y>",
  options: accountOption,
  run: async (client, input) => {
    const [device] = requireWords(input, "device");
    const query = { smartAccount: optionText(input, "smart-account") };
    return show(input, await client.call<ConversionView>("GET", pathOf(device), { query }), renderConversion);
  },
});

const allow = administrationCommand({
  name: "allow",
  isAct: true,
  summary: "Allow the conversion of what a device has told; it is deposited when the device asks again",
  usage: "<PID:x,SN:y>",
  options: accountOption,
  run: async (client, input) => {
    const [device] = requireWords(input, "device");
    const query = { smartAccount: optionText(input, "smart-account") };
    const allowed = await client.call<ConversionView>("POST", pathOf(device, "/allow"), { query });
    return show(input, allowed, renderConversion);
  },
});

const automatic = administrationCommand({
  name: "automatic",
  isAct: true,
  summary: "Show or set whether a smart account converts what devices tell without asking anybody",
  usage: "[on | off]",
  options: accountOption,
  run: async (client, input) => {
    const [wish] = input.positionals;
    const query = { smartAccount: optionText(input, "smart-account") };
    const path = "/api/v1/conversion-setting";
    const render = ({ isAutomatic }: ConversionSetting) =>
      isAutomatic
        ? "Licences are converted as devices tell them.\n"
        : "A conversion waits until an administrator allows it.\n";
    if (wish === undefined) return show(input, await client.call<ConversionSetting>("GET", path, { query }), render);
    requireWords(input, "on or off");
    if (wish !== "on" && wish !== "off") throw new UsageError("say on, off or nothing");
    const body = { isAutomatic: wish === "on" };
    return show(input, await client.call<ConversionSetting>("PUT", path, { query, body }), render);
  },
});

export const conversion: Command = {
  name: "conversion",
  summary: "Conversion of licences of the time before Smart Licensing",
  subcommands: [list, showOne, allow, automatic],
};
