// The TLS messages of a connection, read off the wire: of each record its kind and length, and the name of a handshake message
// as long as it is not encrypted (RFC 8446 section 5.1, RFC 5246 section 7.4). What a proxy says before is passed over.

import type { ConnectionEvent } from "@countersign/agent";

const recordTypes: Readonly<Record<number, string>> = {
  20: "ChangeCipherSpec",
  21: "Alert",
  22: "Handshake",
  23: "ApplicationData",
};

const handshakeTypes: Readonly<Record<number, string>> = {
  1: "ClientHello",
  2: "ServerHello",
  4: "NewSessionTicket",
  11: "Certificate",
  12: "ServerKeyExchange",
  13: "CertificateRequest",
  14: "ServerHelloDone",
  15: "CertificateVerify",
  16: "ClientKeyExchange",
};

const headerBytes = 5;
const recordBytesMax = 16_384 + 2_048;

type Direction = { pending: Buffer; isEncrypted: boolean };

export class TlsRecords {
  /** By connection and direction. */
  readonly #directions = new Map<string, Direction>();

  /** `>>> Handshake, length 512, ClientHello` for each record that is complete with these bytes. */
  read(event: ConnectionEvent): readonly string[] {
    if (event.type === "finished" || event.type === "reset") this.#forget(event.connectionId);
    if (event.type !== "bytes") return [];
    const key = `${event.connectionId} ${event.isSent}`;
    const direction = this.#directions.get(key) ?? { pending: Buffer.alloc(0), isEncrypted: false };
    this.#directions.set(key, direction);
    direction.pending = Buffer.concat([direction.pending, event.bytes]);
    return recordsOf(direction).map((record) => `${event.isSent ? ">>>" : "<<<"} ${record}`);
  }

  #forget(connectionId: number): void {
    for (const isSent of [true, false]) this.#directions.delete(`${connectionId} ${isSent}`);
  }
}

function recordsOf(direction: Direction): readonly string[] {
  const records: string[] = [];
  for (;;) {
    const { pending } = direction;
    const [type = 0, major = 0] = pending;
    const isRecord = recordTypes[type] !== undefined && major === 3;
    if (pending.length >= 2 && !isRecord) {
      direction.pending = Buffer.alloc(0);
      return records;
    }
    if (pending.length < headerBytes) return records;
    const length = pending.readUInt16BE(3);
    if (length > recordBytesMax) direction.pending = Buffer.alloc(0);
    if (pending.length < headerBytes + length || length > recordBytesMax) return records;
    records.push(describe(direction, type, pending.subarray(headerBytes, headerBytes + length)));
    if (type === 20) direction.isEncrypted = true;
    direction.pending = pending.subarray(headerBytes + length);
  }
}

function describe({ isEncrypted }: Direction, type: number, content: Buffer): string {
  const head = `${recordTypes[type]}, length ${content.length}`;
  if (type !== 22) return head;
  if (isEncrypted) return `${head}, encrypted`;
  const names = handshakesOf(content).map((one) => handshakeTypes[one] ?? `message ${one}`);
  return `${head}, ${names.join(", ")}`;
}

/** One record may hold several messages. */
function handshakesOf(content: Buffer): readonly number[] {
  const types: number[] = [];
  for (let at = 0; at + 4 <= content.length; at += 4 + content.readUIntBE(at + 1, 3)) types.push(content[at] ?? 0);
  return types;
}
