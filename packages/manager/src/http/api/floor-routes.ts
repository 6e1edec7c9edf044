// The manager above, and the managers on premises below.

import { fileBytesMax } from "@countersign/protocol";
import * as v from "valibot";
import { type ApiRoute, field, inAccount, inVirtualAccount, needs, route } from "./api-route.ts";

const connectWish = v.strictObject({
  url: v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(1000))),
  token: v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(1024))),
  registered: v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(65_536))),
  rootPem: v.pipe(v.string(), v.nonEmpty(), v.maxLength(16_384)),
  intervalDays: v.optional(v.number()),
});

export const floorRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "GET",
      path: "/api/v1/upstream",
      needs: needs.readerOfAccount,
      summary: "Shows the manager above: where it is, what waits for it, when it was last spoken to; null for none.",
    },
    { query: v.strictObject(inAccount) },
    ({ useCases }, { query }) => useCases.showUpstream(query),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/upstream/connect",
      needs: needs.administratorOfEverything,
      summary: "Puts this manager on premises below another one, with the registration token that was made there.",
      status: 201,
    },
    { query: v.strictObject(inAccount), body: connectWish },
    ({ useCases }, { query, body, cause }) => useCases.connectUpstream({ ...query, ...body, cause }),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/upstream/sync",
      needs: needs.administratorOfAccount,
      summary: "Sends what waits to the manager above, and takes what it answers.",
    },
    { query: v.strictObject(inAccount) },
    ({ useCases }, { query, cause }) => useCases.syncUpstream({ ...query, cause }),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/upstream/registration",
      needs: needs.administratorOfEverything,
      summary: "The certificate request that a registration carries up by hand; null in a cloud account.",
    },
    { query: v.strictObject(inAccount) },
    ({ useCases }, { query }) => useCases.requestRegistration(query),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/upstream/export",
      needs: needs.administratorOfAccount,
      summary: "What waits for the manager above, as a document to be carried there.",
    },
    { query: v.strictObject(inAccount) },
    ({ useCases }, { query }) => useCases.exportSync(query),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/upstream/import",
      needs: needs.administratorOfAccount,
      summary:
        "Takes what came back for a document that was carried up: a JSON object of both, `request` and `answer`.",
      fileBytesMax,
    },
    { query: v.strictObject(inAccount), body: v.instance(Uint8Array) },
    ({ useCases }, { query, body, cause }) => useCases.importSync({ ...query, bytes: body, cause }),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/floors",
      needs: needs.readerOfAccount,
      summary: "Lists the managers on premises below this one.",
    },
    { query: v.strictObject(inAccount) },
    ({ useCases }, { query }) => useCases.listLowerManagers(query),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/floors",
      needs: needs.administratorOfEverything,
      summary: "Announces a manager on premises and shows its registration token, this once.",
      status: 201,
    },
    { query: v.strictObject(inVirtualAccount), body: v.strictObject({ name: field.name }) },
    ({ useCases }, { query, body, cause }) => useCases.addLowerManager({ ...query, ...body, cause }),
  ),
  route(
    {
      method: "DELETE",
      path: "/api/v1/floors/:name",
      needs: needs.administratorOfEverything,
      summary: "Removes a manager on premises: what it sends from now on is refused.",
    },
    { params: v.strictObject({ name: field.name }), query: v.strictObject(inAccount) },
    async ({ useCases }, { params, query, cause }) => {
      await useCases.removeLowerManager({ ...query, ...params, cause });
      return { removed: params.name };
    },
  ),
];
