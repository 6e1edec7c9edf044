// A TCP connection to a name or address: every address of the name is tried in turn, each from the wanted local address, so
// that one that does not answer never hides one that does (TRN-7).

import { connect, isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ConnectionObserver, Endpoint } from "../trace.ts";
import { TransportFailure } from "../transport-failure.ts";
import { addressesFrom } from "./addresses.ts";
import { TappedSocket } from "./tapped-socket.ts";

export type Dialling = {
  /** Local address that the connection leaves from; null for whichever the system takes. */
  readonly localAddress: string | null;
  /** All addresses of a name; null for the system's resolver. */
  readonly resolve: ((name: string) => Promise<readonly string[]>) | null;
  /** For all addresses together. */
  readonly timeoutMs: number;
  readonly observer: ConnectionObserver | null;
};

export type Target = { readonly host: string; readonly port: number };

/** An address that stays silent may not use up the time of those behind it. */
const shareMsMin = 250;

/** Throws `TransportFailure` (`name_not_found`, `connection_timed_out`) or the system's error of the last address. */
export async function dial(target: Target, how: Dialling): Promise<Duplex> {
  const deadlineMs = performance.now() + how.timeoutMs;
  const addresses = await findAddresses(target.host, how);
  let last: unknown = null;
  for (const [index, address] of addresses.entries()) {
    const leftMs = deadlineMs - performance.now();
    const share = Math.min(leftMs, Math.max(shareMsMin, leftMs / (addresses.length - index)));
    if (share <= 0) break;
    try {
      return await connectTo({ host: address, port: target.port }, how, share);
    } catch (error) {
      last = error;
    }
  }
  throw last ?? new TransportFailure("connection_timed_out", `${target.host}:${target.port}`);
}

async function findAddresses(host: string, how: Dialling): Promise<readonly string[]> {
  const { observer } = how;
  try {
    const addresses = await addressesFrom(host, how);
    if (isIP(host.replace(/^\[|\]$/g, "")) === 0) observer?.tell({ type: "name resolved", host, addresses });
    return addresses;
  } catch (error) {
    observer?.tell({ type: "name not resolved", host, reason: error instanceof Error ? error.message : "" });
    throw error;
  }
}

function connectTo({ host, port }: Target, how: Dialling, timeoutMs: number): Promise<Duplex> {
  const { localAddress, observer } = how;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ...(localAddress === null ? {} : { localAddress }) });
    const watched = observer === null ? null : watch(socket, { address: host, port }, observer);
    const timer = setTimeout(
      () => socket.destroy(new TransportFailure("connection_timed_out", `${host}:${port}`)),
      timeoutMs,
    );
    const failed = (error: Error): void => {
      clearTimeout(timer);
      watched?.failed(error);
      reject(error);
    };
    socket.once("error", failed);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", failed);
      socket.setNoDelay(true);
      resolve(watched?.connected() ?? socket);
    });
  });
}

let connectionsTried = 0;

/** Tells what becomes of a socket that begins to connect. */
function watch(socket: Socket, remote: Endpoint, { tell, seesBytes }: ConnectionObserver) {
  connectionsTried += 1;
  const connectionId = connectionsTried;
  const localNow = (): Endpoint | null => {
    const { localAddress: address, localPort: port } = socket;
    return address === undefined || port === undefined ? null : { address, port };
  };
  // The socket gets its local address when it begins to connect, which is in the next tick.
  process.nextTick(() => tell({ type: "dialled", connectionId, local: localNow(), remote }));
  return {
    connected: (): Duplex => {
      tell({ type: "connected", connectionId, local: localNow(), remote });
      return seesBytes ? new TappedSocket(socket, connectionId, tell) : socket;
    },
    failed: (error: Error): void => {
      const code = "code" in error ? String(error.code) : error.message;
      tell({ type: "not connected", connectionId, remote, code });
    },
  };
}
