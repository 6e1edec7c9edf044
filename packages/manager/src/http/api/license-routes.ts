// Licences, purchases, what stands in for what, transfers between virtual accounts, and the reporting policy.

import { tagCharactersMax } from "@countersign/protocol";
import * as v from "valibot";
import { licenseFileBytesMax } from "../../accounts/license-import.ts";
import { purchaseKinds } from "../../accounts/purchase.ts";
import { transferPrecedences } from "../../licenses/license-transfer.ts";
import { type ApiRoute, field, inAccount, inVirtualAccount, needs, page, route } from "./api-route.ts";

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

const tag = v.pipe(v.string(), v.nonEmpty(), v.maxLength(tagCharactersMax));
const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Which licences go where. */
const transfer = {
  tag,
  from: field.name,
  to: field.name,
  precedence: v.optional(v.picklist(transferPrecedences)),
  kind: v.optional(v.picklist(purchaseKinds)),
};
const numbers = { ratio: v.optional(wholeNumber, 1), rank: v.optional(wholeNumber, 1) };
const edge = v.strictObject({ provider: tag, consumer: tag, ...numbers });
const level = v.union([
  v.pipe(
    tag,
    v.transform((one) => [one]),
  ),
  v.array(tag),
]);
const declaration = v.strictObject({
  hierarchies: v.optional(v.array(v.array(level)), []),
  edges: v.optional(v.array(edge), []),
});

export const licenseRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "GET",
      path: "/api/v1/licenses",
      needs: needs.reader,
      summary:
        "Lists purchased, in use, who lends how many to whom, balance and compliance for each virtual account and tag.",
    },
    { query: v.strictObject(inVirtualAccount) },
    ({ useCases }, { query }) => useCases.listLicenses(query),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/licenses/users",
      needs: needs.reader,
      summary:
        "Lists the installations of a virtual account that use a tag; `limit` is how many instances are looked at.",
    },
    { query: v.strictObject({ ...inVirtualAccount, tag, ...page }) },
    ({ useCases }, { query }) => useCases.listLicenseUsers(query),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/licenses/history",
      needs: needs.reader,
      summary:
        "Shows how a licence of a virtual account stood over days, as steps: in use, purchased, short; `from` and `to` are days, UTC.",
    },
    { query: v.strictObject({ ...inVirtualAccount, tag, from: optionalText, to: optionalText }) },
    ({ useCases }, { query }) => useCases.showLicenseHistory(query),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/license-transfers",
      needs: needs.reader,
      summary: "Lists transfers of licences between virtual accounts, the newest first.",
    },
    { query: v.strictObject({ ...inVirtualAccount, ...page }) },
    ({ useCases }, { query }) => useCases.listLicenseTransfers(query),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/license-transfers/preview",
      needs: needs.reader,
      summary:
        "Says what a transfer would do: the purchases it takes, every balance that changes, what would be short.",
    },
    { query: v.strictObject({ ...inAccount, ...transfer, quantity: field.digits }) },
    ({ useCases }, { query }) => useCases.previewLicenseTransfer(query),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/license-transfers",
      needs: needs.administrator,
      summary: "Moves licences to another virtual account; refused where more would be short than `shortageAccepted`.",
      status: 201,
    },
    {
      query: v.strictObject(inAccount),
      body: v.strictObject({ ...transfer, quantity: wholeNumber, shortageAccepted: v.optional(wholeNumber) }),
    },
    ({ useCases }, { query, body, cause }) => useCases.transferLicenses({ ...query, ...body, cause }),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/license-transfers/:transferId/undo",
      needs: needs.administrator,
      summary: "Takes a transfer back while nothing depends on it.",
    },
    { params: v.strictObject({ transferId: field.digits }), query: v.strictObject(inAccount) },
    ({ useCases }, { params, query, cause }) => useCases.undoLicenseTransfer({ ...query, ...params, cause }),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/substitutions",
      needs: needs.reader,
      summary: "Lists which licences stand in for which, by consumer, the nearest provider first.",
    },
    { query: v.strictObject(inAccount) },
    ({ useCases }, { query }) => useCases.listSubstitutions(query),
  ),
  route(
    {
      method: "PUT",
      path: "/api/v1/substitutions",
      needs: needs.administratorOfAccount,
      summary: "Declares all substitutions of a smart account, as hierarchies and edges, in place of those before.",
    },
    { query: v.strictObject(inAccount), body: declaration },
    ({ useCases }, { query, body, cause }) => useCases.declareSubstitutions({ ...query, declaration: body, cause }),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/substitutions",
      needs: needs.administratorOfAccount,
      summary: "Declares that one licence stands in for another.",
      status: 201,
    },
    { query: v.strictObject(inAccount), body: edge },
    ({ useCases }, { query, body, cause }) => useCases.addSubstitution({ ...query, edge: body, cause }),
  ),
  route(
    {
      method: "DELETE",
      path: "/api/v1/substitutions",
      needs: needs.administratorOfAccount,
      summary: "Declares that one licence does not stand in for another any more.",
    },
    { query: v.strictObject({ ...inAccount, provider: tag, consumer: tag }) },
    ({ useCases }, { query, cause }) => useCases.removeSubstitution({ ...query, cause }),
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
