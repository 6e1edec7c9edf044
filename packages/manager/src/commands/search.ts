// countersign manager search: whatever a text names.

import { type Column, renderTable } from "@countersign/terminal";
import type { SearchHit, SearchResult } from "../use-cases/use-cases.ts";
import { accountOption, administrationCommand } from "./administer.ts";
import { optionNumber, optionText, requireWords, show } from "./output.ts";

const nameOfKind: Readonly<Record<SearchHit["kind"], string>> = {
  product_instance: "product instance",
  license: "license",
  virtual_account: "virtual account",
  token: "token",
  acknowledgement: "acknowledgement",
};

export const search = administrationCommand({
  name: "search",
  summary: "Find devices, licenses, virtual accounts, tokens and acknowledgements",
  usage: "<text>",
  options: {
    ...accountOption,
    limit: { type: "string", description: "How many of each kind to show at most; 5 when left out." },
  },
  run: async (client, input) => {
    const [text] = requireWords(input, "text");
    const query = { smartAccount: optionText(input, "smart-account"), text, limit: optionNumber(input, "limit") };
    return show(input, await client.call<SearchResult>("GET", "/api/v1/search", { query }), renderResult);
  },
});

function renderResult({ hits, isComplete }: SearchResult): string {
  const columns: readonly Column<SearchHit>[] = [
    { title: "Kind", value: ({ kind }) => nameOfKind[kind] },
    { title: "Name", value: ({ title }) => title },
    { title: "Virtual account", value: ({ virtualAccount }) => virtualAccount },
    { title: "Id", value: ({ id }) => id, keep: true },
  ];
  const found = hits.length === 0 ? "Nothing was found.\n" : renderTable(columns, hits);
  return isComplete ? found : `${found}There may be more: search for more of the name, or for a whole serial number.\n`;
}
