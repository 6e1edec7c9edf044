// Which account the reader looks at, and the rest of what a page shows, stand in the URL: a link shows somebody else the same.

/** As the API's queries name it; without a virtual account all of them. */
export type Place = { readonly smartAccount?: string; readonly virtualAccount?: string };

/** Everything that the URL may say. What a page does not know, it leaves alone. */
export type Search = {
  readonly account?: string;
  readonly va?: string;
  /** What a table is filtered by, sorted by (`-name` for the other way round), and its open row. */
  readonly filter?: string;
  readonly sort?: string;
  readonly open?: string;
  /** Which of two lists a page shows. */
  readonly show?: string;
  /** How many days of a history. */
  readonly days?: string;
};

const names = ["account", "va", "filter", "sort", "open", "show", "days"] as const;

export function readSearch(given: Readonly<Record<string, unknown>>): Search {
  const known = names.flatMap((name) => {
    const value = given[name];
    // The router's reader of addresses makes a number of what looks like one; nothing here is a number.
    const text = typeof value === "number" || typeof value === "boolean" ? String(value) : value;
    return typeof text === "string" && text !== "" ? [[name, text]] : [];
  });
  return Object.fromEntries(known);
}

export function placeOf({ account, va }: Search): Place {
  return {
    ...(account === undefined ? {} : { smartAccount: account }),
    ...(va === undefined ? {} : { virtualAccount: va }),
  };
}

/** What stays when the reader goes to another page. */
export function onOtherPage({ account, va }: Search, more: Search = {}): Search {
  return { ...(account === undefined ? {} : { account }), ...(va === undefined ? {} : { va }), ...more };
}
