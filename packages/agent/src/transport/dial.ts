// A TCP connection to a name or address: every address of the name is tried in turn, each from the wanted local address, so
// that one that does not answer never hides one that does (TRN-7).

import { connect, type Socket } from "node:net";
import { TransportFailure } from "../transport-failure.ts";
import { addressesFrom } from "./addresses.ts";

export type Dialling = {
  /** Local address that the connection leaves from; null for whichever the system takes. */
  readonly localAddress: string | null;
  /** All addresses of a name; null for the system's resolver. */
  readonly resolve: ((name: string) => Promise<readonly string[]>) | null;
  /** For all addresses together. */
  readonly timeoutMs: number;
};

export type Target = { readonly host: string; readonly port: number };

/** An address that stays silent may not use up the time of those behind it. */
const shareMsMin = 250;

/** Throws `TransportFailure` (`name_not_found`, `connection_timed_out`) or the system's error of the last address. */
export async function dial(target: Target, how: Dialling): Promise<Socket> {
  const deadlineMs = performance.now() + how.timeoutMs;
  const addresses = await addressesFrom(target.host, how);
  let last: unknown = null;
  for (const [index, address] of addresses.entries()) {
    const leftMs = deadlineMs - performance.now();
    const share = Math.min(leftMs, Math.max(shareMsMin, leftMs / (addresses.length - index)));
    if (share <= 0) break;
    try {
      return await connectTo({ host: address, port: target.port }, how.localAddress, share);
    } catch (error) {
      last = error;
    }
  }
  throw last ?? new TransportFailure("connection_timed_out", `${target.host}:${target.port}`);
}

function connectTo({ host, port }: Target, localAddress: string | null, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ...(localAddress === null ? {} : { localAddress }) });
    const timer = setTimeout(
      () => socket.destroy(new TransportFailure("connection_timed_out", `${host}:${port}`)),
      timeoutMs,
    );
    const failed = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    socket.once("error", failed);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", failed);
      resolve(socket);
    });
  });
}
