// countersign manager operator: who may use the administration API over HTTPS.

import type { Command, CommandInput, OptionDescription } from "@countersign/terminal";
import { operatorRoles } from "../accounts/access.ts";
import type { AddedOperator, OperatorView } from "../use-cases/use-cases.ts";
import { administrationCommand, virtualAccountOf } from "./administer.ts";
import { formatInstant, optionText, requireWords, show, showTable } from "./output.ts";

const roleOption: Readonly<Record<string, OptionDescription>> = {
  role: { type: "string", description: `${operatorRoles.join(" or ")}; the first one when left out.` },
};
const placeOptions: Readonly<Record<string, OptionDescription>> = {
  "smart-account": { type: "string", description: "A whole smart account; without one and the next, everything." },
  "virtual-account": { type: "string", description: "This virtual account of it only." },
};

const add = administrationCommand({
  name: "add",
  isAct: true,
  summary: "Add an operator and print the bearer token, this once",
  usage: "<name>",
  options: {
    ...roleOption,
    ...placeOptions,
    "virtual-account": {
      type: "string",
      multiple: true,
      description: "This virtual account of it only; may be given several times.",
    },
  },
  run: async (client, input) => {
    const [name] = requireWords(input, "name");
    const { role, smartAccount } = grantOf(input);
    const { "virtual-account": named } = input.values;
    const virtualAccounts = named === undefined ? [undefined] : [named].flat();
    const grants = virtualAccounts.map((virtualAccount) => ({ role, smartAccount, virtualAccount }));
    const added = await client.call<AddedOperator>("POST", "/api/v1/operators", { body: { name, grants } });
    return show(
      input,
      added,
      () => `${added.bearer}\n\nThe token of ${added.name} is not shown again. Access: ${describeGrants(added)}.\n`,
    );
  },
});

const grant = administrationCommand({
  name: "grant",
  isAct: true,
  summary: "Give an operator a role in a place, or another role there",
  usage: "<name>",
  options: { ...roleOption, ...placeOptions },
  run: async (client, input) => {
    const [name] = requireWords(input, "name");
    const path = `/api/v1/operators/${encodeURIComponent(name)}/grants`;
    return showAccess(input, await client.call<OperatorView>("POST", path, { body: grantOf(input) }));
  },
});

const revoke = administrationCommand({
  name: "revoke",
  isAct: true,
  summary: "Take away what an operator has for a place",
  usage: "<name>",
  options: placeOptions,
  run: async (client, input) => {
    const [name] = requireWords(input, "name");
    const path = `/api/v1/operators/${encodeURIComponent(name)}/grants`;
    return showAccess(input, await client.call<OperatorView>("DELETE", path, { query: virtualAccountOf(input) }));
  },
});

function grantOf(input: CommandInput) {
  return { role: optionText(input, "role"), ...virtualAccountOf(input) };
}

function showAccess(input: CommandInput, operator: OperatorView): number {
  return show(input, operator, () => `Access of ${operator.name}: ${describeGrants(operator)}.\n`);
}

function describeGrants({ grants }: OperatorView): string {
  const texts = grants.map(({ role, smartAccount, virtualAccount }) => {
    const inside = virtualAccount === null ? "" : ` / ${virtualAccount}`;
    return `${role} of ${smartAccount === null ? "everything" : `${smartAccount}${inside}`}`;
  });
  return texts.length === 0 ? "none" : texts.join(", ");
}

const list = administrationCommand({
  name: "list",
  summary: "List operators",
  run: async (client, input) => {
    requireWords(input);
    const operators = await client.call<readonly OperatorView[]>("GET", "/api/v1/operators");
    return showTable(
      input,
      operators,
      [
        { title: "Name", value: (each) => each.name },
        { title: "Access", value: describeGrants },
        { title: "Added", value: (each) => formatInstant(each.createdAtMs) },
      ],
      "There is no operator.",
    );
  },
});

const remove = administrationCommand({
  name: "remove",
  isAct: true,
  summary: "Remove an operator; the token ends at once",
  usage: "<name>",
  run: async (client, input) => {
    const [name] = requireWords(input, "name");
    const removed = await client.call("DELETE", `/api/v1/operators/${encodeURIComponent(name)}`);
    return show(input, removed, () => `Operator ${name} was removed.\n`);
  },
});

export const operator: Command = {
  name: "operator",
  summary: "Who may administer over HTTPS",
  subcommands: [add, list, grant, revoke, remove],
};
