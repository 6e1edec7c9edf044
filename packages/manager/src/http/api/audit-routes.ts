// The audit log: administrative acts as the ledger keeps them.

import * as v from "valibot";
import { administrativeActs } from "../../audit/audit-entry.ts";
import { type ApiRoute, field, inLedger, needs, page, route } from "./api-route.ts";

export const auditRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "GET",
      path: "/api/v1/audit",
      needs: needs.reader,
      summary:
        "Lists administrative acts with their ledger leaves, the newest first; `manager=true` those on operators.",
    },
    {
      query: v.strictObject({
        ...inLedger,
        ...page,
        fromMs: v.optional(field.digits),
        toMs: v.optional(field.digits),
        operator: v.optional(field.name),
        act: v.optional(v.picklist(administrativeActs)),
      }),
    },
    ({ useCases }, { query }) => useCases.listAuditEntries(query),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/audit/:leafIndex",
      needs: needs.reader,
      summary: "Shows one administrative act with the exact text of its entry.",
    },
    { params: v.strictObject({ leafIndex: field.digits }), query: v.strictObject(inLedger) },
    ({ useCases }, { params, query }) => useCases.showAuditEntry({ ...query, ...params }),
  ),
];
