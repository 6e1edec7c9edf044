// Logging in to the page: a password is sent once and is then no longer in the browser; the cookie can be read by no script and
// is sent by no other site.

import * as v from "valibot";
import type { Credentials } from "./authentication.ts";
import { HttpProblem } from "./http-problem.ts";
import { type HttpLogin, type HttpRoute, jsonAnswer, nothingToSay } from "./http-route.ts";
import { readJson } from "./read-json.ts";

export type SessionKeeper = {
  /** False: nobody is let in. */
  authenticates(): boolean;
  open(credentials: Credentials, address: string): Promise<{ secret: string; login: HttpLogin } | null>;
  end(secret: string): void;
};

/** The prefix makes browsers insist on TLS, on this host alone, and on every path (RFC 6265bis, 4.1.3.2). */
const cookieName = "__Host-session";
const cookieAttributes = "Path=/; Secure; HttpOnly; SameSite=Strict";

const loginSchema = v.strictObject({ name: v.string(), password: v.string() });

/** A name, a password and the JSON around them. */
export const loginBytesMax = 2048;

export function sessionCookieOf(header: string | null): string | null {
  const pairs = (header ?? "").split(";").map((pair) => pair.trim().split("="));
  return pairs.find(([name]) => name === cookieName)?.[1] ?? null;
}

export function sessionRoutes(sessions: SessionKeeper): readonly HttpRoute[] {
  return [
    {
      method: "POST",
      path: "/session",
      authorization: "anybody",
      purpose: "Log in on the page: `name` and `password` as JSON; answers a cookie",
      problems: "plain",
      bodyBytesMax: loginBytesMax,
      answer: async ({ body, address }) => {
        if (!sessions.authenticates()) throw new HttpProblem("authentication_not_configured");
        const opened = await sessions.open(readJson(body, loginSchema), address);
        if (opened === null) throw new HttpProblem("login_needed", { message: "Name or password are wrong." });
        const answer = jsonAnswer(opened.login);
        return { ...answer, headers: { ...answer.headers, "set-cookie": cookieOf(opened.secret) } };
      },
    },
    {
      method: "GET",
      path: "/session",
      authorization: "reading",
      purpose: "Who is logged in",
      problems: "plain",
      bodyBytesMax: 0,
      answer: async ({ login }) => jsonAnswer(login),
    },
    {
      method: "DELETE",
      path: "/session",
      authorization: "anybody",
      purpose: "Log out",
      problems: "plain",
      bodyBytesMax: 0,
      answer: async ({ header }) => {
        const secret = sessionCookieOf(header("cookie"));
        if (secret !== null) sessions.end(secret);
        return { ...nothingToSay, headers: { "set-cookie": `${cookieName}=; Max-Age=0; ${cookieAttributes}` } };
      },
    },
  ];
}

function cookieOf(secret: string): string {
  return `${cookieName}=${secret}; ${cookieAttributes}`;
}
