// How a connection to the manager comes about: TCP, to the proxy when there is one; the tunnel; TLS; and, before the first
// byte of a message, whoever looks at the server's certificate once more.

import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { checkServerIdentity, connect, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import type { ConnectionSettings } from "../ports.ts";
import { type ConnectionObserver, harmless } from "../trace.ts";
import { TransportFailure } from "../transport-failure.ts";
import { certificateChainOf } from "./certificate-chain.ts";
import { classifyError } from "./classify-error.ts";
import type { PoolQuestion } from "./connection-pools.ts";
import { dial, type Target } from "./dial.ts";
import { openTunnel } from "./tunnel.ts";

/** One server, spoken to with or without TLS. */
export type Destination = Target & { readonly isSecure: boolean };

/** Opens connections to one server. Throws `TransportFailure` or what the system or OpenSSL says. */
export type Connector = () => Promise<Duplex>;

export function createConnector(destination: Destination, question: PoolQuestion): Connector {
  const { connection, timeouts } = question;
  const observer = observerOf(connection);
  if (!destination.isSecure) return () => reach(destination, question, observer);
  const secure = createSecureConnector(destination, connection, timeouts.connectMs);
  return async () => {
    const tcp = await reach(destination, question, observer);
    const { host } = destination;
    observer?.tell({ type: "handshake begun", host });
    try {
      const socket = await secure(tcp);
      await look(socket, host, connection.checkServer, observer);
      // Whoever looked took time, in which the server may have gone.
      if (socket.destroyed) throw new TransportFailure("connection_reset", placeOf(destination));
      return socket;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      observer?.tell({ type: "handshake failed", host, reason });
      tcp.destroy();
      throw error;
    }
  };
}

function placeOf({ host, port }: Target): string {
  return `${host}:${port}`;
}

function observerOf({ observer }: ConnectionSettings): ConnectionObserver | null {
  return observer && { tell: harmless(observer.tell), seesBytes: observer.seesBytes };
}

async function look(
  socket: TLSSocket,
  host: string,
  checkServer: ConnectionSettings["checkServer"],
  observer: ConnectionObserver | null,
): Promise<void> {
  const chain = certificateChainOf(socket);
  const protocol = socket.getProtocol() ?? "unknown";
  observer?.tell({ type: "handshake done", host, protocol, cipher: socket.getCipher().name, chain });
  if (checkServer === null) return;
  await checkServer(chain);
  observer?.tell({ type: "certificates checked", host });
}

/** TCP to the manager, through the proxy when there is one. A failure to reach the proxy is the proxy's. */
async function reach(
  target: Target,
  { connection, proxy, timeouts }: PoolQuestion,
  observer: ConnectionObserver | null,
): Promise<Duplex> {
  const { localAddress, resolve } = connection;
  const how = { localAddress, resolve, observer, timeoutMs: timeouts.connectMs };
  if (proxy === null) return dial(target, how);
  const next = { host: proxy.address, port: proxy.port };
  const toProxy = await dial(next, how).catch((error: unknown) => {
    throw classifyError(error, { place: placeOf(next), isProxy: true });
  });
  return openTunnel(toProxy, { proxy, target, observer });
}

/** TLS over a connection that is there, with the session of the one before. */
function createSecureConnector(server: Target, connection: ConnectionSettings, timeoutMs: number) {
  const { certificateAuthorities, clientCertificate: shown, checksServerIdentity, checkServer } = connection;
  const identity = checksServerIdentity ? checkServerIdentity : () => undefined;
  const host = server.host.replace(/^\[|\]$/g, "");
  let context: SecureContext | null = null;
  let session: Buffer | null = null;
  return (tcp: Duplex): Promise<TLSSocket> => {
    // Roots are read once for all connections to a server, and when the first is made: what is wrong with them is its failure.
    context ??= createSecureContext({
      ca: [...certificateAuthorities],
      ...(shown === null ? {} : { key: shown.privateKey, cert: shown.chain }),
    });
    const socket = connect({
      socket: tcp,
      host,
      // Names only: RFC 6066 section 3.
      servername: isIP(host) === 0 ? host : "",
      secureContext: context,
      rejectUnauthorized: true,
      checkServerIdentity: identity,
      ALPNProtocols: ["http/1.1"],
      ...(session === null ? {} : { session }),
    });
    // A session that is taken up again brings no certificates that could be looked at.
    if (checkServer === null) {
      socket.on("session", (newer) => {
        session = newer;
      });
    }
    return untilSecure(socket, timeoutMs, placeOf(server));
  };
}

function untilSecure(socket: TLSSocket, timeoutMs: number, place: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new TransportFailure("connection_timed_out", place)), timeoutMs);
    // Stays: an error between the handshake and the message has nobody else who listens.
    socket.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    socket.once("secureConnect", () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}
