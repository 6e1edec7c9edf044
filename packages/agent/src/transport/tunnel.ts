// A tunnel through an HTTP proxy (CONNECT, RFC 9110 section 9.3.6). Plain HTTP takes it too, so that one path is all there is
// to test and to allow.

import type { Duplex } from "node:stream";
import type { ProxyConfiguration } from "../lifecycle/state.ts";
import type { ConnectionObserver } from "../trace.ts";
import { TransportFailure } from "../transport-failure.ts";
import type { Target } from "./dial.ts";

// An import of node:http reads all its names, and one of them loads a browser's worth of interfaces (docs/decisions/0064).
const { request } = process.getBuiltinModule("node:http");

export type Tunnel = {
  readonly proxy: ProxyConfiguration;
  readonly target: Target;
  readonly observer: ConnectionObserver | null;
};

/** Over a connection to the proxy. Throws `TransportFailure` of stage `proxy` for what the proxy says. */
export function openTunnel(toProxy: Duplex, { proxy, target, observer }: Tunnel): Promise<Duplex> {
  const authority = `${target.host}:${target.port}`;
  const credentials = proxyCredentials(proxy);
  const answered = (status = 0): number => {
    observer?.tell({ type: "tunnel answered", target: authority, status });
    return status;
  };
  return new Promise((resolve, reject) => {
    const asking = request({
      method: "CONNECT",
      path: authority,
      createConnection: () => toProxy,
      headers: { host: authority, ...(credentials === null ? {} : { "proxy-authorization": credentials }) },
    });
    asking.once("connect", (answer, socket: Duplex) => {
      const status = answered(answer.statusCode);
      if (status === 200) resolve(socket);
      else refuse(status);
    });
    // A refusal may come as an ordinary answer with a body, which nobody reads.
    asking.once("response", (answer) => refuse(answered(answer.statusCode)));
    asking.once("error", (cause) => reject(new TransportFailure("proxy_refused", "", { cause })));
    observer?.tell({ type: "tunnel asked", target: authority, withCredentials: credentials !== null });
    asking.end();
    const refuse = (status: number): void => {
      toProxy.destroy();
      reject(proxyFailure(status, proxy));
    };
  });
}

/** RFC 7617. Credentials stand in a header, never in an address, where logs would show them. */
function proxyCredentials({ username, password }: ProxyConfiguration): string | null {
  if (username === null) return null;
  return `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}`;
}

function proxyFailure(status: number, { username }: ProxyConfiguration): TransportFailure {
  if (status !== 407) return new TransportFailure("proxy_refused", `HTTP ${status}`);
  return new TransportFailure(
    username === null ? "proxy_authentication_needed" : "proxy_authentication_refused",
    "HTTP 407",
  );
}
