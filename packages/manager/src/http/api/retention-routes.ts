// How long bodies of reports are kept. One request is one bounded step; whoever wants all of it asks until it is finished.

import * as v from "valibot";
import { type ApiRoute, field, inAccount, needs, route } from "./api-route.ts";

export const retentionRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "GET",
      path: "/api/v1/report-bodies/old",
      needs: needs.readerOfAccount,
      summary: "Weighs what the next step of a purge would remove; goes on from `fromLeaf`.",
    },
    {
      query: v.strictObject({ ...inAccount, olderThanDays: field.digits, fromLeaf: v.optional(field.digits) }),
    },
    ({ useCases }, { query }) => useCases.weighOldReportBodies(query),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/report-bodies/purge",
      needs: needs.administratorOfAccount,
      summary: "Purges bodies of old reports, one step; hashes, leaves and acknowledgements stay.",
    },
    { query: v.strictObject(inAccount), body: v.strictObject({ olderThanDays: v.number() }) },
    ({ useCases }, { query, body, cause }) => useCases.purgeReportBodies({ ...query, ...body, cause }),
  ),
];
