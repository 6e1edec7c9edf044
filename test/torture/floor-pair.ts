// A manager on premises and the one above it, as two programs that can be killed, and between them a way that counts what passes.

import { once } from "node:events";
import { request } from "node:https";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { initManager, openManager } from "@countersign/manager";
import { entitlementTag } from "../../bench/load/wire-constants.ts";
import { ServedManager } from "./served-manager.ts";

const purchased = 7;

export class FloorPair {
  readonly above: Floor;
  readonly below: Floor;
  readonly gate: Gate;
  /** Of the manager on premises, for the one above. */
  readonly #registrationToken: string;

  private constructor(above: Floor, below: Floor, gate: Gate, registrationToken: string) {
    this.above = above;
    this.below = below;
    this.gate = gate;
    this.#registrationToken = registrationToken;
  }

  /** Above something is bought, so that something comes down. */
  static async prepare(directory: string): Promise<FloorPair> {
    const above = await Floor.init(join(directory, "above"), "cloud", []);
    // The one above commits on a thread of its own, the other one does not: both ways are tried, and a start costs less.
    const below = await Floor.init(join(directory, "below"), "onprem", ["--usage-thread", "off"]);
    const manager = await openManager({
      dataDirectory: above.dataDirectory,
      logLevel: "silent",
      isProcessMeasured: false,
    });
    try {
      const cause = { kind: "operator", name: "torture" } as const;
      const { token } = await manager.administration.addLowerManager({ name: "works", cause });
      await manager.administration.addPurchase({ purchase: { tag: entitlementTag, quantity: purchased }, cause });
      return new FloorPair(above, below, await Gate.open(() => above.port), token);
    } finally {
      await manager.close();
    }
  }

  /** Whoever does not run. */
  async start(): Promise<void> {
    await Promise.all([this.above.start(), this.below.start()]);
  }

  async stop(): Promise<void> {
    await Promise.all([this.above.kill(), this.below.kill()]);
    this.gate.close();
  }

  connect(): Promise<Answer> {
    const { url } = this.gate;
    const body = { url, rootPem: this.above.ownRootPem, token: this.#registrationToken };
    return this.below.post("/api/v1/upstream/connect", body, this.above.ownRootPem);
  }

  sync(): Promise<Answer> {
    return this.below.post("/api/v1/upstream/sync", {}, this.above.ownRootPem);
  }

  /** With the same token as in every attempt before. */
  async requireConnected(): Promise<void> {
    const { status, text } = await this.connect();
    if (status !== 201 && !text.includes("upstream_connected"))
      throw new Error(`The managers could not register with each other: ${text}`);
  }

  async requireSynchronised(): Promise<void> {
    const { status, text } = await this.sync();
    if (status !== 200) throw new Error(`The last synchronisation failed: ${text}`);
  }
}

export type Answer = { readonly status: number; readonly text: string };

export class Floor {
  readonly dataDirectory: string;
  /** The root that it made for itself; below another manager it is replaced by that one's. */
  readonly ownRootPem: string;
  readonly #bearer: string;
  readonly #settings: readonly string[];
  #manager: ServedManager | null = null;
  #port = 0;

  private constructor(dataDirectory: string, ownRootPem: string, bearer: string, settings: readonly string[]) {
    this.dataDirectory = dataDirectory;
    this.ownRootPem = ownRootPem;
    this.#bearer = bearer;
    this.#settings = settings;
  }

  static async init(dataDirectory: string, role: "cloud" | "onprem", settings: readonly string[]): Promise<Floor> {
    const made = await initManager({ dataDirectory, smartAccount: "Torture", role, operator: "torture" });
    return new Floor(dataDirectory, made.rootCertificatePem, made.operator?.bearer ?? "", settings);
  }

  get databaseFile(): string {
    return join(this.dataDirectory, "manager.sqlite");
  }

  /** Of the process that runs, or ran last. */
  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    if (this.#manager !== null) return;
    this.#manager = ServedManager.spawn(this.dataDirectory, this.#settings);
    this.#port = await this.#manager.listening();
  }

  async kill(): Promise<void> {
    const manager = this.#manager;
    this.#manager = null;
    await manager?.kill();
  }

  /** An act of the operator. Rejects when the connection ends without an answer. */
  async post(path: string, body: object, laterRootPem: string): Promise<Answer> {
    const sent = request(`https://localhost:${this.#port}${path}`, {
      method: "POST",
      ca: [this.ownRootPem, laterRootPem],
      agent: false,
      headers: { "content-type": "application/json", authorization: `Bearer ${this.#bearer}` },
    });
    sent.end(JSON.stringify(body));
    const [answer] = await once(sent, "response");
    return { status: answer.statusCode, text: String(await buffer(answer)) };
  }
}

/** At the address that the manager on premises knows, whatever port the one above has got. */
export class Gate {
  readonly #server = createServer((incoming) => this.#pass(incoming));
  readonly #portOfAbove: () => number;
  readonly #sockets = new Set<Socket>();
  #left = 0;
  #reached: () => void = () => undefined;

  private constructor(portOfAbove: () => number) {
    this.#portOfAbove = portOfAbove;
  }

  static async open(portOfAbove: () => number): Promise<Gate> {
    const gate = new Gate(portOfAbove);
    gate.#server.listen(0, "127.0.0.1");
    await once(gate.#server, "listening");
    return gate;
  }

  get url(): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when so many further pieces have passed, up or down; at once for none. */
  passes(pieces: number): Promise<void> {
    this.#left = pieces;
    return new Promise((resolve) => {
      this.#reached = resolve;
      if (pieces === 0) resolve();
    });
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #pass(incoming: Socket): void {
    const outgoing = connect(this.#portOfAbove(), "127.0.0.1");
    for (const [from, to] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      this.#sockets.add(from);
      from.on("data", (piece) => {
        to.write(piece);
        this.#left -= 1;
        if (this.#left <= 0) this.#reached();
      });
      from.on("end", () => to.end());
      // Whoever was killed has cut the connection; the other one hears that.
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}
