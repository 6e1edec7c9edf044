// What needs somebody.

import * as v from "valibot";
import { type ApiRoute, field, inVirtualAccount, needs, route } from "./api-route.ts";

export const alertRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "GET",
      path: "/api/v1/alerts",
      needs: needs.reader,
      summary: "Lists what needs somebody, one alert for each cause; `handled=true` what was marked as handled.",
    },
    { query: v.strictObject({ ...inVirtualAccount, handled: v.optional(field.flag) }) },
    ({ useCases }, { query }) => useCases.listAlerts(query),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/alerts/:alertId/handle",
      needs: needs.administrator,
      summary: "Marks an alert as handled, up to the newest event that was seen of it; `reason` is the note.",
    },
    {
      params: v.strictObject({ alertId: field.name }),
      query: v.strictObject(inVirtualAccount),
      body: v.strictObject({ throughEventId: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) }),
    },
    ({ useCases }, { params, query, body, cause }) => useCases.handleAlert({ ...query, ...params, ...body, cause }),
  ),
];
