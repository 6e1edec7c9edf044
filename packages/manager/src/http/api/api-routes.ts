// All administration routes, and their way into the HTTP server.

import { decodeText, parseJson } from "@countersign/protocol";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { accountRoutes } from "./account-routes.ts";
import { alertRoutes } from "./alert-routes.ts";
import type { ApiPorts, ApiRoute } from "./api-route.ts";
import { auditRoutes } from "./audit-routes.ts";
import { authorizationRoutes } from "./authorization-routes.ts";
import { conversionRoutes } from "./conversion-routes.ts";
import { fileRoutes } from "./file-routes.ts";
import { floorRoutes } from "./floor-routes.ts";
import { instanceRoutes } from "./instance-routes.ts";
import { ledgerRoutes } from "./ledger-routes.ts";
import { licenseRoutes } from "./license-routes.ts";
import { operatorRoutes } from "./operator-routes.ts";
import { premisesRoutes } from "./premises-routes.ts";
import { recordRoutes } from "./record-routes.ts";
import { retentionRoutes } from "./retention-routes.ts";
import { searchRoutes } from "./search-routes.ts";

export const apiRoutes: readonly ApiRoute[] = [
  ...accountRoutes,
  ...licenseRoutes,
  ...conversionRoutes,
  ...instanceRoutes,
  ...searchRoutes,
  ...authorizationRoutes,
  ...fileRoutes,
  ...recordRoutes,
  ...alertRoutes,
  ...premisesRoutes,
  ...floorRoutes,
  ...ledgerRoutes,
  ...auditRoutes,
  ...retentionRoutes,
  ...operatorRoutes,
];

const jsonBytesMax = 1024 * 1024;

export async function registerApiRoutes(application: FastifyInstance, ports: ApiPorts): Promise<void> {
  await application.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    const json = { parseAs: "buffer", bodyLimit: jsonBytesMax } as const;
    scope.addContentTypeParser<Buffer>("application/json", json, async (_request: FastifyRequest, body: Buffer) =>
      body.byteLength === 0 ? undefined : parseJson(decodeText(body, jsonBytesMax)),
    );
    for (const route of apiRoutes) if (route.fileBytesMax === null) register(scope, route, ports, jsonBytesMax);
  });
  await application.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    for (const route of apiRoutes) {
      if (route.fileBytesMax !== null) register(scope, route, ports, route.fileBytesMax);
    }
  });
}

function register(scope: FastifyInstance, route: ApiRoute, ports: ApiPorts, bodyLimit: number): void {
  const { method, path: url, authorization, needs } = route;
  scope.route({
    method,
    url,
    bodyLimit,
    config: { authorization, ...(needs === null ? {} : { needs }) },
    handler: async (request, reply) => {
      const { params, query, body, administrator } = request;
      const result = await route.answer(ports, { params, query, body, administrator });
      return reply.code(route.status).send(result);
    },
  });
}
