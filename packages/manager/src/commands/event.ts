// countersign manager event: everything that changed, with its cause.

import type { Command } from "@countersign/terminal";
import type { Cause } from "../events/event.ts";
import type { EventView } from "../use-cases/use-cases.ts";
import {
  administrationCommand,
  managerOf,
  managerOption,
  pageOf,
  pageOptions,
  virtualAccountOptions,
} from "./administer.ts";
import { formatInstant, optionText, requireWords, showTable } from "./output.ts";

const list = administrationCommand({
  name: "list",
  summary: "List what changed, the newest first",
  options: {
    ...virtualAccountOptions,
    ...managerOption,
    ...pageOptions,
    instance: { type: "string", description: "Only of this product instance." },
  },
  run: async (client, input) => {
    requireWords(input);
    const query = {
      smartAccount: optionText(input, "smart-account"),
      manager: managerOf(input),
      virtualAccount: optionText(input, "virtual-account"),
      instance: optionText(input, "instance"),
      ...pageOf(input),
    };
    const events = await client.call<readonly EventView[]>("GET", "/api/v1/events", { query });
    return showTable(
      input,
      events,
      [
        { title: "Event", value: (event) => String(event.eventId), align: "right", keep: true },
        { title: "Time", value: (event) => formatInstant(event.atMs), keep: true },
        { title: "Virtual account", value: (event) => event.virtualAccount ?? "" },
        { title: "Leaf", value: (event) => (event.leafIndex === null ? "" : String(event.leafIndex)), align: "right" },
        { title: "Cause", value: (event) => describeCause(event.cause) },
        { title: "What", value: (event) => (event.isAlert ? `ALERT ${event.message}` : event.message) },
      ],
      "Nothing happened yet.",
    );
  },
});

function describeCause(cause: Cause): string {
  switch (cause.kind) {
    case "message":
      return cause.requestType;
    case "operator":
      return cause.name;
    case "local":
      return "(local)";
    case "file":
      return `${cause.operator}, ${cause.name}`;
    case "system":
      return cause.reason;
    default:
      return cause satisfies never;
  }
}

export const event: Command = { name: "event", summary: "The event log", subcommands: [list] };
