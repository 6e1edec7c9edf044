// countersign manager token: what a device needs once to establish trust.

import type { Command } from "@countersign/terminal";
import type { CreatedToken, TokenView } from "../use-cases/use-cases.ts";
import { accountOption, administrationCommand, virtualAccountOf, virtualAccountOptions } from "./administer.ts";
import { formatInstant, optionNumber, optionText, renderFacts, requireWords, show, showTable } from "./output.ts";

const create = administrationCommand({
  name: "create",
  isAct: true,
  summary: "Create an ID token and print it, this once",
  usage: "[--uses N] [--days N] [--description TEXT] [--export-controlled]",
  options: {
    ...virtualAccountOptions,
    uses: {
      type: "string",
      description: "How many devices it lets in; every member of a stack or HA pair needs one use.",
    },
    days: { type: "string", description: "Days until it expires, 1 to 9999; 30 when left out." },
    description: { type: "string", description: "What the token is for." },
    "export-controlled": { type: "boolean", description: "Allow export-controlled functionality." },
  },
  run: async (client, input) => {
    requireWords(input);
    const wish = {
      usesMax: optionNumber(input, "uses"),
      expiresAfterDays: optionNumber(input, "days"),
      description: optionText(input, "description"),
      exportControlAllowed: input.values["export-controlled"] === true ? true : undefined,
    };
    const query = {
      ...virtualAccountOf(input),
    };
    const created = await client.call<CreatedToken>("POST", "/api/v1/tokens", { query, body: wish });
    return show(input, created, renderCreated);
  },
});

/** The text stands alone on its line, so that a double click or `head -1` takes it whole. */
function renderCreated(token: CreatedToken): string {
  const facts = renderFacts([
    ["Id", token.tokenId],
    ["Virtual account", token.virtualAccount],
    ["Expires", formatInstant(token.expiresAtMs)],
    ["Uses", `${token.uses} of ${token.usesMax}`],
    ["Export control", token.exportControlAllowed ? "allowed" : "not allowed"],
  ]);
  return `${token.text}\n\n${facts}\nThe token is not shown again. On the device: license smart trust idtoken <token> all\n`;
}

const list = administrationCommand({
  name: "list",
  summary: "List ID tokens; never their text",
  options: virtualAccountOptions,
  run: async (client, input) => {
    requireWords(input);
    const query = {
      ...virtualAccountOf(input),
    };
    const tokens = await client.call<readonly TokenView[]>("GET", "/api/v1/tokens", { query });
    return showTable(
      input,
      tokens,
      [
        { title: "Id", value: (token) => token.tokenId, keep: true },
        { title: "State", value: (token) => token.state.replace("_", " ") },
        { title: "Uses", value: (token) => `${token.uses} of ${token.usesMax}`, align: "right" },
        { title: "Expires", value: (token) => formatInstant(token.expiresAtMs) },
        { title: "Virtual account", value: (token) => token.virtualAccount },
        { title: "Created by", value: (token) => token.createdBy },
        { title: "Description", value: (token) => token.description },
      ],
      "There is no token.",
    );
  },
});

const revoke = administrationCommand({
  name: "revoke",
  isAct: true,
  summary: "Revoke an ID token; devices that used it keep their trust",
  usage: "<id>",
  options: accountOption,
  run: async (client, input) => {
    const [id] = requireWords(input, "id");
    const query = { smartAccount: optionText(input, "smart-account") };
    const token = await client.call<TokenView>("POST", `/api/v1/tokens/${encodeURIComponent(id)}/revoke`, { query });
    return show(input, token, () => `Token ${token.tokenId} was revoked.\n`);
  },
});

export const token: Command = {
  name: "token",
  summary: "ID tokens that let devices establish trust",
  subcommands: [create, list, revoke],
};
