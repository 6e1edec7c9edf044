// Acknowledgements and the event log.

import * as v from "valibot";
import { type ApiRoute, field, inAccount, inLedger, inVirtualAccount, needs, page, route } from "./api-route.ts";

export const recordRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "GET",
      path: "/api/v1/acknowledgements",
      needs: needs.reader,
      summary: "Lists acknowledgements, the newest first.",
    },
    { query: v.strictObject({ ...inAccount, ...page }) },
    ({ useCases }, { query }) => useCases.listAcknowledgements(query),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/acknowledgements/:acknowledgementId",
      needs: needs.reader,
      summary: "Shows one acknowledgement, signed, and as a file to import.",
    },
    { params: v.strictObject({ acknowledgementId: field.digits }), query: v.strictObject(inAccount) },
    ({ useCases }, { params, query }) => useCases.showAcknowledgement({ ...query, ...params }),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/events",
      needs: needs.reader,
      summary: "Lists what changed, with who or which message changed it, the newest first.",
    },
    { query: v.strictObject({ ...inVirtualAccount, ...inLedger, instance: v.optional(field.name), ...page }) },
    ({ useCases }, { query }) => useCases.listEvents(query),
  ),
];
