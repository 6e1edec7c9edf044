// How a connection to the manager comes about: TCP, to the proxy when there is one; the tunnel; TLS; and, before the first
// byte of a message, whoever looks at the server's certificate once more.

import type { Socket } from "node:net";
import { checkServerIdentity, type TLSSocket } from "node:tls";
import { buildConnector } from "undici";
import type { ConnectionSettings } from "../ports.ts";
import { certificateChainOf } from "./certificate-chain.ts";
import { classifyError } from "./classify-error.ts";
import { dial, type Target } from "./dial.ts";
import type { DispatcherQuestion } from "./dispatchers.ts";
import { openTunnel } from "./tunnel.ts";

/** A reused TLS session brings no certificates that could be looked at. */
const sessionsWhenChecked = 0;

export function createConnector(question: DispatcherQuestion): buildConnector.connector {
  const { connection, timeouts } = question;
  const upgrade = buildConnector({
    ca: [...connection.certificateAuthorities],
    timeout: timeouts.connectMs,
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
  options: buildConnector.Options,
  question: DispatcherQuestion,
  upgrade: buildConnector.connector,
): Promise<Socket> {
  const isSecure = options.protocol === "https:";
  const target = { host: options.hostname, port: Number(options.port) || (isSecure ? 443 : 80) };
  const tcp = await reach(target, question);
  tcp.setNoDelay(true);
  if (!isSecure) return tcp;
  try {
    const socket = await new Promise<Socket>((resolve, reject) => {
      upgrade({ ...options, httpSocket: tcp }, (error, made) => (error === null ? resolve(made) : reject(error)));
    });
    const { checkServer } = question.connection;
    if (checkServer !== null) await checkServer(certificateChainOf(socket as TLSSocket));
    return socket;
  } catch (error) {
    tcp.destroy();
    throw error;
  }
}

/** TCP to the manager, through the proxy when there is one. A failure to reach the proxy is the proxy's. */
async function reach(target: Target, { connection, proxy, timeouts }: DispatcherQuestion): Promise<Socket> {
  const how = { ...dialling(connection), timeoutMs: timeouts.connectMs };
  if (proxy === null) return dial(target, how);
  const next = { host: proxy.address, port: proxy.port };
  const toProxy = await dial(next, how).catch((error: unknown) => {
    throw classifyError(error, { place: `${proxy.address}:${proxy.port}`, isProxy: true });
  });
  return openTunnel(toProxy, proxy, target);
}

function dialling({ localAddress, resolve }: ConnectionSettings) {
  return { localAddress, resolve };
}
