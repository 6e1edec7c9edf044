// The local way into a running device: a Unix socket that only its owner can open. It carries console lines, nothing else.

import { chmod, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { DeviceError } from "../device-error.ts";
import { type ControlAnswer, controlRequestBytesMax, decodeControlRequest } from "./control-protocol.ts";

/** Longest path of a socket address on Linux and macOS, without the terminating zero. */
const socketPathBytesMax = 103;
const connectionsMax = 16;
/** A connection that says nothing for so long is closed. */
const idleTimeoutMs = 60_000;

export type ControlSocket = { readonly path: string; close(): Promise<void> };

export function controlSocketPath(stateDirectory: string): string {
  return join(stateDirectory, "control.sock");
}

/**
 * Listens with rights for the owner only. The caller owns the state folder already, so a socket that is still there was
 * left by a process that is gone. Throws `control_path_too_long`.
 */
export async function openControlSocket(
  stateDirectory: string,
  execute: (line: string) => Promise<ControlAnswer>,
): Promise<ControlSocket> {
  const path = controlSocketPath(stateDirectory);
  if (Buffer.byteLength(path) > socketPathBytesMax) throw new DeviceError("control_path_too_long", path);
  // Before the socket's own rights are set, the folder's keep others out.
  await chmod(stateDirectory, 0o700);
  await rm(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    serve(socket, execute);
  });
  server.maxConnections = connectionsMax;
  await listen(server, path);
  await chmod(path, 0o600);
  return {
    path,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
      await rm(path, { force: true });
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Lines of one connection are carried out one after the other. */
function serve(socket: Socket, execute: (line: string) => Promise<ControlAnswer>): void {
  let waiting = Buffer.alloc(0);
  let answering: Promise<void> = Promise.resolve();
  socket.setTimeout(idleTimeoutMs, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    waiting = Buffer.concat([waiting, chunk]);
    for (let end = waiting.indexOf(10); end !== -1; end = waiting.indexOf(10)) {
      const line = waiting.subarray(0, end).toString("utf8");
      waiting = waiting.subarray(end + 1);
      answering = answering.then(() => answer(socket, line, execute));
    }
    if (waiting.length > controlRequestBytesMax) {
      waiting = Buffer.alloc(0);
      const tooLarge = new DeviceError("control_request_too_large", `${controlRequestBytesMax} bytes at most.`);
      answering = answering.then(() => void socket.end(`${JSON.stringify(failure(tooLarge))}\n`));
    }
  });
}

async function answer(socket: Socket, line: string, execute: (line: string) => Promise<ControlAnswer>): Promise<void> {
  if (socket.destroyed) return;
  let said: ControlAnswer;
  try {
    const { outcome, text, json } = await execute(decodeControlRequest(line).command);
    said = { outcome, text, json: json ?? null };
  } catch (error) {
    said = failure(error);
  }
  socket.write(`${JSON.stringify(said)}\n`);
}

function failure(error: unknown): ControlAnswer {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof DeviceError ? error.code : "internal_error";
  return { outcome: "failed", text: `% ${message}`, json: { code, message } };
}
