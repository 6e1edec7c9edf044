// node:https with nothing on top: bytes in, text out. The ground on which every ceiling over the network stands.

import { createServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { createSelfSignedCertificate } from "./self-signed-certificate.ts";

export type RawServer = { readonly port: number; readonly certificate: string; stop(): Promise<void> };

/** Listens on a free port of loopback. A failing `answer` gives 500 with the reason. */
export async function listenRaw(answer: (body: Buffer) => Promise<string>): Promise<RawServer> {
  const { key, certificate } = createSelfSignedCertificate(Date.now());
  const options: ServerOptions = { key, cert: certificate };
  const server = createServer(options, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const [status, text] = await answer(Buffer.concat(chunks)).then(
        (done) => [200, done] as const,
        (error: unknown) => [500, String(error)] as const,
      );
      response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
      response.end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    certificate,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
