// The ledger: signed tree heads and proofs.

import * as v from "valibot";
import { type ApiRoute, field, inAccount, inLedger, needs, route } from "./api-route.ts";

const size = v.optional(field.digits);

export const ledgerRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "GET",
      path: "/api/v1/ledger/head",
      needs: needs.reader,
      summary:
        "Shows the ledger's newest tree head, or the one at a size, signed; `manager=true` for that of acts on operators.",
    },
    { query: v.strictObject({ ...inLedger, size }) },
    ({ useCases }, { query }) => useCases.showTreeHead(query),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/ledger/consistency",
      needs: needs.reader,
      summary: "Proves that the tree of a size, or the newest one, begins with a smaller one.",
    },
    { query: v.strictObject({ ...inLedger, from: field.digits, to: v.optional(field.digits) }) },
    ({ useCases }, { query }) => useCases.showConsistency(query),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/ledger/leaves/:leafIndex",
      needs: needs.readerOfAccount,
      summary: "Proves that an entry of the ledger stands at its place, in the newest tree or that of a size.",
    },
    { params: v.strictObject({ leafIndex: field.digits }), query: v.strictObject({ ...inLedger, size }) },
    ({ useCases }, { params, query }) => useCases.showInclusion({ ...query, ...params }),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/instances/:instance/reports/:reportId/proof",
      needs: needs.reader,
      summary: "Writes the proof file of one accepted report, which anybody can verify offline.",
    },
    {
      params: v.strictObject({ instance: field.name, reportId: field.digits }),
      query: v.strictObject({ ...inAccount, size }),
    },
    ({ useCases }, { params, query }) => useCases.proveReport({ ...query, ...params }),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/audit/:leafIndex/proof",
      needs: needs.reader,
      summary: "Writes the proof file of one administrative act, which anybody can verify offline.",
    },
    { params: v.strictObject({ leafIndex: field.digits }), query: v.strictObject({ ...inLedger, size }) },
    ({ useCases }, { params, query }) => useCases.proveAct({ ...query, ...params }),
  ),
];
