// Smart accounts, virtual accounts and ID tokens.

import * as v from "valibot";
import { type ApiRoute, field, inAccount, inVirtualAccount, needs, route } from "./api-route.ts";

const tokenWish = v.strictObject({
  description: v.optional(field.text),
  expiresAfterDays: v.optional(v.number()),
  usesMax: v.optional(v.number()),
  exportControlAllowed: v.optional(v.boolean()),
});

export const accountRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "GET",
      path: "/api/v1/accounts",
      needs: needs.reader,
      summary: "Lists smart accounts with their virtual accounts.",
    },
    {},
    ({ useCases }) => useCases.listAccounts(),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/accounts",
      needs: needs.administratorOfEverything,
      summary: "Creates a smart account.",
      status: 201,
    },
    { body: v.strictObject({ name: field.name, allowUntrustedReports: v.optional(v.boolean(), true) }) },
    ({ useCases }, { body, cause }) => useCases.createSmartAccount({ ...body, cause }),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/virtual-accounts",
      needs: needs.administratorOfAccount,
      summary: "Creates a virtual account.",
      status: 201,
    },
    {
      query: v.strictObject(inAccount),
      body: v.strictObject({ name: field.name, description: v.optional(field.text, "") }),
    },
    ({ useCases }, { query, body, cause }) => useCases.createVirtualAccount({ ...query, ...body, cause }),
  ),
  route(
    { method: "GET", path: "/api/v1/tokens", needs: needs.reader, summary: "Lists ID tokens; never their text." },
    { query: v.strictObject(inVirtualAccount) },
    ({ useCases }, { query }) => useCases.listTokens(query),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/tokens",
      needs: needs.administrator,
      summary: "Creates an ID token and shows its text, this once.",
      status: 201,
    },
    { query: v.strictObject(inVirtualAccount), body: tokenWish },
    ({ useCases }, { query, body, cause }) => useCases.createToken({ ...query, ...withoutUndefined(body), cause }),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/tokens/:tokenId/revoke",
      needs: needs.administrator,
      summary: "Revokes an ID token.",
    },
    { params: v.strictObject({ tokenId: field.name }), query: v.strictObject(inAccount) },
    ({ useCases }, { params, query, cause }) => useCases.revokeToken({ ...query, ...params, cause }),
  ),
];

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** A member that was left out is not the same as one that is there and undefined. */
function withoutUndefined<T extends object>(value: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<Defined<T>>;
}
