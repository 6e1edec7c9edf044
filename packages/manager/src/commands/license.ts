// countersign manager license: what was bought, what is used, what is left.

import { readFile } from "node:fs/promises";
import type { Command } from "@countersign/terminal";
import type { Purchase } from "../accounts/purchase.ts";
import type { LicenseUsers, LicenseView } from "../use-cases/use-cases.ts";
import { accountOption, administrationCommand, virtualAccountOf, virtualAccountOptions } from "./administer.ts";
import { licenseHistory } from "./license-history.ts";
import { licenseTransfer } from "./license-transfer.ts";
import { formatInstant, optionText, requireWords, show, showTable } from "./output.ts";
import { substitution } from "./substitution.ts";

/** The most that one request looks at. */
const instancesPerPage = 1000;

const list = administrationCommand({
  name: "list",
  summary: "Show purchased, in use and balance of every licence",
  options: { ...virtualAccountOptions },
  run: async (client, input) => {
    requireWords(input);
    const query = {
      ...virtualAccountOf(input),
    };
    const licenses = await client.call<readonly LicenseView[]>("GET", "/api/v1/licenses", { query });
    return showTable(
      input,
      licenses,
      [
        { title: "Virtual account", value: (license) => license.virtualAccount },
        { title: "Licence", value: (license) => license.name },
        { title: "Purchased", value: (license) => String(license.purchased), align: "right" },
        { title: "In use", value: (license) => String(license.inUse), align: "right" },
        { title: "Unverified", value: (license) => String(license.inUseUnverified), align: "right" },
        { title: "Borrowed", value: (license) => String(license.borrowed), align: "right" },
        { title: "Lent", value: (license) => String(license.lent), align: "right" },
        { title: "Balance", value: (license) => String(license.balance), align: "right" },
        { title: "Short since", value: (license) => formatInstant(license.shortSinceMs) },
        { title: "Tag", value: (license) => license.tag },
      ],
      "Nothing was bought and nothing is used.",
    );
  },
});

const users = administrationCommand({
  name: "users",
  summary: "List the installations of a virtual account that use a licence",
  usage: "<tag>",
  options: virtualAccountOptions,
  run: async (client, input) => {
    const [tag] = requireWords(input, "tag");
    const found: LicenseUsers["users"][number][] = [];
    for (let after: number | null | undefined; after !== null; ) {
      const query = { ...virtualAccountOf(input), tag, limit: instancesPerPage, after };
      const page = await client.call<LicenseUsers>("GET", "/api/v1/licenses/users", { query });
      found.push(...page.users);
      after = page.next;
    }
    return showTable(
      input,
      found,
      [
        { title: "UDI", value: ({ udi }) => `PID:${udi.pid},SN:${udi.serialNumber}`, keep: true },
        { title: "Host name", value: ({ hostname }) => hostname },
        { title: "In use", value: ({ count }) => String(count), align: "right" },
        { title: "Verified", value: ({ isVerified }) => (isVerified ? "yes" : "no") },
        { title: "Identifier", value: ({ productInstanceIdentifier }) => productInstanceIdentifier },
      ],
      "Nobody uses it.",
    );
  },
});

const importFile = administrationCommand({
  name: "import",
  isAct: true,
  summary: "Add all purchases of a CSV or JSON file, or none",
  usage: "<file>",
  options: accountOption,
  run: async (client, input) => {
    const [path] = requireWords(input, "file");
    const file = await readFile(path);
    const query = { smartAccount: optionText(input, "smart-account") };
    const purchases = await client.call<readonly Purchase[]>("POST", "/api/v1/purchases/import", { query, file });
    return show(input, purchases, () => `${purchases.length} purchases were added.\n`);
  },
});

const add = administrationCommand({
  name: "add",
  isAct: true,
  summary: "Add one purchase",
  usage: "<tag> <quantity> [--kind KIND] [--start DATE] [--end DATE] [--order TEXT]",
  options: {
    ...virtualAccountOptions,
    kind: { type: "string", description: "perpetual, term, subscription or demo; perpetual when left out." },
    start: { type: "string", description: "First day, yyyy-mm-dd (UTC); today when left out." },
    end: { type: "string", description: "Day from which it no longer counts; never when left out." },
    order: { type: "string", description: "Order reference." },
  },
  run: async (client, input) => {
    const [tag, quantity] = requireWords(input, "tag", "quantity");
    const purchase = {
      tag,
      quantity,
      virtualAccount: optionText(input, "virtual-account"),
      kind: optionText(input, "kind"),
      start: optionText(input, "start"),
      end: optionText(input, "end"),
      orderReference: optionText(input, "order"),
    };
    const query = { smartAccount: optionText(input, "smart-account") };
    const added = await client.call<Purchase>("POST", "/api/v1/purchases", { query, body: purchase });
    return show(input, added, () => `${added.quantity} of ${added.tag} were added.\n`);
  },
});

export const license: Command = {
  name: "license",
  summary: "Licences, purchases and balances",
  subcommands: [list, users, licenseHistory, add, importFile, licenseTransfer, substitution],
};
