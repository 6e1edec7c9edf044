// An account on premises: whom it lets in without a token.

import * as v from "valibot";
import { admittedProductIdsMax } from "../../premises/premises.ts";
import { type ApiRoute, field, inAccount, needs, route } from "./api-route.ts";

const admissionChange = v.strictObject({
  isOpen: v.optional(v.boolean()),
  virtualAccount: v.optional(field.name),
  productIds: v.optional(v.pipe(v.array(field.name), v.maxLength(admittedProductIdsMax))),
});

export const premisesRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "GET",
      path: "/api/v1/premises",
      needs: needs.readerOfAccount,
      summary: "Shows whom an account on premises lets in without a token.",
    },
    { query: v.strictObject(inAccount) },
    ({ useCases }, { query }) => useCases.showPremises(query),
  ),
  route(
    {
      method: "PUT",
      path: "/api/v1/premises/admission",
      needs: needs.administratorOfAccount,
      summary: "Says whom an account on premises lets in without a token; what is not named stays.",
    },
    { query: v.strictObject(inAccount), body: admissionChange },
    ({ useCases }, { query, body, cause }) => useCases.setAdmission({ ...query, change: body, cause }),
  ),
];
