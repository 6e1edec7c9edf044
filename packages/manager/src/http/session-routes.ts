// How a browser signs in and out: the bearer token comes once, in the body of a request from the portal's own page, and goes no
// further; what the browser keeps is a cookie that no script can read.

import { decodeText, parseJson } from "@countersign/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import * as v from "valibot";
import { isPermittedSomewhere } from "../accounts/access.ts";
import { signInHours } from "../accounts/sign-in.ts";
import type { SignInUseCases } from "../use-cases/use-cases.ts";
import { needs } from "./api/api-route.ts";
import { type AuthorizationPorts, accessOf, refusals, refuse } from "./authorization.ts";
import { cookieOf, endedCookie, isFromOwnPage, secretOf } from "./sign-in-cookie.ts";

export const sessionPath = "/api/v1/session";
const bodyBytesMax = 1024;
const body = v.strictObject({ token: v.pipe(v.string(), v.maxLength(200)) });

export async function registerSessionRoutes(
  application: FastifyInstance,
  signIns: SignInUseCases,
  ports: AuthorizationPorts,
): Promise<void> {
  await application.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    const json = { parseAs: "buffer", bodyLimit: bodyBytesMax } as const;
    scope.addContentTypeParser<Buffer>("application/json", json, async (_request: FastifyRequest, bytes: Buffer) =>
      parseJson(decodeText(bytes, bodyBytesMax)),
    );
    scope.post(sessionPath, { bodyLimit: bodyBytesMax, config: { authorization: "public" } }, (request, reply) =>
      signIn(request, reply, { signIns, ports }),
    );
  });
  const ofOperator = { config: { authorization: "operator", needs: needs.reader } } as const;
  application.get(sessionPath, ofOperator, async (request) => sessionOf(request));
  application.delete(sessionPath, ofOperator, async (request, reply) => {
    const secret = secretOf(request.headers);
    if (secret !== undefined) await signIns.signOut(secret);
    return reply.header("set-cookie", endedCookie).send({ signedOut: true });
  });
}

async function signIn(
  request: FastifyRequest,
  reply: FastifyReply,
  { signIns, ports }: { readonly signIns: SignInUseCases; readonly ports: AuthorizationPorts },
): Promise<FastifyReply> {
  if (!isFromOwnPage(request.headers)) return refuse(request, reply, ports, refusals.foreignOrigin);
  if (ports.limiter.isBlocked(request.ip)) return refuse(request, reply, ports, refusals.tooMany);
  const wish = v.safeParse(body, request.body);
  const signedIn = wish.success ? await signIns.signIn(wish.output.token) : undefined;
  if (signedIn === undefined) {
    ports.limiter.countFailure(request.ip);
    return refuse(request, reply, ports, refusals.unknown);
  }
  request.administrator = { kind: "operator", ...signedIn.operator };
  reply.header("set-cookie", cookieOf(signedIn.secret, signInHours * 3600));
  return reply.send(sessionOf(request));
}

/** Who is signed in, and whether there is anything that they may change. */
function sessionOf({ administrator }: FastifyRequest) {
  if (administrator === null) throw new Error("broken promise: a session was asked for by nobody");
  const mayAdminister = isPermittedSomewhere(accessOf(administrator), "administer", "virtual account");
  return { name: administrator.kind === "operator" ? administrator.name : null, mayAdminister };
}
