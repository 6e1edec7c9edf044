// A way to a PostgreSQL server that can be cut at the worst moment: just before a commit reaches the server, or just after,
// when only the answer is missing.

import { once } from "node:events";
import { createServer, connect as openSocket, type Server, type Socket } from "node:net";

export type CutAt = "before commit" | "after commit";

/** The driver sends a commit as a simple query: its text and a zero byte. */
const commitMessage = Buffer.from("commit\0");

export class CuttingProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #cutAt: CutAt | undefined;
  #staysCut = false;
  #isCut = false;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async to(serverPort: number): Promise<CuttingProxy> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const proxy = new CuttingProxy(server, typeof address === "object" && address !== null ? address.port : 0);
    server.on("connection", (client) => proxy.#join(client, openSocket(serverPort, "127.0.0.1")));
    return proxy;
  }

  /** The next commit that comes by is the last message of its connection; with `staysCut`, of any until `mend`. */
  cutNext(at: CutAt, staysCut = false): void {
    this.#cutAt = at;
    this.#staysCut = staysCut;
  }

  mend(): void {
    this.#isCut = false;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(client: Socket, server: Socket): void {
    if (this.#isCut) client.destroy();
    const end = () => {
      client.destroy();
      server.destroy();
    };
    let isCut = false;
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", end);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        end();
      });
    }
    client.on("data", (bytes: Buffer) => {
      const cutAt = bytes.includes(commitMessage) ? this.#cutAt : undefined;
      if (cutAt === undefined) return server.write(bytes);
      this.#cutAt = undefined;
      this.#isCut = this.#staysCut;
      isCut = true;
      if (cutAt === "before commit") return end();
      return server.write(bytes);
    });
    // The first answer after the cut is the commit's: whoever waits for it hears of a dead connection instead.
    server.on("data", (bytes: Buffer) => (isCut ? end() : client.write(bytes)));
  }
}
