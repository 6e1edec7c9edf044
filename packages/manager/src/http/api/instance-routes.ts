// Product instances and what they reported.

import * as v from "valibot";
import { type ApiRoute, field, inAccount, inVirtualAccount, needs, page, route } from "./api-route.ts";

/** `:instance` is a product instance identifier or `PID:x,SN:y`. */
const params = v.strictObject({ instance: field.name });

export const instanceRoutes: readonly ApiRoute[] = [
  route(
    { method: "GET", path: "/api/v1/instances", needs: needs.reader, summary: "Lists product instances." },
    { query: v.strictObject({ ...inVirtualAccount, ...page }) },
    ({ useCases }, { query }) => useCases.listProductInstances(query),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/instances/:instance",
      needs: needs.reader,
      summary: "Shows a product instance, its installation, usage and certificates.",
    },
    { params, query: v.strictObject(inAccount) },
    ({ useCases }, { params: { instance }, query }) => useCases.showProductInstance({ ...query, instance }),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/instances/:instance/transfer",
      needs: needs.administrator,
      summary: "Moves an installation to another virtual account.",
    },
    { params, query: v.strictObject(inAccount), body: v.strictObject({ virtualAccount: field.name }) },
    ({ useCases }, { params: { instance }, query, body, cause }) =>
      useCases.transferProductInstance({ ...query, ...body, instance, cause }),
  ),
  route(
    {
      method: "DELETE",
      path: "/api/v1/instances/:instance",
      needs: needs.administrator,
      summary: "Removes a product instance and withdraws its certificates.",
    },
    { params, query: v.strictObject(inAccount) },
    async ({ useCases }, { params: { instance }, query, cause }) => {
      await useCases.removeProductInstance({ ...query, instance, cause });
      return { removed: instance };
    },
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/instances/:instance/reports",
      needs: needs.reader,
      summary: "Lists accepted usage reports, the newest first.",
    },
    { params, query: v.strictObject({ ...inAccount, ...page }) },
    ({ useCases }, { params: { instance }, query }) => useCases.listReports({ ...query, instance }),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/instances/:instance/reports/:reportId",
      needs: needs.reader,
      summary: "Shows one usage report with its signed payload.",
    },
    { params: v.strictObject({ instance: field.name, reportId: field.digits }), query: v.strictObject(inAccount) },
    ({ useCases }, { params: { instance, reportId }, query }) => useCases.showReport({ ...query, instance, reportId }),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/instances/:instance/evidence",
      needs: needs.reader,
      summary: "Lists reports that contradicted accepted ones.",
    },
    { params, query: v.strictObject(inAccount) },
    ({ useCases }, { params: { instance }, query }) => useCases.listEvidence({ ...query, instance }),
  ),
];
