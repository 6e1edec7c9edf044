// Where devices fetch the list of revoked certificates: open to everybody, because the list is signed and holds no secret.

import type { FastifyInstance } from "fastify";

export const revocationListPath = "/pki/issuing-ca.crl";

export function registerRevocationListRoute(application: FastifyInstance, list: () => Promise<Buffer>): void {
  application.get(revocationListPath, { config: { authorization: "public" } }, async (_request, reply) =>
    reply.header("content-type", "application/pkix-crl").send(await list()),
  );
}
