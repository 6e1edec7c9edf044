// One keep-alive HTTPS connection with the least client in it: the load shares two cores with what it measures, so every
// microsecond spent here is missing there. It speaks just enough HTTP/1.1 for an answer with Content-Length.

import { connect, type TLSSocket } from "node:tls";

export type HttpAnswer = { readonly status: number; readonly body: Buffer };

export type KeepAliveConnection = {
  /** One exchange; the next may start when this one has been answered. Rejects when the connection ends before. */
  post(path: string, body: Uint8Array): Promise<HttpAnswer>;
  close(): void;
};

export type LoadTarget = { readonly port: number; readonly rootCertificatePem: string };

type Pending = { resolve(answer: HttpAnswer): void; reject(error: Error): void };

/** Connects to loopback, and verifies the server's certificate against the given root. */
export function openConnection(target: LoadTarget): Promise<KeepAliveConnection> {
  const { promise, resolve, reject } = Promise.withResolvers<KeepAliveConnection>();
  const socket = connect({
    host: "127.0.0.1",
    servername: "localhost",
    port: target.port,
    ca: target.rootCertificatePem,
  });
  socket.setNoDelay(true);
  socket.once("error", reject);
  socket.once("secureConnect", () => {
    socket.off("error", reject);
    resolve(exchangeOver(socket));
  });
  return promise;
}

/** Opens many connections to one target. */
export function openConnections(target: LoadTarget, count: number): Promise<readonly KeepAliveConnection[]> {
  return Promise.all(Array.from({ length: count }, () => openConnection(target)));
}

function exchangeOver(socket: TLSSocket): KeepAliveConnection {
  let pending: Pending | null = null;
  let received: Buffer[] = [];
  let receivedBytes = 0;
  let neededBytes = 0;
  const fail = (error: Error): void => {
    pending?.reject(error);
    pending = null;
  };
  socket.on("data", (chunk) => {
    received.push(chunk);
    receivedBytes += chunk.length;
    if (receivedBytes < neededBytes) return;
    const bytes = received.length === 1 ? chunk : Buffer.concat(received);
    const answer = readAnswer(bytes);
    if (typeof answer === "number") {
      neededBytes = answer;
      received = [bytes];
      return;
    }
    const answered = pending;
    pending = null;
    received = [];
    receivedBytes = 0;
    neededBytes = 0;
    answered?.resolve(answer);
  });
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("The server closed the connection.")));
  return {
    post: (path, body) => {
      const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
      const { promise, ...settle } = Promise.withResolvers<HttpAnswer>();
      pending = settle;
      socket.cork();
      socket.write(head, "latin1");
      socket.write(body);
      socket.uncork();
      return promise;
    },
    close: () => socket.destroy(),
  };
}

const headEnd = Buffer.from("\r\n\r\n");

/** The whole answer, or how many bytes are needed before it is worth looking again. */
function readAnswer(bytes: Buffer): HttpAnswer | number {
  const end = bytes.indexOf(headEnd);
  if (end === -1) return bytes.length + 1;
  const head = bytes.toString("latin1", 0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`The answer has no Content-Length: ${head}`);
  const total = end + headEnd.length + Number(length);
  if (bytes.length < total) return total;
  return { status: Number(head.slice(9, 12)), body: bytes.subarray(end + headEnd.length, total) };
}
