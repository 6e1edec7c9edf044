// countersign manager operator: who may use the administration API over HTTPS.

import type { Command } from "@countersign/terminal";
import type { AddedOperator, OperatorView } from "../use-cases/use-cases.ts";
import { administrationCommand } from "./administer.ts";
import { formatInstant, requireWords, show, showTable } from "./output.ts";

const add = administrationCommand({
  name: "add",
  isAct: true,
  summary: "Add an operator and print the bearer token, this once",
  usage: "<name>",
  run: async (client, input) => {
    const [name] = requireWords(input, "name");
    const added = await client.call<AddedOperator>("POST", "/api/v1/operators", { body: { name } });
    return show(input, added, () => `${added.bearer}\n\nThe token of ${added.name} is not shown again.\n`);
  },
});

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
  subcommands: [add, list, remove],
};
