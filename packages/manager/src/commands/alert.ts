// countersign manager alert: what needs somebody.

import type { Command } from "@countersign/terminal";
import { renderTable } from "@countersign/terminal";
import type { AlertList, AlertView } from "../use-cases/use-cases.ts";
import { administrationCommand, virtualAccountOf, virtualAccountOptions } from "./administer.ts";
import { formatInstant, optionText, renderFacts, requireWords, show, UsageError } from "./output.ts";

const placeOptions = {
  ...virtualAccountOptions,
  "virtual-account": {
    type: "string",
    description: "Name of the virtual account; all of the smart account when left out.",
  },
} as const;

const list = administrationCommand({
  name: "list",
  summary: "List what needs somebody, one alert for each cause",
  options: { ...placeOptions, handled: { type: "boolean", description: "What was marked as handled instead." } },
  run: async (client, input) => {
    requireWords(input);
    const query = { ...virtualAccountOf(input), handled: input.values.handled === true ? "true" : undefined };
    const found = await client.call<AlertList>("GET", "/api/v1/alerts", { query });
    return show(input, found, renderList);
  },
});

const handle = administrationCommand({
  name: "handle",
  isAct: true,
  summary: "Mark an alert as handled, as it stands now, with a note",
  usage: "<alert> --reason NOTE",
  options: placeOptions,
  run: async (client, input) => {
    const [alertId] = requireWords(input, "alert");
    if (optionText(input, "reason") === undefined) throw new UsageError("--reason is missing: what was found and done");
    const query = virtualAccountOf(input);
    const found = await client.call<AlertList>("GET", "/api/v1/alerts", { query });
    // What is not open, or ends by itself, has no such event: the manager refuses it with the reason.
    const throughEventId = found.alerts.find((one) => one.alertId === alertId)?.throughEventId ?? 1;
    const path = `/api/v1/alerts/${encodeURIComponent(alertId)}/handle`;
    const alert = await client.call<AlertView>("POST", path, { query, body: { throughEventId } });
    return show(input, alert, renderAlert);
  },
});

function renderList({ alerts, isComplete }: AlertList): string {
  const rest = isComplete ? "" : "\nThere are more events than are looked at; the oldest alerts may be missing.\n";
  if (alerts.length === 0) return `Nothing needs you.\n${rest}`;
  const table = renderTable(
    [
      { title: "Alert", value: ({ alertId }: AlertView) => alertId, keep: true },
      { title: "Severity", value: ({ severity }) => severity },
      { title: "Since", value: ({ sinceMs }) => formatInstant(sinceMs) },
      { title: "Devices", value: ({ installations }) => String(installations), align: "right" },
    ],
    alerts,
  );
  return `${table}\n${alerts.map(renderAlert).join("\n")}${rest}`;
}

function renderAlert(alert: AlertView): string {
  const { handled } = alert;
  return renderFacts([
    ["Alert", alert.alertId],
    ["What", alert.title],
    ["Where", alert.virtualAccounts.join(", ")],
    ...devicesOf(alert),
    ["Consequence", alert.consequence],
    ["Next step", alert.nextStep],
    ...(handled === null
      ? []
      : ([["Handled", `${formatInstant(handled.atMs)} by ${handled.by ?? "(local)"}: ${handled.note}`]] as const)),
  ]);
}

function devicesOf({ devices, installations }: AlertView): readonly (readonly [string, string])[] {
  if (devices.length === 0) return [];
  const more = installations > devices.length ? ` and ${installations - devices.length} more` : "";
  return [["Devices", `${devices.join(" · ")}${more}`]];
}

export const alert: Command = { name: "alert", summary: "What needs somebody", subcommands: [list, handle] };
