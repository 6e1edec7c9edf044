// Where devices speak to the relay: the field's path, over HTTPS or, when the settings say so, over plain HTTP. Nothing else is
// served but health and metrics; no file of the state directory has a route.

import type { AddressInfo } from "node:net";
import { messageBytesMax, ProtocolError } from "@countersign/protocol";
import { type ReceivedBytes, TooMuchReceived } from "@countersign/terminal";
import { type FastifyInstance, fastify } from "fastify";
import type { Log } from "../logging/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { relayErrors } from "../relay-error.ts";
import type { CertificateView } from "../renewal/renewal.ts";

export type Health = {
  readonly status: "ok" | "failing";
  readonly waiting: number;
  readonly managerAwaySinceMs: number | null;
  readonly certificate: CertificateView;
};

export type ListenerPorts = {
  readonly answer: (body: Uint8Array) => Promise<Uint8Array>;
  readonly health: () => Health;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Of all connections together. */
  readonly received: ReceivedBytes;
};

export type ListenerOptions = {
  readonly host: string;
  readonly port: number;
  readonly connectionsMax: number;
  /** Null for plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
};

export type Listener = { readonly port: number; stop(): Promise<void> };

const requestTimeoutMs = 60_000;

export async function listenForDevices(ports: ListenerPorts, options: ListenerOptions): Promise<Listener> {
  const { host, port, tls } = options;
  const common = {
    logger: false,
    exposeHeadRoutes: false,
    bodyLimit: messageBytesMax,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 512 },
  } as const;
  const application: FastifyInstance =
    tls === null
      ? fastify(common)
      : (fastify({ ...common, https: { ...tls, minVersion: "TLSv1.2" } }) as unknown as FastifyInstance);
  application.server.maxConnections = options.connectionsMax;
  ports.received.watch(application);
  application.removeAllContentTypeParsers();
  application.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  application.setErrorHandler((error, _request, reply) => {
    if (error instanceof ProtocolError) {
      ports.log.warn("request_refused", { code: error.code });
      return reply.code(error.code === "message_too_large" ? 413 : 400).send(problem(error.code, error.remedy));
    }
    if (error instanceof Error && "statusCode" in error && error.statusCode === 413)
      return reply.code(413).send(problem("message_too_large", "Send fewer reports in one message."));
    if (error instanceof TooMuchReceived) {
      ports.log.warn("request_refused", { code: "relay_overloaded" });
      reply.header("connection", "close");
      return reply.code(error.statusCode).send(problem("relay_overloaded", relayErrors.relay_overloaded.remedy));
    }
    ports.log.error("request_failed", {}, error);
    return reply.code(500).send(problem("internal", "Look at the relay's log."));
  });
  application.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(problem("route_unknown", "Devices speak to /cslu/v1/pi.")),
  );
  for (const path of ["/cslu/v1/pi", "/cslu/v1/pi/:tenant"]) {
    application.post(path, async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      return reply.header("content-type", "application/json").send(Buffer.from(await ports.answer(body)));
    });
  }
  application.get("/health", async (_request, reply) => {
    const health = ports.health();
    return reply
      .code(health.status === "ok" ? 200 : 503)
      .header("cache-control", "no-store")
      .send(health);
  });
  application.get("/metrics", async (_request, reply) => {
    const { contentType, text } = await ports.metrics.render();
    return reply.header("content-type", contentType).send(text);
  });
  await application.listen({ host, port });
  return { port: (application.server.address() as AddressInfo).port, stop: () => application.close() };
}

function problem(code: string, remedy: string) {
  return { code, remedy };
}
