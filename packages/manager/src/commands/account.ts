// countersign manager account: smart accounts and the virtual accounts inside them.

import type { Command } from "@countersign/terminal";
import type { SmartAccount, VirtualAccount } from "../accounts/account.ts";
import { accountOption, administrationCommand } from "./administer.ts";
import { formatInstant, optionText, requireWords, show, showTable } from "./output.ts";

type AccountView = SmartAccount & { readonly virtualAccounts: readonly VirtualAccount[] };

const showAccounts = administrationCommand({
  name: "show",
  summary: "Show smart accounts and their virtual accounts",
  run: async (client, input) => {
    requireWords(input);
    const accounts = await client.call<readonly AccountView[]>("GET", "/api/v1/accounts");
    if (input.json) return show(input, accounts, () => "");
    const rows = accounts.flatMap((account) =>
      account.virtualAccounts.map((virtualAccount) => ({ account, virtualAccount })),
    );
    return showTable(
      input,
      rows,
      [
        { title: "Smart account", value: ({ account }) => account.name },
        { title: "Virtual account", value: ({ virtualAccount }) => virtualAccount.name },
        { title: "Default", value: ({ virtualAccount }) => (virtualAccount.isDefault ? "yes" : "") },
        { title: "Untrusted reports", value: ({ account }) => (account.allowUntrustedReports ? "taken" : "refused") },
        { title: "Created", value: ({ virtualAccount }) => formatInstant(virtualAccount.createdAtMs) },
        { title: "Description", value: ({ virtualAccount }) => virtualAccount.description },
      ],
      "There is no account.",
    );
  },
});

const createVirtualAccount = administrationCommand({
  name: "create",
  isAct: true,
  summary: "Create a virtual account",
  usage: "<name> [--description TEXT]",
  options: { ...accountOption, description: { type: "string", description: "What the virtual account is for." } },
  run: async (client, input) => {
    const [name] = requireWords(input, "name");
    const description = optionText(input, "description");
    const created = await client.call<VirtualAccount>("POST", "/api/v1/virtual-accounts", {
      query: { smartAccount: optionText(input, "smart-account") },
      body: { name, ...(description === undefined ? {} : { description }) },
    });
    return show(input, created, () => `Virtual account ${created.name} was created.\n`);
  },
});

export const account: Command = {
  name: "account",
  summary: "Smart accounts and virtual accounts",
  subcommands: [showAccounts, createVirtualAccount],
};
