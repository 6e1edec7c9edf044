// Where the portal is served. Everything it shows comes from the API with the operator's own access, so its files are public.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type PortalFile, portalReader } from "./portal-files.ts";

export const portalPath = "/portal/";

/** Scripts, styles, pictures and answers from here only; no frames, no plugins, nothing written into the page. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const securityHeaders = {
  "content-security-policy": contentSecurityPolicy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** The names of assets change with what is in them. */
const forEver = "public, max-age=31536000, immutable";
const asked = "no-cache";

const notBuilt = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Countersign</title>
<h1>The portal is not built</h1>
<p>This manager works; only its web pages are missing. Build them where its sources are, and load this page again:</p>
<pre>npm run portal</pre>
<p>Until then, <code>countersign manager alert list</code> and the other commands tell the same.</p>
</html>
`;

export function registerPortalRoutes(application: FastifyInstance, directory: string): void {
  const read = portalReader(directory);
  const open = { config: { authorization: "public" } } as const;
  const page = async (request: FastifyRequest, reply: FastifyReply) => {
    const portal = await read();
    reply.headers(securityHeaders);
    if (portal !== null) return sendFile(request, reply, portal.page, asked);
    return reply.code(503).header("cache-control", "no-store").type("text/html; charset=utf-8").send(notBuilt);
  };
  application.get("/portal", open, (_request, reply) => reply.redirect(portalPath, 308));
  application.get(portalPath, open, page);
  // Which pages there are, the portal itself knows.
  application.get(`${portalPath}:page`, open, page);
  application.get<{ Params: { file: string } }>(`${portalPath}assets/:file`, open, async (request, reply) => {
    const file = (await read())?.assets.get(request.params.file);
    if (file === undefined) return reply.callNotFound();
    reply.headers(securityHeaders);
    return sendFile(request, reply, file, forEver);
  });
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: PortalFile, cacheControl: string): FastifyReply {
  const isGzipped = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
  reply.headers({ "cache-control": cacheControl, vary: "accept-encoding" }).type(file.type);
  if (isGzipped) reply.header("content-encoding", "gzip");
  return reply.send(isGzipped ? file.gzipped : file.plain);
}
