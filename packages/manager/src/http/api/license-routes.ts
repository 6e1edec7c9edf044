// Licences, purchases and the reporting policy.

import { tagCharactersMax } from "@countersign/protocol";
import * as v from "valibot";
import { licenseFileBytesMax } from "../../accounts/license-import.ts";
import { type ApiRoute, field, inAccount, inVirtualAccount, needs, route } from "./api-route.ts";

const optionalText = v.optional(field.text);
/** What each member may be is told by the reader of purchases, all wrong places at once. */
const purchase = v.strictObject({
  tag: v.pipe(v.string(), v.maxLength(tagCharactersMax)),
  quantity: v.union([field.text, v.number()]),
  virtualAccount: optionalText,
  kind: optionalText,
  start: optionalText,
  end: optionalText,
  orderReference: optionalText,
});

export const licenseRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "GET",
      path: "/api/v1/licenses",
      needs: needs.reader,
      summary: "Lists purchased, in use and balance for each virtual account and tag.",
    },
    { query: v.strictObject(inVirtualAccount) },
    ({ useCases }, { query }) => useCases.listLicenses(query),
  ),
  route(
    { method: "GET", path: "/api/v1/purchases", needs: needs.reader, summary: "Lists purchases." },
    { query: v.strictObject(inAccount) },
    ({ useCases }, { query }) => useCases.listPurchases(query),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/purchases",
      needs: needs.administrator,
      summary: "Adds one purchase.",
      status: 201,
    },
    { query: v.strictObject(inAccount), body: purchase },
    ({ useCases }, { query, body, cause }) => useCases.addPurchase({ ...query, purchase: body, cause }),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/purchases/import",
      needs: needs.administrator,
      summary: "Adds all purchases of a CSV or JSON file, or none.",
      status: 201,
      fileBytesMax: licenseFileBytesMax,
    },
    { query: v.strictObject(inAccount), body: v.instance(Uint8Array) },
    ({ useCases }, { query, body, cause }) => useCases.importLicenses({ ...query, bytes: body, cause }),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/policy",
      needs: needs.reader,
      summary: "Shows the policy in force, each value with its source.",
    },
    { query: v.strictObject(inVirtualAccount) },
    ({ useCases }, { query }) => useCases.getPolicy(query),
  ),
  route(
    {
      method: "PUT",
      path: "/api/v1/policy",
      needs: needs.administrator,
      summary: "Sets the policy of an account or a virtual account.",
    },
    { query: v.strictObject(inVirtualAccount), body: v.looseObject({}) },
    ({ useCases }, { query, body, cause }) => useCases.setPolicy({ ...query, layer: body, cause }),
  ),
];
