// How a connection to the manager comes about: TCP, to the proxy when there is one; the tunnel; TLS; and, before the first
// byte of a message, whoever looks at the server's certificate once more.

import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { checkServerIdentity, type TLSSocket } from "node:tls";
import type { buildConnector as library } from "undici";
import buildConnector from "undici/lib/core/connect.js";
import type { ConnectionSettings } from "../ports.ts";
import { type ConnectionObserver, harmless } from "../trace.ts";
import { certificateChainOf } from "./certificate-chain.ts";
import { classifyError } from "./classify-error.ts";
import { dial, type Target } from "./dial.ts";
import type { DispatcherQuestion } from "./dispatchers.ts";
import { openTunnel } from "./tunnel.ts";

/** A reused TLS session brings no certificates that could be looked at. */
const sessionsWhenChecked = 0;

export function createConnector(question: DispatcherQuestion): library.connector {
  const { connection, timeouts } = question;
  const { clientCertificate: shown } = connection;
  const upgrade = buildConnector({
    ca: [...connection.certificateAuthorities],
    timeout: timeouts.connectMs,
    ...(shown === null ? {} : { key: shown.privateKey, cert: shown.chain }),
    ...(connection.checkServer === null ? {} : { maxCachedSessions: sessionsWhenChecked }),
    ...(connection.checksServerIdentity ? { checkServerIdentity } : { checkServerIdentity: () => undefined }),
  });
  return (options, callback) => {
    connectTo(options, question, upgrade).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}

async function connectTo(
  options: library.Options,
  question: DispatcherQuestion,
  upgrade: library.connector,
): Promise<Socket> {
  const isSecure = options.protocol === "https:";
  const target = { host: options.hostname, port: Number(options.port) || (isSecure ? 443 : 80) };
  const { checkServer } = question.connection;
  const observer = observerOf(question.connection);
  // A tapped connection is a stream that does what the HTTP library asks of a socket.
  const tcp = (await reach(target, question, observer)) as Socket;
  if (!isSecure) return tcp;
  const { host } = target;
  observer?.tell({ type: "handshake begun", host });
  try {
    const socket = await new Promise<Socket>((resolve, reject) => {
      upgrade({ ...options, httpSocket: tcp }, (error, made) => (error === null ? resolve(made) : reject(error)));
    });
    const chain = certificateChainOf(socket as TLSSocket);
    if (observer !== null) tellHandshake(observer, host, socket as TLSSocket, chain);
    if (checkServer !== null) await checkServer(chain);
    if (checkServer !== null) observer?.tell({ type: "certificates checked", host });
    return socket;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    observer?.tell({ type: "handshake failed", host, reason });
    tcp.destroy();
    throw error;
  }
}

function observerOf({ observer }: ConnectionSettings): ConnectionObserver | null {
  return observer && { tell: harmless(observer.tell), seesBytes: observer.seesBytes };
}

function tellHandshake(
  { tell }: ConnectionObserver,
  host: string,
  socket: TLSSocket,
  chain: readonly Uint8Array[],
): void {
  const protocol = socket.getProtocol() ?? "unknown";
  tell({ type: "handshake done", host, protocol, cipher: socket.getCipher().name, chain });
}

/** TCP to the manager, through the proxy when there is one. A failure to reach the proxy is the proxy's. */
async function reach(
  target: Target,
  { connection, proxy, timeouts }: DispatcherQuestion,
  observer: ConnectionObserver | null,
): Promise<Duplex> {
  const { localAddress, resolve } = connection;
  const how = { localAddress, resolve, observer, timeoutMs: timeouts.connectMs };
  if (proxy === null) return dial(target, how);
  const next = { host: proxy.address, port: proxy.port };
  const toProxy = await dial(next, how).catch((error: unknown) => {
    throw classifyError(error, { place: `${proxy.address}:${proxy.port}`, isProxy: true });
  });
  return openTunnel(toProxy, { proxy, target, observer });
}
