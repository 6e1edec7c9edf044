// Stages name, tcp and proxy: from a host's name to a connection that TLS can begin on.

import { lookup, Resolver } from "node:dns/promises";
import { request } from "node:http";
import { connect, isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { failureOf, ProbeFailure } from "./probe-failure.ts";
import type { ProbeOptions } from "./probe-options.ts";

export type Place = { readonly host: string; readonly port: number };

export async function resolveName(host: string, { nameServer, timeoutMs }: ProbeOptions): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    if (nameServer === null)
      return (await within(lookup(host, { all: true }), timeoutMs)).map(({ address }) => address);
    return await askServer(host, nameServer, timeoutMs);
  } catch (error) {
    throw new ProbeFailure("name_not_found", `${host}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

async function askServer(host: string, nameServer: string, timeoutMs: number): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
  resolver.setServers([nameServer]);
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const addresses = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  if (addresses.length > 0) return addresses;
  const [first] = answers;
  throw first?.status === "rejected" ? first.reason : new Error("no address");
}

function within<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

export type Attempt = { readonly address: string; readonly outcome: string };

/** Every address in turn (TRN-7): one that does not answer never hides one that does. */
export async function dial(
  addresses: readonly string[],
  port: number,
  options: ProbeOptions,
): Promise<{ readonly socket: Socket; readonly attempts: readonly Attempt[] }> {
  const attempts: Attempt[] = [];
  let last: ProbeFailure | null = null;
  for (const address of addresses) {
    try {
      const socket = await connectTo(address, port, options);
      return { socket, attempts: [...attempts, { address, outcome: "open" }] };
    } catch (error) {
      last = failureOf(error, "host_unreachable", `${address}:${port}`);
      attempts.push({ address, outcome: last.code });
    }
  }
  const tried = attempts.map(({ address, outcome }) => `${address} ${outcome}`).join(", ");
  throw new ProbeFailure(last?.code ?? "name_not_found", `port ${port}: ${tried}`, { cause: last });
}

function connectTo(host: string, port: number, { sourceAddress, timeoutMs }: ProbeOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ...(sourceAddress === null ? {} : { localAddress: sourceAddress }) });
    const timer = setTimeout(
      () => socket.destroy(new ProbeFailure("connection_timed_out", `no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    socket.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    socket.once("connect", () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

/** CONNECT (RFC 9110 section 9.3.6). */
export function openTunnel(toProxy: Duplex, { host, port }: Place, options: ProbeOptions): Promise<Duplex> {
  const { proxy, timeoutMs } = options;
  const path = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const isKnown = proxy !== null && proxy.username !== null;
  const credentials = isKnown
    ? { "proxy-authorization": `Basic ${Buffer.from(`${proxy.username}:${proxy.password ?? ""}`).toString("base64")}` }
    : {};
  return new Promise((resolve, reject) => {
    const asking = request({
      ...{ method: "CONNECT", path, createConnection: () => toProxy },
      headers: { host: path, ...credentials },
    });
    const settle = (status: number, socket: Duplex | null): void => {
      if (status === 200 && socket !== null) {
        resolve(socket);
        return;
      }
      toProxy.destroy();
      const refused = isKnown ? "proxy_authentication_refused" : "proxy_authentication_needed";
      reject(new ProbeFailure(status === 407 ? refused : "proxy_refused", `the proxy answers HTTP ${status}`));
    };
    asking.once("connect", (answer, socket) => settle(answer.statusCode ?? 0, socket));
    asking.once("response", (answer) => settle(answer.statusCode ?? 0, null));
    const timer = setTimeout(() => {
      toProxy.destroy(new ProbeFailure("proxy_refused", `no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    for (const end of ["connect", "response", "error"] as const) asking.once(end, () => clearTimeout(timer));
    asking.once("error", (error) => reject(failureOf(error, "proxy_refused", "the proxy")));
    asking.end();
  });
}
