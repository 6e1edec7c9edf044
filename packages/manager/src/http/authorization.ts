// Who may call a route. Every route declares it; one that does not cannot be registered, so that the default is deny.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Extent, fullAccess, isPermittedSomewhere, type Level } from "../accounts/access.ts";
import { administrationErrors } from "../errors.ts";
import type { KnownOperator } from "../use-cases/use-cases.ts";
import type { BearerLimiter } from "./bearer-limiter.ts";
import { isFromOwnPage, secretOf } from "./sign-in-cookie.ts";

/**
 * `public` answers anybody; `message` too, because the message itself carries what proves its sender;
 * `operator` needs an operator's bearer token, or a browser that was signed in with one, or the socket that only the owner of the data directory can open;
 * `owner` needs that socket.
 */
export const authorizations = ["public", "message", "operator", "owner"] as const;
export type Authorization = (typeof authorizations)[number];

/**
 * What an operator needs for a route: a role of this level, in a place of at least this extent. Which place it is about, the use
 * case finds out, with what the operator may see.
 */
export type Needs = { readonly level: Level; readonly extent: Extent };

declare module "fastify" {
  interface FastifyContextConfig {
    authorization?: Authorization;
    /** On every operator route. */
    needs?: Needs;
  }
  interface FastifyInstance {
    /** Every route with what it declared, as registered. */
    declaredRoutes: DeclaredRoute[];
  }
  interface FastifyRequest {
    /** Who administers; null on routes that need nobody. */
    administrator: Administrator | null;
  }
}

export type DeclaredRoute = {
  readonly method: string;
  readonly url: string;
  readonly authorization: Authorization;
  readonly needs: Needs | null;
};

/** How a connection came in: over HTTPS from anywhere, or through the data directory's own socket. */
export type Channel = "https" | "local";

export type Administrator = ({ readonly kind: "operator" } & KnownOperator) | { readonly kind: "local" };

/** Whoever opens the data directory's own socket owns all that is in it. */
export function accessOf(administrator: Administrator) {
  return administrator.kind === "local" ? fullAccess : administrator.access;
}

export type AuthorizationPorts = {
  readonly channel: Channel;
  /** The operator whose bearer token this is, as of now, on whatever manager it was added or removed. */
  readonly findOperator: (bearer: string) => Promise<KnownOperator | undefined>;
  /** The same by the secret in the cookie of a browser that was signed in. */
  readonly findSignedIn: (secret: string) => Promise<KnownOperator | undefined>;
  readonly limiter: BearerLimiter;
  readonly onRefused: (request: FastifyRequest, code: string) => void;
};

/** Call before any route is registered. */
export function requireAuthorization(application: FastifyInstance, ports: AuthorizationPorts): void {
  application.decorateRequest("administrator", null);
  const declaredRoutes: DeclaredRoute[] = [];
  application.decorate("declaredRoutes", declaredRoutes);
  application.addHook("onRoute", ({ method, url, config }) => {
    const authorization = config?.authorization;
    if (!isAuthorization(authorization)) throw new Error(`broken promise: ${method} ${url} declares no authorization`);
    const needs = config?.needs ?? null;
    if (authorization === "operator" && needs === null)
      throw new Error(`broken promise: ${method} ${url} declares no need of an operator`);
    for (const each of [method].flat()) declaredRoutes.push({ method: each, url, authorization, needs });
  });
  application.addHook("onRequest", async (request, reply) => {
    // A path that no route has is answered by the not-found handler, which tells nothing.
    const needed = request.is404 ? "public" : request.routeOptions.config.authorization;
    if (needed === "public" || needed === "message") return;
    if (ports.channel === "local") {
      request.administrator = { kind: "local" };
      return;
    }
    const refused = await authenticate(request, reply, ports);
    if (refused !== undefined) return refused;
    if (needed === "owner") return refuse(request, reply, ports, refusals.owner);
    return isAllowed(request) ? undefined : refuse(request, reply, ports, refusals.notPermitted);
  });
}

/** Whether there is any place where this operator may do what the route does. */
function isAllowed({ administrator, routeOptions: { config } }: FastifyRequest): boolean {
  const { needs } = config;
  return (
    administrator !== null &&
    needs !== undefined &&
    isPermittedSomewhere(accessOf(administrator), needs.level, needs.extent)
  );
}

function isAuthorization(value: unknown): value is Authorization {
  return authorizations.some((known) => known === value);
}

type BearerRefusal = {
  readonly status: 401 | 403 | 429;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
};

export const refusals = {
  missing: {
    status: 401,
    code: "bearer_missing",
    message: "An operator token is needed.",
    remedy: "Send it as `Authorization: Bearer <token>`.",
  },
  unknown: {
    status: 401,
    code: "bearer_unknown",
    message: "The operator token is not known.",
    remedy: "Create one with `countersign manager operator add`.",
  },
  signInEnded: {
    status: 401,
    code: "sign_in_ended",
    message: "This browser is not signed in any more.",
    remedy: "Sign in again with an operator's token.",
  },
  foreignOrigin: {
    status: 403,
    code: "origin_foreign",
    message: "A browser sent this from a page that is not the portal's own.",
    remedy:
      "Use the portal under the manager's own address; a proxy in front of it must leave the Host header as it is.",
  },
  tooMany: {
    status: 429,
    code: "bearer_attempts_exceeded",
    message: "Too many wrong operator tokens came from this address.",
    remedy: "Wait a minute.",
  },
  owner: {
    status: 403,
    code: "owner_only",
    message: "Only the owner of the data directory may do this.",
    remedy: "Use `countersign manager operator` on the manager's machine.",
  },
  notPermitted: {
    status: 403,
    code: "operator_not_permitted",
    message: administrationErrors.operator_not_permitted.meaning,
    remedy: administrationErrors.operator_not_permitted.remedy,
  },
} as const satisfies Record<string, BearerRefusal>;

/** Sets the operator, or sends the refusal and answers the reply. */
async function authenticate(
  request: FastifyRequest,
  reply: FastifyReply,
  ports: AuthorizationPorts,
): Promise<FastifyReply | undefined> {
  const secret = request.headers.authorization === undefined ? secretOf(request.headers) : undefined;
  if (secret !== undefined) return authenticateBrowser(request, reply, { ports, secret });
  if (ports.limiter.isBlocked(request.ip)) return refuse(request, reply, ports, refusals.tooMany);
  const bearer = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(request.headers.authorization ?? "")?.[1];
  if (bearer === undefined) return refuse(request, reply, ports, refusals.missing);
  const operator = await ports.findOperator(bearer);
  if (operator === undefined) {
    ports.limiter.countFailure(request.ip);
    return refuse(request, reply, ports, refusals.unknown);
  }
  request.administrator = { kind: "operator", ...operator };
  return undefined;
}

/** A cookie comes with whatever a browser is made to ask for, so what changes something must prove its page. */
async function authenticateBrowser(
  request: FastifyRequest,
  reply: FastifyReply,
  { ports, secret }: { readonly ports: AuthorizationPorts; readonly secret: string },
): Promise<FastifyReply | undefined> {
  const isReading = request.method === "GET";
  if (!isReading && !isFromOwnPage(request.headers)) return refuse(request, reply, ports, refusals.foreignOrigin);
  const operator = await ports.findSignedIn(secret);
  if (operator === undefined) return refuse(request, reply, ports, refusals.signInEnded);
  request.administrator = { kind: "operator", ...operator };
  return undefined;
}

/** Tells the log and answers the refusal. */
export function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  ports: AuthorizationPorts,
  refusal: BearerRefusal,
): FastifyReply {
  const { status, ...problem } = refusal;
  ports.onRefused(request, refusal.code);
  if (status === 401) reply.header("www-authenticate", "Bearer");
  if (status === 429) reply.header("retry-after", "60");
  return reply.code(status).send(problem);
}
