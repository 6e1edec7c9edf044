// What a search offers to open: what the manager found, and pages by their names; each with its address.

import type { SearchHit } from "../api/answers.ts";
import { type PageAddress, pages } from "./pages.ts";
import { onOtherPage, type Search } from "./place.ts";

export type Choice = {
  readonly key: string;
  readonly group: string;
  readonly title: string;
  readonly detail: string;
  readonly to: PageAddress;
  readonly search: Search;
};

const groupOf: Readonly<Record<SearchHit["kind"], string>> = {
  product_instance: "Product instances",
  license: "Licences",
  virtual_account: "Virtual accounts",
  token: "Tokens",
  acknowledgement: "Acknowledgements",
};

export function choicesFor(text: string, hits: readonly SearchHit[], search: Search): readonly Choice[] {
  const named = pages.filter(({ title }) => title.toLowerCase().startsWith(text.toLowerCase()));
  return [
    ...hits.map((hit) => ({
      key: `${hit.kind} ${hit.virtualAccount} ${hit.id}`,
      group: groupOf[hit.kind],
      title: hit.title,
      detail: hit.kind === "virtual_account" ? hit.detail : `${hit.detail} · ${hit.virtualAccount}`,
      ...addressOf(hit, search),
    })),
    ...named.map(({ to, title }) => ({
      ...{ key: to, group: "Pages", title, detail: "", to, search: onOtherPage(search) },
    })),
  ];
}

/** A virtual account that is looked at is left where what was found lies in another one. */
function addressOf(hit: SearchHit, search: Search): Pick<Choice, "to" | "search"> {
  const { account, va } = search;
  const inPlace: Search = {
    ...(account === undefined ? {} : { account }),
    ...(va === hit.virtualAccount ? { va } : {}),
  };
  const addresses: Readonly<Record<SearchHit["kind"], readonly [PageAddress, Search]>> = {
    product_instance: ["/instances", { open: hit.id }],
    acknowledgement: ["/instances", { open: hit.instance ?? "" }],
    license: ["/licenses", { open: `${hit.virtualAccount} ${hit.id}` }],
    token: ["/tokens", { open: hit.id }],
    virtual_account: ["/", { va: hit.virtualAccount }],
  };
  const [to, more] = addresses[hit.kind];
  return { to, search: onOtherPage(inPlace, more) };
}

/** By kind, in the order in which they come; `from` is where its first one stands among all. */
export function groupsOf(
  choices: readonly Choice[],
): readonly { readonly title: string; readonly from: number; readonly choices: readonly Choice[] }[] {
  const titles = [...new Set(choices.map(({ group }) => group))];
  return titles.map((title) => ({
    title,
    from: choices.findIndex(({ group }) => group === title),
    choices: choices.filter(({ group }) => group === title),
  }));
}
