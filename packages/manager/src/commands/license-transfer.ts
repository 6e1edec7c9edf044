// countersign manager license transfer: licences move between virtual accounts; what that would do is told first.

import type { Command, CommandInput } from "@countersign/terminal";
import type { LicenseTransferView, LicenseView, TransferPreview } from "../use-cases/use-cases.ts";
import {
  accountOption,
  administrationCommand,
  pageOf,
  pageOptions,
  virtualAccountOf,
  virtualAccountOptions,
} from "./administer.ts";
import { formatInstant, optionNumber, optionText, requireWords, show, showTable, UsageError } from "./output.ts";

function wishOf(input: CommandInput) {
  const [tag, quantityText] = requireWords(input, "tag", "quantity");
  const [from, to] = [optionText(input, "from"), optionText(input, "to")];
  if (from === undefined || to === undefined)
    throw new UsageError("--from and --to are needed: names of virtual accounts");
  if (!/^\d{1,15}$/.test(quantityText)) throw new UsageError("<quantity> needs a whole number");
  const [precedence, kind] = [optionText(input, "precedence"), optionText(input, "kind")];
  return { tag, quantity: Number(quantityText), from, to, precedence, kind };
}

const make = administrationCommand({
  name: "make",
  isAct: true,
  summary: "Move licences to another virtual account",
  usage: "<tag> <quantity> --from NAME --to NAME [--preview] [--accept-shortage NUMBER]",
  options: {
    ...accountOption,
    from: { type: "string", description: "Virtual account that gives." },
    to: { type: "string", description: "Virtual account that gets." },
    kind: { type: "string", description: "Only purchases of this kind: perpetual, term, subscription or demo." },
    precedence: { type: "string", description: "longest-term-first (when left out) or shortest-term-first." },
    preview: { type: "boolean", description: "Change nothing; say what it would do." },
    "accept-shortage": { type: "string", description: "Do it although so many licences would be short." },
  },
  run: async (client, input) => {
    const wish = wishOf(input);
    const query = { smartAccount: optionText(input, "smart-account") };
    if (input.values.preview === true) {
      const asked = { ...query, ...wish, quantity: String(wish.quantity) };
      const preview = await client.call<TransferPreview>("GET", "/api/v1/license-transfers/preview", { query: asked });
      return show(input, preview, renderPreview);
    }
    const body = { ...wish, shortageAccepted: optionNumber(input, "accept-shortage") };
    const made = await client.call<LicenseTransferView>("POST", "/api/v1/license-transfers", { query, body });
    return show(input, made, ({ transferId, quantity, from, to }) => {
      return `${quantity} moved from ${from} to ${to}. Take it back with: license transfer undo ${transferId}\n`;
    });
  },
});

function renderPreview({ quantity, from, to, changes, addedShortage, lots }: TransferPreview): string {
  const sums = (license: LicenseView | null) =>
    license === null ? "nothing" : `${license.purchased} purchased, balance ${license.balance}`;
  const lines = changes.map(
    ({ before, after }) => `  ${after.virtualAccount}  ${after.name}: ${sums(before)} → ${sums(after)}\n`,
  );
  const end =
    addedShortage === 0
      ? "Nothing would be short that is not short now.\n"
      : `${addedShortage} would be short that are not short now; --accept-shortage ${addedShortage} does it all the same.\n`;
  return `${quantity} of ${lots.length} purchases would move from ${from} to ${to}:\n${lines.join("")}${end}`;
}

const undo = administrationCommand({
  name: "undo",
  isAct: true,
  summary: "Take a transfer back while nothing depends on it",
  usage: "<number>",
  options: accountOption,
  run: async (client, input) => {
    const [transferId] = requireWords(input, "number");
    const path = `/api/v1/license-transfers/${encodeURIComponent(transferId)}/undo`;
    const query = { smartAccount: optionText(input, "smart-account") };
    const undone = await client.call<LicenseTransferView>("POST", path, { query });
    return show(input, undone, ({ quantity, from, to }) => `${quantity} are back from ${to} in ${from}.\n`);
  },
});

const list = administrationCommand({
  name: "list",
  summary: "List transfers, the newest first",
  options: { ...virtualAccountOptions, ...pageOptions },
  run: async (client, input) => {
    requireWords(input);
    const query = { ...virtualAccountOf(input), ...pageOf(input) };
    const transfers = await client.call<readonly LicenseTransferView[]>("GET", "/api/v1/license-transfers", { query });
    return showTable(
      input,
      transfers,
      [
        { title: "Number", value: ({ transferId }) => String(transferId), align: "right" },
        { title: "When", value: ({ atMs }) => formatInstant(atMs) },
        { title: "From", value: ({ from }) => from },
        { title: "To", value: ({ to }) => to },
        { title: "Quantity", value: ({ quantity }) => String(quantity), align: "right" },
        { title: "By", value: ({ cause }) => (cause.kind === "operator" ? cause.name : cause.kind) },
        { title: "Taken back", value: ({ undoneAtMs }) => formatInstant(undoneAtMs) },
        { title: "Tag", value: ({ tag }) => tag },
      ],
      "No licences were transferred.",
    );
  },
});

export const licenseTransfer: Command = {
  name: "transfer",
  summary: "Move licences between virtual accounts, and take that back",
  subcommands: [make, undo, list],
};
