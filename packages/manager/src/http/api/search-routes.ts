// One text, whatever it names.

import * as v from "valibot";
import { type ApiRoute, field, inAccount, needs, route } from "./api-route.ts";

export const searchRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "GET",
      path: "/api/v1/search",
      needs: needs.reader,
      summary:
        "Finds product instances, licences, virtual accounts, tokens and acknowledgements by `text`; at most `limit` of each kind.",
    },
    // How long the text may be, and how many are told, the use case says in words.
    { query: v.strictObject({ ...inAccount, text: v.string(), limit: v.optional(field.digits) }) },
    ({ useCases }, { query }) => useCases.searchAccount(query),
  ),
];
