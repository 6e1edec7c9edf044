// The HTTPS server of a device. In this order for every request: limits, route, who asks, what they may, body, answer. There is
// no plain HTTP.

import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { AgentNotice } from "@countersign/agent";
import type { DeviceControl } from "../device-control.ts";
import type { LicenseReader } from "../license-view.ts";
import { Authentication, basicCredentials, type HttpUsers } from "./authentication.ts";
import {
  connectionsMax,
  handshakeSeconds,
  headerBytesMax,
  headerSeconds,
  keepAliveSeconds,
  requestSeconds,
  targetBytesMax,
  timeoutCheckMs,
  wrongAttemptsPerConnectionMax,
} from "./http-limits.ts";
import { HttpProblem, problemJson, restconfErrors } from "./http-problem.ts";
import {
  type Authorization,
  type HttpAnswer,
  type HttpLogin,
  type HttpRequest,
  type HttpRoute,
  type Matched,
  type Method,
  type ProblemForm,
  privilegeNeeded,
  routesOf,
} from "./http-route.ts";
import { httpRoutes } from "./http-routes.ts";
import { notificationJson } from "./notification-data.ts";
import { NotificationStream } from "./notification-stream.ts";
import { type SessionKeeper, sessionCookieOf } from "./session-routes.ts";

export type HttpsOptions = { readonly host: string; readonly port: number };

/** What is behind the server. */
export type HttpDevice = {
  readonly users: HttpUsers;
  readonly control: DeviceControl;
  /** What can be read now, when the changes before it have ended. Throws while the device reloads. */
  reader(): Promise<LicenseReader>;
  /** False: nobody is let in (`ip http authentication`). */
  authenticates(): boolean;
  monotonicMs(): number;
  /** Calls back once; answers how to cancel. */
  start(delayMs: number, callback: () => void): () => void;
  note(event: "login" | "refused", name: string, address: string): void;
  /** A failure that nobody expected; the client is told nothing about it. */
  failed(error: unknown): void;
  /** The refusal that an error of the device means to a client; null for a failure. */
  refusalOf(error: unknown): HttpProblem | null;
};

export type HttpsServer = {
  readonly host: string;
  readonly port: number;
  /** Tells whoever listens. */
  notify(notice: AgentNotice, atMs: number): void;
  /** Ends every session and connection; the server goes on. */
  endSessions(): void;
  close(): Promise<void>;
};

/** `identity` holds private key and certificate as PEM. Rejects when the port cannot be had. */
export async function openHttpsServer(
  { host, port }: HttpsOptions,
  identity: string,
  device: HttpDevice,
): Promise<HttpsServer> {
  const answering = new Answering(device);
  const server = createServer(
    {
      key: identity,
      cert: identity,
      minVersion: "TLSv1.2",
      maxHeaderSize: headerBytesMax,
      requestTimeout: requestSeconds * 1000,
      headersTimeout: headerSeconds * 1000,
      keepAliveTimeout: keepAliveSeconds * 1000,
      handshakeTimeout: handshakeSeconds * 1000,
      connectionsCheckingInterval: timeoutCheckMs,
    },
    (request, response) => void answering.answer(request, response),
  );
  server.maxConnections = connectionsMax;
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(port, host);
  await once(server, "listening");
  const endSessions = (): void => {
    answering.authentication.endAllSessions();
    for (const socket of sockets) socket.destroy();
  };
  return {
    host,
    port: (server.address() as AddressInfo).port,
    notify: (notice, atMs) => {
      const json = notificationJson(notice, atMs);
      if (json !== null) answering.notifications.publish(json);
    },
    endSessions,
    close: async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      // A request under way may itself wait for what closes the server.
      endSessions();
      await closed;
    },
  };
}

class Answering {
  readonly authentication: Authentication;
  readonly notifications: NotificationStream;
  readonly #device: HttpDevice;
  readonly #routes: readonly HttpRoute[];
  readonly #wrongAttempts = new WeakMap<Socket, number>();

  constructor(device: HttpDevice) {
    this.#device = device;
    this.authentication = new Authentication(device);
    const sessions: SessionKeeper = {
      authenticates: () => device.authenticates(),
      open: (credentials, address) => this.authentication.openSession(credentials, address),
      end: (secret) => this.authentication.endSession(secret),
    };
    this.notifications = new NotificationStream(device);
    this.#routes = httpRoutes(sessions, this.notifications);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form: { problems: ProblemForm } = { problems: "plain" };
    try {
      await send(await this.#answerTo(request, form), request, response);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else await send(problemAnswer(this.#problemOf(error), form.problems), request, response).catch(() => undefined);
      if (this.#isTried(request.socket)) response.once("close", () => request.socket.destroy());
    }
  }

  async #answerTo(request: IncomingMessage, form: { problems: ProblemForm }): Promise<HttpAnswer> {
    const target = targetOf(request);
    const matched = routesOf(this.#routes, target.segments);
    form.problems = matched[0]?.route.problems ?? "plain";
    const chosen = matched.find(({ route }) => route.method === methodOf(request));
    const authorization = chosen?.route.authorization ?? "reading";
    refuseOtherSites(request, authorization);
    const login = authorization === "anybody" ? null : await this.#login(request, privilegeNeeded[authorization]);
    if (chosen === undefined) throw refusalOfUnknown(matched);
    const body = await readBody(request, chosen.route.bodyBytesMax);
    return chosen.route.answer(await this.#requestOf(request, { ...chosen, query: target.query, body, login }));
  }

  async #requestOf(
    request: IncomingMessage,
    facts: Omit<Matched, "route"> & Pick<HttpRequest, "query" | "body" | "login">,
  ): Promise<HttpRequest> {
    const { parameters, rest, query, body, login } = facts;
    const { control } = this.#device;
    const reader = await this.#device.reader();
    const header = (name: string): string | null => headerOf(request, name);
    const watchLogin = () => this.authentication.watch(login);
    const address = addressOf(request);
    return { parameters, rest, query, body, login, header, address, control, reader, watchLogin };
  }

  async #login(request: IncomingMessage, privilege: number): Promise<HttpLogin> {
    if (!this.#device.authenticates()) throw new HttpProblem("authentication_not_configured");
    const login = await this.#loginOf(request);
    if (login === null) {
      // A page asks by itself, without the browser's own dialogue.
      const isPage = headerOf(request, "sec-fetch-mode") !== null;
      const challenge = { "www-authenticate": 'Basic realm="device", charset="UTF-8"' };
      throw new HttpProblem("login_needed", isPage ? {} : { headers: challenge });
    }
    if (login.privilege < privilege) throw new HttpProblem("privilege_missing");
    return login;
  }

  async #loginOf(request: IncomingMessage): Promise<HttpLogin | null> {
    const credentials = basicCredentials(headerOf(request, "authorization"));
    if (credentials === null) {
      const secret = sessionCookieOf(headerOf(request, "cookie"));
      return secret === null ? null : this.authentication.loginOfSession(secret);
    }
    const login = await this.authentication.loginWith(credentials, addressOf(request));
    const { socket } = request;
    if (login === null) this.#wrongAttempts.set(socket, (this.#wrongAttempts.get(socket) ?? 0) + 1);
    return login;
  }

  #isTried(socket: Socket): boolean {
    return (this.#wrongAttempts.get(socket) ?? 0) >= wrongAttemptsPerConnectionMax;
  }

  #problemOf(error: unknown): HttpProblem {
    if (error instanceof HttpProblem) return error;
    const refusal = this.#device.refusalOf(error);
    if (refusal !== null) return refusal;
    this.#device.failed(error);
    return new HttpProblem("device_failed");
  }
}

type Target = { readonly segments: readonly string[]; readonly query: URLSearchParams };

function targetOf({ url = "" }: IncomingMessage): Target {
  if (Buffer.byteLength(url) > targetBytesMax) throw new HttpProblem("target_too_long");
  const [path = "", query = ""] = url.split(/\?(.*)/s);
  if (!path.startsWith("/")) throw new HttpProblem("request_malformed");
  try {
    return { segments: path.split("/").slice(1).map(decodeURIComponent), query: new URLSearchParams(query) };
  } catch {
    throw new HttpProblem("request_malformed", { message: "The address is not percent-encoded as it should be." });
  }
}

function methodOf({ method }: IncomingMessage): Method | undefined {
  return method === "HEAD" ? "GET" : (method as Method | undefined);
}

/** Names from the table of node:http are lower case, and given once. */
function headerOf({ headers }: IncomingMessage, name: string): string | null {
  const value = headers[name];
  return typeof value === "string" ? value : null;
}

function addressOf({ socket }: IncomingMessage): string {
  return (socket.remoteAddress ?? "").replace(/^::ffff:/, "");
}

/** Browsers send along what they know of a user; a page of another site must not use that. It may lead to the page. */
function refuseOtherSites(request: IncomingMessage, authorization: Authorization): void {
  if (methodOf(request) === "GET" && authorization === "anybody") return;
  const [origin, site] = [headerOf(request, "origin"), headerOf(request, "sec-fetch-site")];
  const isOwn = origin === null || origin === `https://${headerOf(request, "host") ?? ""}`;
  const isOwnSite = site === null || site === "same-origin" || site === "none";
  if (!isOwn || !isOwnSite) throw new HttpProblem("request_from_elsewhere");
}

function refusalOfUnknown(matched: readonly Matched[]): HttpProblem {
  if (matched.length === 0) return new HttpProblem("not_found");
  const methods = new Set(matched.flatMap(({ route }) => (route.method === "GET" ? ["GET", "HEAD"] : [route.method])));
  return new HttpProblem("method_not_allowed", { headers: { allow: [...methods].join(", ") } });
}

async function readBody(request: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > bytesMax) throw new HttpProblem("body_too_large", { headers: { connection: "close" } });
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function problemAnswer(problem: HttpProblem, form: ProblemForm): HttpAnswer {
  const isRestconf = form === "restconf";
  return {
    status: problem.status,
    headers: {
      "content-type": isRestconf ? "application/yang-data+json" : "application/json",
      ...problem.facts.headers,
    },
    body: JSON.stringify(isRestconf ? restconfErrors(problem) : problemJson(problem)),
  };
}

/** What holds for every answer: nothing is kept by anybody, nothing is guessed, nothing is framed. */
const headersOfAll = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "strict-transport-security": "max-age=31536000",
} as const;

async function send(answer: HttpAnswer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, headers = {}, body } = answer;
  response.writeHead(status, { ...headersOfAll, ...headers });
  if (body === undefined || typeof body === "string") response.end(request.method === "HEAD" ? undefined : body);
  else {
    const parts = body[Symbol.asyncIterator]();
    const leave = (): void => void parts.return?.();
    // Who went away ends the work, also where nothing is said to him for long.
    if (request.method === "HEAD" || response.destroyed) leave();
    else {
      response.once("close", leave);
      answer.onCutOff?.(() => response.destroy());
    }
    for (let part = await parts.next(); part.done !== true; part = await parts.next()) {
      if (response.destroyed) return;
      // The client that reads slowly is waited for.
      if (!response.write(part.value)) await Promise.race([once(response, "drain"), once(response, "close")]);
    }
    response.end();
  }
}
