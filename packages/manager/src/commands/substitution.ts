// countersign manager license substitution: which licences stand in for which.

import { readFile } from "node:fs/promises";
import type { Command, CommandInput } from "@countersign/terminal";
import type { SubstitutionEdge } from "../licenses/substitution.ts";
import { accountOption, administrationCommand } from "./administer.ts";
import { optionNumber, optionText, requireWords, show, showTable, UsageError } from "./output.ts";

const path = "/api/v1/substitutions";
type Edges = readonly SubstitutionEdge[];
const accountOf = (input: CommandInput) => ({ smartAccount: optionText(input, "smart-account") });
const declared = (input: CommandInput, edges: Edges) =>
  show(input, edges, () => `${edges.length} substitutions are declared now.\n`);

const list = administrationCommand({
  name: "list",
  summary: "List what stands in for what, the nearest provider first",
  options: accountOption,
  run: async (client, input) => {
    requireWords(input);
    const edges = await client.call<Edges>("GET", path, { query: accountOf(input) });
    return showTable(
      input,
      edges,
      [
        { title: "Rank", value: ({ rank }) => String(rank), align: "right" },
        { title: "Covers", value: ({ ratio }) => String(ratio), align: "right" },
        { title: "Licence in use", value: ({ consumer }) => consumer },
        { title: "Covered by", value: ({ provider }) => provider },
      ],
      "Nothing stands in for anything.",
    );
  },
});

const declare = administrationCommand({
  name: "declare",
  isAct: true,
  summary: "Declare all substitutions from a JSON file, in place of those before",
  usage: "<file>",
  options: accountOption,
  run: async (client, input) => {
    const [file] = requireWords(input, "file");
    const body = readDeclaration(await readFile(file, "utf8"));
    return declared(input, await client.call<Edges>("PUT", path, { query: accountOf(input), body }));
  },
});

function readDeclaration(text: string): object {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === "object" && read !== null && !Array.isArray(read)) return read;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw new UsageError("<file> is no JSON object with `hierarchies` or `edges`");
}

const add = administrationCommand({
  name: "add",
  isAct: true,
  summary: "Declare that one licence stands in for another",
  usage: "<provider tag> <consumer tag> [--ratio NUMBER] [--rank NUMBER]",
  options: {
    ...accountOption,
    ratio: { type: "string", description: "How many of the consumer's licences one covers; 1 when left out." },
    rank: { type: "string", description: "How near it is among several that could: 1, the nearest, when left out." },
  },
  run: async (client, input) => {
    const [provider, consumer] = requireWords(input, "provider tag", "consumer tag");
    const [ratio, rank] = [optionNumber(input, "ratio"), optionNumber(input, "rank")];
    const body = { provider, consumer, ratio, rank };
    return declared(input, await client.call<Edges>("POST", path, { query: accountOf(input), body }));
  },
});

const remove = administrationCommand({
  name: "remove",
  isAct: true,
  summary: "Declare that one licence does not stand in for another any more",
  usage: "<provider tag> <consumer tag>",
  options: accountOption,
  run: async (client, input) => {
    const [provider, consumer] = requireWords(input, "provider tag", "consumer tag");
    const query = { ...accountOf(input), provider, consumer };
    return declared(input, await client.call<Edges>("DELETE", path, { query }));
  },
});

export const substitution: Command = {
  name: "substitution",
  summary: "Which licences stand in for which",
  subcommands: [list, declare, add, remove],
};
