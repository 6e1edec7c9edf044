// countersign manager premises: an account on premises; whom it lets in without a token, and what to type on a device (ONP-2, ONP-3).

import type { Command, CommandInput } from "@countersign/terminal";
import type { SmartAccount, VirtualAccount } from "../accounts/account.ts";
import type { PremisesView } from "../use-cases/use-cases.ts";
import { accountOption, administrationCommand } from "./administer.ts";
import { configurationOf } from "./configuration-options.ts";
import { optionText, renderFacts, requireWords, show, UsageError } from "./output.ts";

type AccountView = SmartAccount & { readonly virtualAccounts: readonly VirtualAccount[] };
type DeviceLines = { readonly virtualAccount: string; readonly url: string; readonly lines: readonly string[] };

const showPremises = administrationCommand({
  name: "show",
  summary: "Show whom the account lets in without a token, and the lines to paste on a device",
  options: {
    ...accountOption,
    address: {
      type: "string",
      description: "How devices reach this manager, such as onprem.example.org:8443; from its settings when left out.",
    },
  },
  run: async (client, input) => {
    requireWords(input);
    const query = { smartAccount: optionText(input, "smart-account") };
    const view = await client.call<PremisesView>("GET", "/api/v1/premises", { query });
    const accounts = await client.call<readonly AccountView[]>("GET", "/api/v1/accounts");
    const account = accounts.find(({ name }) => name === view.smartAccount);
    const places = view.role === "onprem" ? (account?.virtualAccounts ?? []) : [];
    const devices = places.map(({ name }) => linesFor(name, input));
    return show(input, { ...view, devices }, () => `${renderView(view)}\n${devices.map(renderLines).join("\n")}`);
  },
});

const setAdmission = administrationCommand({
  name: "admit",
  isAct: true,
  summary: "Say whom the account lets in without a token; what is not named stays",
  usage: "[--without-token yes|no] [--virtual-account NAME] [--products PID,PID,…|all]",
  options: {
    ...accountOption,
    "without-token": { type: "string", description: "yes or no: whether any device comes in without a token." },
    "virtual-account": {
      type: "string",
      description: "Where devices come into whose address names no virtual account.",
    },
    products: { type: "string", description: "Product ids that come in, separated by commas; all for every one." },
  },
  run: async (client, input) => {
    requireWords(input);
    const isOpen = yesOrNo(optionText(input, "without-token"));
    const virtualAccount = optionText(input, "virtual-account");
    const products = optionText(input, "products");
    const productIds = products === "all" ? [] : products?.split(",").map((each) => each.trim());
    const body = {
      ...(isOpen === undefined ? {} : { isOpen }),
      ...(virtualAccount === undefined ? {} : { virtualAccount }),
      ...(productIds === undefined ? {} : { productIds }),
    };
    if (Object.keys(body).length === 0) throw new UsageError("nothing is set");
    const query = { smartAccount: optionText(input, "smart-account") };
    const view = await client.call<PremisesView>("PUT", "/api/v1/premises/admission", { query, body });
    return show(input, view, renderView);
  },
});

function yesOrNo(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (text !== "yes" && text !== "no") throw new UsageError("--without-token is yes or no");
  return text === "yes";
}

function linesFor(virtualAccount: string, input: CommandInput): DeviceLines {
  const { serverNames, port } = configurationOf(input).values;
  const configured = `${serverNames[0] ?? "localhost"}${port === 443 ? "" : `:${port}`}`;
  const authority = optionText(input, "address") ?? configured;
  const url = `https://${authority}/cslu/v1/pi/${encodeURIComponent(virtualAccount)}-1`;
  const lines = ["license smart transport cslu", `license smart url cslu ${url}`];
  return { virtualAccount, url, lines };
}

function renderView({ smartAccount, admission }: PremisesView): string {
  if (admission === null)
    return renderFacts([
      ["Smart account", smartAccount],
      ["Role", "cloud: every device needs a token"],
    ]);
  const { isOpen, virtualAccount, productIds } = admission;
  const who = productIds.length === 0 ? "all products" : productIds.join(", ");
  return renderFacts([
    ["Smart account", smartAccount],
    ["Role", "on premises"],
    ["Without a token", isOpen ? who : "nobody"],
    ["Come into", virtualAccount ?? "the default virtual account, or the one that the address names"],
  ]);
}

function renderLines({ virtualAccount, lines }: DeviceLines): string {
  return `Devices of ${virtualAccount}:\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

export const premises: Command = {
  name: "premises",
  summary: "An account on premises: its devices need no token",
  subcommands: [showPremises, setAdmission],
};
