// Ethernet frames of TCP connections, made from what a device's own sockets saw. Addresses, ports, payload, order and times are
// real; the headers are made here, because sockets do not show them: sequence numbers begin at 0, segments are cut at 1460
// bytes, a data segment that was received is acknowledged at once, and what nobody saw (windows, repeated segments, the
// other side's bare acknowledgements) is not there. Nothing is invented beyond that (DIA-18, docs/decisions/0056).

import { isIP } from "node:net";
import type { ConnectionEvent, Endpoint } from "@countersign/agent";

/** `isSent` false: it came from the other side. */
export type Frame = { readonly isSent: boolean; readonly bytes: Uint8Array };

export const segmentBytesMax = 1_460;

const flag = { fin: 0x01, syn: 0x02, rst: 0x04, psh: 0x08, ack: 0x10 } as const;

type Connection = {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Next sequence number of each side. */
  sent: number;
  received: number;
};

/** The other side answered so: there is nobody on this port. */
const refusals: readonly string[] = ["ECONNREFUSED", "ECONNRESET"];

export class TcpFrames {
  readonly #connections = new Map<number, Connection>();
  readonly #isWanted: (local: Endpoint) => boolean;

  /** Connections from elsewhere are left out, and those that began before. */
  constructor(isWanted: (local: Endpoint) => boolean) {
    this.#isWanted = isWanted;
  }

  framesOf(event: ConnectionEvent): readonly Frame[] {
    if (!("connectionId" in event)) return [];
    if (event.type === "dialled") return this.#begin(event);
    const connection = this.#connections.get(event.connectionId);
    if (connection === undefined) return [];
    switch (event.type) {
      case "connected":
        return [segment(connection, false, flag.syn | flag.ack), segment(connection, true, flag.ack)];
      case "not connected":
        this.#connections.delete(event.connectionId);
        return refusals.includes(event.code) ? [segment(connection, false, flag.rst | flag.ack)] : [];
      case "bytes":
        return data(connection, event.isSent, event.bytes);
      case "finished": {
        const fin = segment(connection, event.isSent, flag.fin | flag.ack);
        return event.isSent ? [fin] : [fin, segment(connection, true, flag.ack)];
      }
      case "reset":
        this.#connections.delete(event.connectionId);
        return [segment(connection, false, flag.rst | flag.ack)];
      default:
        return event.type satisfies never;
    }
  }

  #begin({
    connectionId,
    local,
    remote,
  }: Extract<ConnectionEvent, { type: "dialled" | "connected" }>): readonly Frame[] {
    if (local === null || !this.#isWanted(local)) return [];
    const connection = { local, remote, sent: 0, received: 0 };
    this.#connections.set(connectionId, connection);
    return [segment(connection, true, flag.syn)];
  }
}

function data(connection: Connection, isSent: boolean, bytes: Uint8Array): readonly Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; at += segmentBytesMax) {
    const isLast = at + segmentBytesMax >= bytes.length;
    const flags = isLast ? flag.psh | flag.ack : flag.ack;
    frames.push(segment(connection, isSent, flags, bytes.subarray(at, at + segmentBytesMax)));
  }
  return isSent ? frames : [...frames, segment(connection, true, flag.ack)];
}

const none = new Uint8Array();

/** Moves the sender's sequence number on: SYN and FIN count as one byte (RFC 9293 section 3.4). */
function segment(connection: Connection, isSent: boolean, flags: number, payload: Uint8Array = none): Frame {
  const { local, remote } = connection;
  const [from, to] = isSent ? [local, remote] : [remote, local];
  const [sequence, acknowledged] = isSent
    ? [connection.sent, connection.received]
    : [connection.received, connection.sent];
  const length = payload.length + ((flags & (flag.syn | flag.fin)) === 0 ? 0 : 1);
  if (isSent) connection.sent += length;
  else connection.received += length;
  const tcp = tcpSegment({ from, to, sequence, acknowledged, flags, payload });
  return { isSent, bytes: ethernetFrame(isSent, ipPacket(from.address, to.address, tcp)) };
}

type Segment = {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly sequence: number;
  readonly acknowledged: number;
  readonly flags: number;
  readonly payload: Uint8Array;
};

/** The largest segment, and a window that no message fills (RFC 7323): scaled by 2^8. */
const synOptions = Buffer.from([2, 4, segmentBytesMax >> 8, segmentBytesMax & 0xff, 1, 3, 3, 8]);

/** RFC 9293 section 3.1. */
function tcpSegment({ from, to, sequence, acknowledged, flags, payload }: Segment): Buffer {
  const options = (flags & flag.syn) === 0 ? none : synOptions;
  const header = Buffer.alloc(20);
  header.writeUInt16BE(from.port, 0);
  header.writeUInt16BE(to.port, 2);
  header.writeUInt32BE(sequence % 2 ** 32, 4);
  header.writeUInt32BE((flags & flag.ack) === 0 ? 0 : acknowledged % 2 ** 32, 8);
  header.writeUInt8(((20 + options.length) / 4) << 4, 12);
  header.writeUInt8(flags, 13);
  header.writeUInt16BE(0xffff, 14);
  const whole = Buffer.concat([header, options, payload]);
  const pseudo = pseudoHeader(addressBytes(from.address), addressBytes(to.address), whole.length);
  whole.writeUInt16BE(checksum(Buffer.concat([pseudo, whole])), 16);
  return whole;
}

const tcpProtocol = 6;

/** Of IPv4 (RFC 9293 section 3.1) and of IPv6 (RFC 8200 section 8.1). */
function pseudoHeader(from: Buffer, to: Buffer, length: number): Buffer {
  const rest =
    from.length === 4 ? Buffer.from([0, tcpProtocol, 0, 0]) : Buffer.from([0, 0, 0, 0, 0, 0, 0, tcpProtocol]);
  if (from.length === 4) rest.writeUInt16BE(length, 2);
  else rest.writeUInt32BE(length, 0);
  return Buffer.concat([from, to, rest]);
}

function ipPacket(from: string, to: string, content: Buffer): Buffer {
  const [source, target] = [addressBytes(from), addressBytes(to)];
  if (source.length === 16) {
    const header = Buffer.from([0x60, 0, 0, 0, 0, 0, tcpProtocol, 64]);
    header.writeUInt16BE(content.length, 4);
    return Buffer.concat([header, source, target, content]);
  }
  const header = Buffer.concat([Buffer.from([0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, tcpProtocol, 0, 0]), source, target]);
  header.writeUInt16BE(header.length + content.length, 2);
  header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([header, content]);
}

/** Addresses of the range that is locally administered: 1 is the device, 2 the other side. */
const ownMac = Buffer.from([2, 0, 0, 0, 0, 1]);
const otherMac = Buffer.from([2, 0, 0, 0, 0, 2]);

function ethernetFrame(isSent: boolean, packet: Buffer): Buffer {
  const isVersionSix = (packet[0] ?? 0) >> 4 === 6;
  const [from, to] = isSent ? [ownMac, otherMac] : [otherMac, ownMac];
  return Buffer.concat([to, from, Buffer.from(isVersionSix ? [0x86, 0xdd] : [0x08, 0x00]), packet]);
}

/** RFC 1071. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** Four bytes or sixteen. `text` comes from the system and is an address. */
export function addressBytes(text: string): Buffer {
  const address = text.replace(/%.*$/, "");
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  const groups = (half: string): number[] =>
    half === ""
      ? []
      : half.split(":").flatMap((group) => (group.includes(".") ? pairs(group) : [Number.parseInt(group, 16)]));
  const [head = "", tail = ""] = address.split("::");
  const [before, after] = [groups(head), groups(tail)];
  const zeros = new Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0);
  return Buffer.from([...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]));
}

/** An IPv4 address at the end of an IPv6 one, as two groups. */
function pairs(address: string): number[] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
  return [(a << 8) | b, (c << 8) | d];
}
