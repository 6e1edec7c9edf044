// countersign manager audit: what administrators did, each act with its leaf in the ledger.

import type { Command, CommandInput } from "@countersign/terminal";
import type { AuditActor } from "../audit/audit-entry.ts";
import type { AuditEntryView } from "../use-cases/use-cases.ts";
import { accountOption, administrationCommand, managerOf, managerOption, pageOf, pageOptions } from "./administer.ts";
import { formatInstant, optionText, requireWords, show, showTable, UsageError } from "./output.ts";

const placeOptions = { ...accountOption, ...managerOption };

const list = administrationCommand({
  name: "list",
  summary: "List administrative acts with their ledger leaves, the newest first",
  usage: "[--from TIME] [--to TIME] [--operator NAME] [--act ACT]",
  options: {
    ...placeOptions,
    ...pageOptions,
    from: { type: "string", description: "From this time on: 2031-05-01 or 2031-05-01T12:00:00Z; UTC." },
    to: { type: "string", description: "Before this time." },
    operator: { type: "string", description: "Only what this operator did." },
    act: { type: "string", description: "Only this act, as the list names it: create_token, set_policy …" },
  },
  run: async (client, input) => {
    requireWords(input);
    const query = {
      ...placeOf(input),
      ...pageOf(input),
      fromMs: optionTime(input, "from"),
      toMs: optionTime(input, "to"),
      operator: optionText(input, "operator"),
      act: optionText(input, "act"),
    };
    const acts = await client.call<readonly AuditEntryView[]>("GET", "/api/v1/audit", { query });
    return showTable(
      input,
      acts,
      [
        { title: "Leaf", value: ({ leafIndex }) => String(leafIndex), align: "right", keep: true },
        { title: "Time", value: ({ atMs }) => formatInstant(atMs), keep: true },
        { title: "Who", value: ({ by }) => nameOf(by) },
        { title: "Act", value: ({ act, part, parts }) => (parts === 1 ? act : `${act} (${part} of ${parts})`) },
        { title: "Changes", value: ({ changes }) => String(changes.length), align: "right" },
        { title: "Reason", value: ({ reason }) => reason ?? "" },
      ],
      "No administrator did anything.",
    );
  },
});

const showOne = administrationCommand({
  name: "show",
  summary: "Show one act with what was before and what is after",
  usage: "<leaf>",
  options: placeOptions,
  run: async (client, input) => {
    const [leaf] = requireWords(input, "leaf");
    const path = `/api/v1/audit/${encodeURIComponent(leaf)}`;
    const act = await client.call<AuditEntryView>("GET", path, { query: placeOf(input) });
    return show(input, act, ({ entry }) => `${JSON.stringify(JSON.parse(entry), null, 2)}\n`);
  },
});

function placeOf(input: CommandInput) {
  return { smartAccount: optionText(input, "smart-account"), manager: managerOf(input) };
}

function optionTime(input: CommandInput, name: string): number | undefined {
  const text = optionText(input, name);
  if (text === undefined) return undefined;
  const atMs = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) throw new UsageError(`--${name} needs a day or a time as 2031-05-01T12:00:00Z`);
  return atMs;
}

function nameOf(by: AuditActor): string {
  switch (by.kind) {
    case "operator":
      return by.name;
    case "local":
      return "(local)";
    case "message":
      return by.product_instance_identifier;
    case "system":
      return by.name;
    default:
      return by satisfies never;
  }
}

export const audit: Command = { name: "audit", summary: "What administrators did", subcommands: [list, showOne] };
