// Answers SNMP requests: versions 2c and 3, reading only. The library parses, authenticates and walks; here stands what it
// leaves open: version 1, messages without authentication, replayed messages (RFC 3414 section 3.2), and limits.

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIP } from "node:net";
import snmp from "net-snmp";
import type { SnmpConfiguration, SnmpUser } from "../snmp-configuration.ts";
import type { buildMib } from "./build-mib.ts";

/** Bytes of a request; a longer one is dropped, so that no answer outgrows a datagram. */
export const requestBytesMax = 2048;
/** Values of one answer to GetBulk. */
export const repetitionsMax = 64;
/** Requests that are looked at in one second. */
export const requestsPerSecondMax = 500;
const windowSeconds = 150;
/** Keys that the library may keep, one for each engine that a request names. */
const cachedKeysMax = 64;

export type Engine = { readonly id: Buffer; readonly boots: number; readonly timeSeconds: () => number };

export type AnsweringParts = {
  readonly engine: Engine;
  readonly mib: () => ReturnType<typeof buildMib> | null;
  readonly counters: { requests: number; answers: number; refusedRequests: number };
  /** A request from this address was not let in. */
  readonly refused: (address: string) => void;
};

/** What of a message is looked at here; the library's types end before it. */
type Message = {
  readonly version: number;
  readonly pdu: { maxRepetitions?: number; nonRepeaters?: number };
  readonly msgSecurityParameters: {
    readonly msgAuthoritativeEngineID: Buffer;
    msgAuthoritativeEngineBoots: number;
    msgAuthoritativeEngineTime: number;
  };
  hasAuthentication(): boolean;
  createReportResponseMessage(engine: object, context: string, error: string): Message;
  createResponseForRequest(pdu: unknown): Message;
};

type Handler = (socket: unknown, message: Message, remote: RemoteInfo) => void;
const handlers = ["getRequest", "getNextRequest", "getBulkRequest", "setRequest"] as const;

type LibraryAgent = Record<(typeof handlers)[number], Handler> & {
  engine: { engineID: Buffer; engineBoots: number; engineTime: number };
  listener: { send(message: Message, remote: RemoteInfo, socket: unknown): void };
  setMib(mib: unknown): void;
  getAuthorizer(): { communities: string[]; users: unknown[] };
  close(): void;
};

export class Answering {
  readonly #socket: Socket;
  readonly #agent: LibraryAgent;
  readonly #parts: AnsweringParts;
  #second = 0;
  #inThisSecond = 0;

  private constructor(socket: Socket, parts: AnsweringParts) {
    this.#socket = socket;
    this.#parts = parts;
    const options = {
      port: 161,
      engineID: parts.engine.id.toString("hex"),
      disableAuthorization: false,
      dgramModule: { createSocket: () => this.#facade() },
    };
    this.#agent = snmp.createAgent(options, () => {}) as unknown as LibraryAgent;
    for (const name of handlers) this.#guard(name);
  }

  /** Throws what binding throws. */
  static async open({ listen }: SnmpConfiguration, parts: AnsweringParts): Promise<Answering> {
    const socket = createSocket(isIP(listen.address) === 6 ? "udp6" : "udp4");
    socket.unref();
    socket.bind(listen.port, listen.address);
    await once(socket, "listening");
    return new Answering(socket, parts);
  }

  get listening(): { readonly address: string; readonly port: number } {
    const { address, port } = this.#socket.address();
    return { address, port };
  }

  admit({ communities, groups }: SnmpConfiguration, users: readonly SnmpUser[]): void {
    const authorizer = this.#agent.getAuthorizer();
    authorizer.communities = [...communities];
    authorizer.users = users.filter((user) => groups.includes(user.group)).map(libraryUser);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }

  /** What the library takes for a socket: it is bound already, and lets through only what may be looked at. */
  #facade() {
    const socket = this.#socket;
    return {
      on: (event: string, listener: (...given: unknown[]) => void) => {
        if (event !== "message") return;
        socket.on("error", () => {});
        socket.on("message", (bytes, remote) => this.#received(bytes, remote, listener));
      },
      bind: () => {},
      send: (bytes: Buffer, _offset: number, _length: number, port: number, address: string) => {
        this.#parts.counters.answers += 1;
        socket.send(bytes, port, address, () => {});
      },
      close: () => {},
      address: () => socket.address(),
    };
  }

  #received(bytes: Buffer, remote: RemoteInfo, listener: (...given: unknown[]) => void): void {
    const { counters, engine, mib } = this.#parts;
    counters.requests += 1;
    const second = engine.timeSeconds();
    this.#inThisSecond = second === this.#second ? this.#inThisSecond + 1 : 1;
    this.#second = second;
    if (this.#inThisSecond > requestsPerSecondMax || bytes.length > requestBytesMax) {
      counters.refusedRequests += 1;
      return;
    }
    const values = mib();
    if (values !== null) this.#agent.setMib(values);
    const { id: engineID, boots: engineBoots } = engine;
    Object.assign(this.#agent.engine, { engineID, engineBoots, engineTime: second });
    forgetKeys();
    const answersBefore = counters.answers;
    try {
      listener(bytes, remote);
    } catch {
      // The library throws at requests that it reads and cannot answer, such as one whose number has more than 32 bits.
    }
    // It answers at once, or not at all.
    if (counters.answers > answersBefore) return;
    counters.refusedRequests += 1;
    this.#parts.refused(remote.address);
  }

  #guard(name: (typeof handlers)[number]): void {
    const agent = this.#agent;
    const carryOut = agent[name].bind(agent);
    agent[name] = (socket, message, remote) => {
      if (message.version === snmp.Version1) return;
      if (message.version === snmp.Version3) {
        if (!message.hasAuthentication()) return;
        if (!this.#isTimely(message)) return this.#tellTime(socket, message, remote);
      }
      const { pdu } = message;
      if (pdu.maxRepetitions !== undefined) pdu.maxRepetitions = Math.min(pdu.maxRepetitions, repetitionsMax);
      carryOut(socket, message, remote);
    };
  }

  #isTimely({ msgSecurityParameters: sent }: Message): boolean {
    const { id, boots, timeSeconds } = this.#parts.engine;
    return (
      id.equals(sent.msgAuthoritativeEngineID) &&
      sent.msgAuthoritativeEngineBoots === boots &&
      Math.abs(sent.msgAuthoritativeEngineTime - timeSeconds()) <= windowSeconds
    );
  }

  /** An authenticated report, from which an honest manager takes the time and asks again. */
  #tellTime(socket: unknown, message: Message, remote: RemoteInfo): void {
    const { id, boots, timeSeconds } = this.#parts.engine;
    if (!id.equals(message.msgSecurityParameters.msgAuthoritativeEngineID)) return;
    const notInTimeWindow = "2";
    const { pdu } = message.createReportResponseMessage(this.#agent.engine, "", notInTimeWindow);
    message.msgSecurityParameters.msgAuthoritativeEngineBoots = boots;
    message.msgSecurityParameters.msgAuthoritativeEngineTime = timeSeconds();
    this.#agent.listener.send(message.createResponseForRequest(pdu), remote, socket);
  }
}

export function libraryUser({ name, authProtocol, authPassphrase, privPassphrase }: SnmpUser) {
  return {
    name,
    level: snmp.SecurityLevel.authPriv,
    authProtocol: snmp.AuthProtocols[authProtocol],
    authKey: authPassphrase,
    privProtocol: snmp.PrivProtocols.aes,
    privKey: privPassphrase,
  };
}

/** The library keeps a key for every engine id that a request names, true or not. */
function forgetKeys(): void {
  const { Authentication } = snmp as unknown as { Authentication: { authToKeyCache: Record<string, unknown> } };
  if (Object.keys(Authentication.authToKeyCache).length > cachedKeysMax) Authentication.authToKeyCache = {};
}
