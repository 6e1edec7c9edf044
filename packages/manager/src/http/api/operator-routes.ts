// Operators: only the owner of the data directory makes and removes them, so that a stolen token cannot multiply itself.

import * as v from "valibot";
import { operatorRoles } from "../../accounts/access.ts";
import { type ApiRoute, field, inVirtualAccount, route } from "./api-route.ts";

/** Without a smart account everything, without a virtual account all of the smart account. */
const place = inVirtualAccount;
const role = v.optional(v.picklist(operatorRoles));

export const operatorRoutes: readonly ApiRoute[] = [
  route(
    { method: "GET", path: "/api/v1/operators", summary: "Lists operators.", authorization: "owner" },
    {},
    ({ useCases }) => useCases.listOperators(),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/operators",
      summary: "Adds an operator and shows its bearer token, this once.",
      authorization: "owner",
      status: 201,
    },
    {
      body: v.strictObject({
        name: field.name,
        grants: v.optional(v.pipe(v.array(v.strictObject({ ...place, role })), v.minLength(1))),
      }),
    },
    ({ useCases }, { body, cause }) => useCases.addOperator({ ...body, cause }),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/operators/:name/grants",
      summary: "Gives an operator a role in a place, or another role there.",
      authorization: "owner",
    },
    { params: v.strictObject({ name: field.name }), body: v.strictObject({ ...place, role }) },
    ({ useCases }, { params: { name }, body: grant, cause }) => useCases.grantAccess({ name, grant, cause }),
  ),
  route(
    {
      method: "DELETE",
      path: "/api/v1/operators/:name/grants",
      summary: "Takes away what an operator has for a place.",
      authorization: "owner",
    },
    { params: v.strictObject({ name: field.name }), query: v.strictObject(place) },
    ({ useCases }, { params: { name }, query, cause }) => useCases.revokeAccess({ ...query, name, cause }),
  ),
  route(
    { method: "DELETE", path: "/api/v1/operators/:name", summary: "Removes an operator.", authorization: "owner" },
    { params: v.strictObject({ name: field.name }) },
    async ({ useCases }, { params, cause }) => {
      await useCases.removeOperator({ ...params, cause });
      return { removed: params.name };
    },
  ),
];
