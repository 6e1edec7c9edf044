// Authorization codes for enforced and export-controlled licences.

import { authorizedClasses, fileBytesMax } from "@countersign/protocol";
import * as v from "valibot";
import { type ApiRoute, field, inAccount, inVirtualAccount, needs, page, route } from "./api-route.ts";

/** `:instance` is a product instance identifier or `PID:x,SN:y`. */
const params = v.strictObject({ instance: field.name });
const query = v.strictObject(inAccount);
const bytes = v.instance(Uint8Array);
const license = v.strictObject({
  tag: v.pipe(v.string(), v.nonEmpty(), v.maxLength(512)),
  licenseClass: v.picklist(authorizedClasses),
  count: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1)), 1),
});

export const authorizationRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "GET",
      path: "/api/v1/authorizations",
      needs: needs.reader,
      summary: "Lists authorization codes, the newest first.",
    },
    { query: v.strictObject({ ...inVirtualAccount, ...page, instance: v.optional(field.name) }) },
    ({ useCases }, { query: asked }) => useCases.listAuthorizations(asked),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/instances/:instance/authorizations",
      needs: needs.administrator,
      summary:
        "Makes an authorization code, or answers the one that is in force already; with the file for the device.",
      status: 201,
    },
    {
      params,
      query,
      body: v.strictObject({
        mode: v.optional(v.picklist(["add", "replace"]), "add"),
        licenses: v.pipe(v.array(license), v.minLength(1)),
      }),
    },
    ({ useCases }, { params: { instance }, query: asked, body, cause }) =>
      useCases.generateAuthorization({ ...asked, ...body, instance, cause }),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/instances/:instance/authorizations/return",
      needs: needs.administrator,
      summary: "Takes a code back with the return code that its device shows.",
    },
    { params, query, body: v.strictObject({ returnCode: field.name }) },
    ({ useCases }, { params: { instance }, query: asked, body, cause }) =>
      useCases.returnAuthorization({ ...asked, ...body, instance, cause }),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/instances/:instance/authorizations/withdraw",
      needs: needs.administrator,
      summary: "Withdraws the code that is in force, whether its device can be asked or not.",
    },
    { params, query },
    ({ useCases }, { params: { instance }, query: asked, cause }) =>
      useCases.withdrawAuthorization({ ...asked, instance, cause }),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/authorization-request-files",
      needs: needs.administrator,
      summary: "Takes a saved request for authorization codes; answers the codes as a file.",
      status: 201,
      fileBytesMax,
    },
    { query, body: bytes },
    ({ useCases }, { query: asked, body, cause }) =>
      useCases.importAuthorizationRequest({ ...asked, bytes: body, cause }),
  ),
];
