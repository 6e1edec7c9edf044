// Who may call a route. Every route declares it; one that does not cannot be registered, so that the default is deny.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { OperatorView } from "../use-cases/use-cases.ts";
import type { BearerLimiter } from "./bearer-limiter.ts";

/**
 * `public` answers anybody; `message` too, because the message itself carries what proves its sender;
 * `operator` needs an operator's bearer token, or the socket that only the owner of the data directory can open;
 * `owner` needs that socket.
 */
export const authorizations = ["public", "message", "operator", "owner"] as const;
export type Authorization = (typeof authorizations)[number];

declare module "fastify" {
  interface FastifyContextConfig {
    authorization?: Authorization;
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

export type DeclaredRoute = { readonly method: string; readonly url: string; readonly authorization: Authorization };

/** How a connection came in: over HTTPS from anywhere, or through the data directory's own socket. */
export type Channel = "https" | "local";

export type Administrator = ({ readonly kind: "operator" } & OperatorView) | { readonly kind: "local" };

export type AuthorizationPorts = {
  readonly channel: Channel;
  /** The operator whose bearer token this is, as of now, on whatever manager it was added or removed. */
  readonly findOperator: (bearer: string) => Promise<OperatorView | undefined>;
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
    for (const each of [method].flat()) declaredRoutes.push({ method: each, url, authorization });
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
    return refused ?? (needed === "owner" ? refuse(request, reply, ports, refusals.owner) : undefined);
  });
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

const refusals = {
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
} as const satisfies Record<string, BearerRefusal>;

/** Sets the operator, or sends the refusal and answers the reply. */
async function authenticate(
  request: FastifyRequest,
  reply: FastifyReply,
  ports: AuthorizationPorts,
): Promise<FastifyReply | undefined> {
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

function refuse(
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
