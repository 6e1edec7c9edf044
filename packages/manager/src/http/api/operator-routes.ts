// Operators: only the owner of the data directory makes and removes them, so that a stolen token cannot multiply itself.

import * as v from "valibot";
import { type ApiRoute, field, route } from "./api-route.ts";

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
    { body: v.strictObject({ name: field.name }) },
    ({ useCases }, { body, cause }) => useCases.addOperator({ ...body, cause }),
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
