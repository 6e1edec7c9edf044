// The local way into a running device: a Unix socket that only its owner can open. It carries console lines, or a session.

import { chmod, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { DeviceError } from "../device-error.ts";
import { controlSocketPath } from "./control-path.ts";
import {
  type ControlAnswer,
  controlRequestBytesMax,
  decodeControlRequest,
  decodeSessionInput,
} from "./control-protocol.ts";
import type { SessionOutput } from "./session-output.ts";

/** Longest path of a socket address on Linux and macOS, without the terminating zero. */
const socketPathBytesMax = 103;
const connectionsMax = 16;
/** A connection that says nothing for so long is closed. */
const idleTimeoutMs = 60_000;

/** The terminal at the other end of the socket. */
export type AttachedTerminal = {
  readonly columns: number;
  readonly rows: number;
  readonly idleSeconds: null;
  write(text: string): void;
  close(): void;
};

export type AttachedSession = {
  input(bytes: Uint8Array): void;
  resize(columns: number, rows: number): void;
  end(): void;
};

/** What a connection can be used for. */
export type ControlledDevice = {
  execute(line: string): Promise<ControlAnswer>;
  openSession(terminal: AttachedTerminal): AttachedSession;
};

export type ControlSocket = { readonly path: string; close(): Promise<void> };

/**
 * Listens with rights for the owner only. The caller owns the state folder already, so a socket that is still there was
 * left by a process that is gone. Throws `control_path_too_long`.
 */
export async function openControlSocket(stateDirectory: string, device: ControlledDevice): Promise<ControlSocket> {
  const path = controlSocketPath(stateDirectory);
  if (Buffer.byteLength(path) > socketPathBytesMax) throw new DeviceError("control_path_too_long", path);
  // Before the socket's own rights are set, the folder's keep others out.
  await chmod(stateDirectory, 0o700);
  await rm(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    new Connection(socket, device);
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
class Connection {
  readonly #socket: Socket;
  readonly #device: ControlledDevice;
  #waiting = Buffer.alloc(0);
  #answering: Promise<void> = Promise.resolve();
  #session: AttachedSession | null = null;

  constructor(socket: Socket, device: ControlledDevice) {
    this.#socket = socket;
    this.#device = device;
    socket.setTimeout(idleTimeoutMs, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#session?.end());
    socket.on("data", (chunk) => this.#read(chunk));
  }

  #read(chunk: Buffer): void {
    this.#waiting = Buffer.concat([this.#waiting, chunk]);
    for (let end = this.#waiting.indexOf(10); end !== -1; end = this.#waiting.indexOf(10)) {
      const line = this.#waiting.subarray(0, end).toString("utf8");
      this.#waiting = this.#waiting.subarray(end + 1);
      this.#answering = this.#answering.then(() => this.#take(line));
    }
    if (this.#waiting.length > controlRequestBytesMax) {
      this.#waiting = Buffer.alloc(0);
      const tooLarge = new DeviceError("control_request_too_large", `${controlRequestBytesMax} bytes at most.`);
      this.#answering = this.#answering.then(() => void this.#socket.end(`${JSON.stringify(failure(tooLarge))}\n`));
    }
  }

  async #take(line: string): Promise<void> {
    if (this.#socket.destroyed) return;
    try {
      if (this.#session !== null) {
        this.#type(this.#session, line);
        return;
      }
      const request = decodeControlRequest(line);
      if ("attach" in request) {
        this.#attach(request.attach);
        return;
      }
      const { outcome, text, json } = await this.#device.execute(request.command);
      this.#send({ outcome, text, json: json ?? null });
    } catch (error) {
      this.#send(failure(error));
    }
  }

  #attach({ columns, rows }: { readonly columns: number; readonly rows: number }): void {
    // A person may think for as long as they like.
    this.#socket.setTimeout(0);
    this.#session = this.#device.openSession({
      ...{ columns, rows, idleSeconds: null },
      write: (text) => this.#send({ output: text }),
      close: () => void this.#socket.end(),
    });
  }

  #type(session: AttachedSession, line: string): void {
    const typed = decodeSessionInput(line);
    if ("input" in typed) session.input(Buffer.from(typed.input, "base64"));
    else session.resize(typed.resize.columns, typed.resize.rows);
  }

  #send(message: ControlAnswer | SessionOutput): void {
    if (!this.#socket.destroyed) this.#socket.write(`${JSON.stringify(message)}\n`);
  }
}

function failure(error: unknown): ControlAnswer {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof DeviceError ? error.code : "internal_error";
  return { outcome: "failed", text: `% ${message}`, json: { code, message } };
}
