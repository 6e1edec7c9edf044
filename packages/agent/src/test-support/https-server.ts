// Real servers on loopback, with certificates of any kind, for tests of the transport.

import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";
import type { TestIdentity } from "./test-certificates.ts";

export type TestServer = { readonly port: number; readonly url: string };

/** `identity` with the certificates between it and the root. */
export async function startHttpsServer(
  context: TestContext,
  identity: TestIdentity,
  chain: readonly TestIdentity[],
  listener: RequestListener,
): Promise<TestServer> {
  const cert = [identity, ...chain].map((each) => each.certificate.toString()).join("");
  const key = identity.privateKey.export({ type: "pkcs8", format: "pem" });
  return listen(context, createServer({ cert, key }, listener), "https");
}

/** Takes connections and does with them whatever the test wants, down to nothing at all. */
export function startTcpServer(context: TestContext, onConnection: (socket: Socket) => void): Promise<TestServer> {
  return listen(context, createTcpServer(onConnection), "https");
}

async function listen(context: TestContext, server: Server, scheme: string): Promise<TestServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `${scheme}://localhost:${port}/licservice/license` };
}

/** A port that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = createTcpServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
