// Is anybody there: a TCP connection that is closed as soon as it is open, and the address that one would leave from.

import { createSocket } from "node:dgram";
import { connect, isIP } from "node:net";
import type { ProbedAddress } from "../network-view.ts";

/** As long as the field's devices wait. */
const connectMsMax = 10_000;

export function probeAddress(address: string, port: number, localAddress: string | null): Promise<ProbedAddress> {
  return new Promise((resolve) => {
    const socket = connect({
      ...{ host: address, port, timeout: connectMsMax },
      ...(localAddress === null ? {} : { localAddress }),
    });
    const end = (outcome: ProbedAddress["outcome"]): void => {
      socket.destroy();
      resolve({ address, outcome });
    };
    socket.once("connect", () => end("open"));
    socket.once("timeout", () => end("timed out"));
    socket.once("error", (error: NodeJS.ErrnoException) => end(outcomeOf(error.code)));
  });
}

function outcomeOf(code: string | undefined): ProbedAddress["outcome"] {
  if (code === "ECONNREFUSED") return "refused";
  return code === "ETIMEDOUT" ? "timed out" : "unreachable";
}

/** A connected UDP socket has the address that the machine's routes choose; nothing is sent. */
export function localAddressTowards(address: string, localAddress: string | null): Promise<string | null> {
  const socket = createSocket(isIP(address) === 6 ? "udp6" : "udp4");
  return new Promise((resolve) => {
    const end = (found: string | null): void => {
      socket.close();
      resolve(found);
    };
    socket.once("error", () => end(null));
    const towards = (): void =>
      socket.connect(9, address, (error?: Error) => end(error ? null : socket.address().address));
    if (localAddress === null) towards();
    else socket.bind({ address: localAddress, port: 0 }, towards);
  });
}
