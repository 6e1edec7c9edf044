// The HTTP application: device paths, health, metrics and administration, over HTTPS or on the data directory's socket.

import type { IncomingMessage } from "node:http";
import type { SecureContextOptions } from "node:tls";
import type { ReceivedBytes } from "@countersign/terminal";
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import type { Logger } from "../logging/logger.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Clock } from "../ports.ts";
import type { Administrations, FloorDoor } from "../use-cases/use-cases.ts";
import { registerApiRoutes } from "./api/api-routes.ts";
import { type Administrator, type AuthorizationPorts, type Channel, requireAuthorization } from "./authorization.ts";
import { createBearerLimiter } from "./bearer-limiter.ts";
import {
  type ClientCertificateMode,
  clientCertificateOptions,
  createClientCertificateCheck,
} from "./client-certificates.ts";
import type { DeviceEndpoint } from "./device-endpoints.ts";
import { registerDeviceRoutes } from "./device-routes.ts";
import { registerFloorRoutes } from "./floor-routes.ts";
import type { Health } from "./health.ts";
import { registerPortalRoutes } from "./portal-routes.ts";
import { cutBody, type IncidentReporter, problemOf } from "./refusal.ts";
import { registerRevocationListRoute } from "./revocation-list-route.ts";
import { registerSessionRoutes } from "./session-routes.ts";
import { acceptWholeAnswers } from "./whole-answers.ts";

export type ApplicationPorts = {
  readonly useCases: Administrations & { readonly floorDoor: FloorDoor };
  readonly endpoint: DeviceEndpoint;
  readonly received: ReceivedBytes;
  readonly health: () => Promise<Health>;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly reportIncident: IncidentReporter;
  /** Where the built portal is, if it is. */
  readonly portalDirectory: string;
  /** DER of the list of revoked certificates that stands now. */
  readonly revocationList: () => Promise<Buffer>;
};

export type ApplicationOptions = {
  readonly requestTimeoutSeconds: number;
  readonly keepAliveSeconds: number;
  readonly bearerFailuresPerMinuteMax: number;
  readonly clientCertificates: ClientCertificateMode;
};

/** Key and certificate chain of the HTTPS server. */
export type TlsIdentity = Required<Pick<SecureContextOptions, "key" | "cert">>;
/** That, and PEM of the root that issued it. */
type ServerIdentity = { readonly identity: TlsIdentity; readonly rootCertificatePem: string };

/** Time limits are enforced by looking at all connections this often. */
const timeoutCheckIntervalMs = 1000;

/**
 * Routes check with schemas of our own (api-route.ts). Without these, fastify loads two compilers of others, a hundred and forty
 * files, to compile none.
 */
const noSchemas = () => () => {
  throw new Error("broken promise: a route declares a schema of fastify");
};

const unreadablePath = {
  code: "path_unreadable",
  message: "The path cannot be read.",
  remedy: "Percent-encode its parts.",
};

/** Builds the application; nothing listens yet. `tls` is null on the local channel, which never leaves the machine. */
export async function buildApplication(
  ports: ApplicationPorts,
  options: ApplicationOptions,
  channel: Channel,
  tls: ServerIdentity | null,
): Promise<FastifyInstance> {
  const timeoutMs = options.requestTimeoutSeconds * 1000;
  // Both limits at once: the time for the headers may not exceed that for the whole request, whose default is five minutes.
  const server = {
    connectionsCheckingInterval: timeoutCheckIntervalMs,
    headersTimeout: timeoutMs,
    requestTimeout: timeoutMs,
  };
  const common = {
    logger: false,
    exposeHeadRoutes: false,
    requestTimeout: timeoutMs,
    keepAliveTimeout: options.keepAliveSeconds * 1000,
    forceCloseConnections: "idle",
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    routerOptions: { maxParamLength: 512 },
    frameworkErrors: (_error: unknown, _request: FastifyRequest, reply: FastifyReply) =>
      reply.code(400).send(unreadablePath),
  } as const;
  const application: FastifyInstance =
    tls === null
      ? fastify({ ...common, http: server })
      : (fastify({
          ...common,
          https: {
            ...{ ...server, ...tls.identity, minVersion: "TLSv1.2", handshakeTimeout: timeoutMs },
            ...clientCertificateOptions(options.clientCertificates, tls.rootCertificatePem),
          },
        }) as unknown as FastifyInstance);
  acceptWholeAnswers(application.server);
  readNoBodies(application);
  const authorization = authorizationPorts(ports, options, channel);
  requireAuthorization(application, authorization);
  closeConnectionsWhenStopping(application);
  answerErrors(application, ports);
  recordAnswers(application, ports);
  registerHealthRoutes(application, ports);
  registerRevocationListRoute(application, ports.revocationList);
  const refusalOfSocket = createClientCertificateCheck(options.clientCertificates, ports.clock);
  await registerDeviceRoutes(application, ports.endpoint, refusalOfSocket, ports.received);
  await registerFloorRoutes(application, ports.useCases.floorDoor, ports.received);
  await registerApiRoutes(application, ports);
  if (channel === "https") {
    await registerSessionRoutes(application, ports.useCases.signIns, authorization);
    registerPortalRoutes(application, ports.portalDirectory);
  }
  return application;
}

function authorizationPorts(
  ports: ApplicationPorts,
  options: ApplicationOptions,
  channel: Channel,
): AuthorizationPorts {
  const { useCases, metrics, logger, clock } = ports;
  return {
    channel,
    findOperator: useCases.findOperator,
    findSignedIn: useCases.signIns.findSignedIn,
    limiter: createBearerLimiter(options.bearerFailuresPerMinuteMax, clock),
    onRefused: (request, code) => {
      metrics.bearerRefused();
      logger.warn("bearer_refused", { code, remoteAddress: request.ip, route: request.routeOptions.url ?? "" });
    },
  };
}

/** Routes that take one say how, in scopes of their own. What comes to no route is not read: it could only be wrong. */
function readNoBodies(application: FastifyInstance): void {
  application.removeAllContentTypeParsers();
  application.addContentTypeParser("*", (_request, _body, done) => done(null));
}

/** The last answer on a connection says so; otherwise the connection would stay open, idle, until the time limit of stopping. */
function closeConnectionsWhenStopping(application: FastifyInstance): void {
  let isStopping = false;
  application.addHook("preClose", async () => {
    isStopping = true;
  });
  application.addHook("onSend", (request, reply, _payload, done) => {
    // What an operator is told is not for a browser's cache.
    if (request.routeOptions.url?.startsWith("/api/")) reply.header("cache-control", "no-store");
    if (isStopping) reply.header("connection", "close");
    done();
  });
}

function answerErrors(application: FastifyInstance, { reportIncident, metrics, logger }: ApplicationPorts): void {
  application.setErrorHandler((error, request, reply) => {
    const isCut = isCutBySender(error, request.raw);
    if (isCut) {
      metrics.requestCut();
      logger.debug("request_cut", { method: request.method, route: request.routeOptions.url ?? "" });
    }
    const { status, problem } = isCut ? cutBody : problemOf(error, reportIncident);
    return reply.code(status).send(problem);
  });
  application.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({
      code: "route_unknown",
      message: "There is nothing at this path.",
      remedy: "Compare with docs/reference/api.md.",
    }),
  );
}

function recordAnswers(application: FastifyInstance, { metrics, logger }: ApplicationPorts): void {
  application.addHook("onResponse", async (request, reply) => {
    const { url = "" } = request.routeOptions;
    if (!url.startsWith("/api/")) return;
    metrics.administrationAnswered(`${request.method} ${url}`, reply.statusCode);
    const fields = {
      method: request.method,
      route: url,
      httpStatus: reply.statusCode,
      operator: nameOf(request.administrator),
    };
    logger.info("administration_answered", { ...fields, remoteAddress: request.ip ?? "" });
  });
}

/** The connection ended within a body: who sent it went away or was too slow. That is no failure of the manager. */
function isCutBySender(error: unknown, request: IncomingMessage): boolean {
  return (
    request.destroyed && !request.complete && error instanceof Error && "code" in error && error.code === "ECONNRESET"
  );
}

function nameOf(administrator: Administrator | null): string {
  if (administrator === null) return "";
  return administrator.kind === "operator" ? administrator.name : "(local)";
}

function registerHealthRoutes(application: FastifyInstance, { health, metrics }: ApplicationPorts): void {
  application.get("/health", { config: { authorization: "public" } }, async (_request, reply) => {
    const state = await health();
    return reply
      .code(state.status === "ok" ? 200 : 503)
      .header("cache-control", "no-store")
      .send(state);
  });
  application.get("/metrics", { config: { authorization: "public" } }, async (_request, reply) => {
    const { contentType, text } = await metrics.render();
    return reply.header("content-type", contentType).send(text);
  });
}
