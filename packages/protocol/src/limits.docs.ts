// Generates docs/reference/limits.md: every limit of the protocol with the sentence that stands above it in limits.ts.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as limits from "./limits.ts";

const introduction = `# Limits

Past a limit is a clear refusal, and nothing half done. \`spec/protocol.md\`, section 9, names the code of each.

This page is generated from \`packages/protocol/src/limits.ts\` by \`npm run docs\`.

| limit | value | what it bounds |
|---|---|---|
`;

/** The comment above each constant. A comment above two constants in a row is for both. */
function sentences(): ReadonlyMap<string, string> {
  const text = readFileSync(join(import.meta.dirname, "limits.ts"), "utf8");
  const blocks = text.matchAll(/\/\*\* ([\s\S]*?) \*\/\n((?:export const \w+ = .*\n)+)/g);
  return new Map(
    [...blocks].flatMap(([, comment = "", constants = ""]) =>
      [...constants.matchAll(/export const (\w+)/g)].map(([, name = ""]) => [name, comment] as const),
    ),
  );
}

function render(): string {
  const sentenceOf = sentences();
  const rows = Object.entries(limits).map(([name, value]) => {
    const sentence = sentenceOf.get(name);
    if (sentence === undefined) throw new Error(`limits.ts: write above ${name} what it bounds`);
    return { name, value, sentence, place: [...sentenceOf.keys()].indexOf(name) };
  });
  rows.sort((one, other) => one.place - other.place);
  return introduction + rows.map(({ name, value, sentence }) => `| \`${name}\` | ${value} | ${sentence} |\n`).join("");
}

export const pages: readonly { readonly name: string; readonly render: () => string }[] = [
  { name: "limits.md", render },
];
