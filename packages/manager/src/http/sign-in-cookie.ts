// The cookie that signs a browser in, and the proof that a request which changes something comes from the portal's own page: a
// browser sends a cookie by itself, whoever made it ask.

import type { IncomingHttpHeaders } from "node:http";

/** `__Host-` makes browsers take it over TLS only, from this host only, for all its paths. */
const cookieName = "__Host-countersign";
const attributes = "Path=/; Secure; HttpOnly; SameSite=Strict";

export function cookieOf(secret: string, maxAgeSeconds: number): string {
  return `${cookieName}=${secret}; Max-Age=${maxAgeSeconds}; ${attributes}`;
}

export const endedCookie = `${cookieName}=; Max-Age=0; ${attributes}`;

export function secretOf({ cookie = "" }: IncomingHttpHeaders): string | undefined {
  for (const part of cookie.split(";")) {
    const [, secret] = /^\s*__Host-countersign=([A-Za-z0-9_-]{43})\s*$/.exec(part) ?? [];
    if (secret !== undefined) return secret;
  }
  return undefined;
}

/** Every browser that the portal runs in says where a request that changes something comes from; who says nothing is no such browser. */
export function isFromOwnPage({ origin, host, "sec-fetch-site": site }: IncomingHttpHeaders): boolean {
  if (site !== undefined && site !== "same-origin") return false;
  return origin !== undefined && origin === `https://${host}`;
}
