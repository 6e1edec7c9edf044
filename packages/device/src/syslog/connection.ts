// One way to a receiver of log lines. UDP: RFC 5426. TCP: one line a message, which every receiver reads (RFC 6587 section
// 3.4.2). TLS: messages with their length before them, as RFC 5425 section 4.3 demands.

import { createSocket } from "node:dgram";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";
import { addressesFrom, type ConnectionSettings, certificateChainOf, lookupWith } from "@countersign/agent";
import type { LogReceiver } from "../logging-configuration.ts";

export type ConnectionEvents = {
  opened(): void;
  /** After `send` answered false. */
  drained(): void;
  /** The connection is gone; told once, and never after `close`. */
  failed(reason: string): void;
  /** One message certainly did not arrive; the connection stays. */
  undelivered(reason: string): void;
};

/** Whose certificate it is that a TLS receiver shows is always looked at. */
export type ConnectionWay = Omit<ConnectionSettings, "checksServerIdentity" | "clientCertificate" | "observer">;

export interface Connection {
  /** False asks to wait for `drained`; the message itself is taken. */
  send(message: string): boolean;
  /** Resolves when what was sent has left, or after a second. */
  close(): Promise<void>;
}

const connectMsMax = 10_000;
const closeMsMax = 1000;
/** Datagrams under way at the same time. */
const datagramsMax = 64;

export function openConnection(receiver: LogReceiver, way: ConnectionWay, events: ConnectionEvents): Connection {
  return receiver.transport === "udp" ? openUdp(receiver, way, events) : openStream(receiver, way, events);
}

function openUdp({ host, port }: LogReceiver, way: ConnectionWay, events: ConnectionEvents): Connection {
  let socket: ReturnType<typeof createSocket> | null = null;
  let isClosed = false;
  let underWay = 0;
  const open = async (): Promise<void> => {
    const [address = host] = await addressesFrom(host, way);
    if (isClosed) return;
    const created = createSocket(isIP(address) === 6 ? "udp6" : "udp4");
    created.unref();
    // A closed port answers to a later datagram: nothing to reconnect, but something to count.
    created.on("error", ({ message }) => events.undelivered(message));
    if (way.localAddress !== null) created.bind({ address: way.localAddress, port: 0 });
    created.connect(port, address, (error?: Error) => {
      if (isClosed) return;
      socket = created;
      if (error === undefined || error === null) events.opened();
      else events.failed(error.message);
    });
  };
  open().catch((error: Error) => isClosed || events.failed(error.message));
  return {
    send(message) {
      if (socket === null) return false;
      underWay += 1;
      socket.send(message, (error) => {
        underWay -= 1;
        if (isClosed) return;
        if (error !== null) events.undelivered(error.message);
        if (underWay === datagramsMax - 1) events.drained();
      });
      return underWay < datagramsMax;
    },
    async close() {
      isClosed = true;
      const open = socket;
      socket = null;
      if (open !== null) await new Promise<void>((resolve) => open.close(resolve));
    },
  };
}

function openStream(receiver: LogReceiver, way: ConnectionWay, events: ConnectionEvents): Connection {
  const isTls = receiver.transport === "tls";
  let isClosed = false;
  let reason = "closed by the receiver";
  const socket = isTls ? dialTls(receiver, way) : connect(dialOptions(receiver, way));
  socket.unref();
  socket.setTimeout(connectMsMax, () => socket.destroy(new Error("no connection within 10 s")));
  socket.once(isTls ? "secureConnect" : "connect", () => {
    socket.setTimeout(0);
    socket.setKeepAlive(true, 30_000);
    checkServer(socket, way).then(
      () => isClosed || socket.destroyed || events.opened(),
      (error: Error) => socket.destroy(error),
    );
  });
  // Nothing is expected from a receiver; reading on shows when it goes.
  socket.resume();
  socket.on("drain", () => isClosed || events.drained());
  socket.on("error", (error) => {
    reason = error.message;
  });
  socket.once("close", () => isClosed || events.failed(reason));
  return {
    send: (message) => socket.write(isTls ? `${Buffer.byteLength(message)} ${message}` : `${message}\n`),
    close() {
      isClosed = true;
      return ended(socket);
    },
  };
}

function dialOptions({ host, port }: LogReceiver, way: ConnectionWay) {
  const { localAddress } = way;
  return { host, port, lookup: lookupWith(way), ...(localAddress === null ? {} : { localAddress }) };
}

/** The name in the certificate must be the configured one. */
function dialTls(receiver: LogReceiver, way: ConnectionWay): Socket {
  return connectTls({
    ...dialOptions(receiver, way),
    ca: [...way.certificateAuthorities],
    minVersion: "TLSv1.2",
    ...(isIP(receiver.host) === 0 ? { servername: receiver.host } : {}),
  });
}

/** Whether the receiver's certificate was revoked, as its trustpoint wants to know. */
async function checkServer(socket: Socket, way: ConnectionWay): Promise<void> {
  if (socket instanceof TLSSocket) await way.checkServer?.(certificateChainOf(socket));
}

function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.connecting || socket.destroyed) {
      socket.destroy();
      resolve();
      return;
    }
    const late = setTimeout(() => socket.destroy(), closeMsMax);
    socket.once("close", () => {
      clearTimeout(late);
      resolve();
    });
    socket.end();
  });
}
