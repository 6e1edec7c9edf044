// Captures for tests: real TLS conversations, recorded between the two sides, put into frames with whatever a network may do.

import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";

export type Said = { readonly isClient: boolean; readonly bytes: Uint8Array };

/** Lets `converse` speak to `port` through a gate, and answers what both sides said, in its order. */
export async function recorded(
  port: number,
  converse: (gatePort: number) => Promise<unknown>,
): Promise<readonly Said[]> {
  const said: Said[] = [];
  const ended: Promise<unknown>[] = [];
  const gate = createServer((caller) => {
    const inner = connect(port, "127.0.0.1");
    caller.on("data", (bytes: Buffer) => said.push({ isClient: true, bytes }));
    inner.on("data", (bytes: Buffer) => said.push({ isClient: false, bytes }));
    for (const [one, other] of [
      [caller, inner],
      [inner, caller],
    ] as const) {
      one.on("data", (bytes) => other.write(bytes));
      one.on("error", () => undefined);
      one.on("end", () => other.end());
      one.on("close", () => other.destroySoon());
      ended.push(new Promise((resolve) => one.once("close", resolve)));
    }
  });
  gate.listen(0, "127.0.0.1");
  await once(gate, "listening");
  await converse((gate.address() as AddressInfo).port);
  await Promise.all(ended);
  gate.close();
  return said;
}

export const flags = { fin: 0x11, syn: 0x02, synAck: 0x12, rst: 0x14, ack: 0x10, data: 0x18 } as const;

export type Wish = {
  readonly isClient: boolean;
  readonly flags: number;
  readonly bytes?: Uint8Array;
  readonly timeToLive?: number;
  readonly atMs?: number;
  /** From the first byte of the side's content; where the last one ended when left out. */
  readonly offset?: number;
};

export type Network = {
  readonly isVersionSix?: boolean;
  readonly link?: "ethernet" | "vlan" | "raw" | "cooked";
  readonly serverPort?: number;
  readonly clientPort?: number;
};

export type Made = { readonly atMs: number; readonly bytes: Buffer };

const startMs = Date.UTC(2026, 10, 30, 12);
const initial = { client: 1_000, server: 4_294_967_000 };

/** Segments of one connection; the server's sequence numbers pass 2^32 on the way. */
export function framesOf(wishes: readonly Wish[], network: Network = {}): readonly Made[] {
  const next = { client: 0, server: 0 };
  return wishes.map((wish, index) => {
    const side = wish.isClient ? "client" : "server";
    const content = Buffer.from(wish.bytes ?? []);
    const isSyn = (wish.flags & 0x02) !== 0;
    const offset = wish.offset ?? next[side];
    const sequence = (initial[side] + (isSyn ? 0 : 1) + offset) % 2 ** 32;
    next[side] = Math.max(next[side], offset + content.length);
    return { atMs: startMs + (wish.atMs ?? index * 10), bytes: frame(wish, sequence, content, network) };
  });
}

/** From SYN to the last FIN, with `said` between. */
export function conversation(said: readonly Said[], isEnded = true): readonly Wish[] {
  return [
    { isClient: true, flags: flags.syn },
    { isClient: false, flags: flags.synAck },
    { isClient: true, flags: flags.ack },
    ...said.map(({ isClient, bytes }) => ({ isClient, flags: flags.data, bytes })),
    ...(isEnded ? [true, false].map((isClient) => ({ isClient, flags: flags.fin })) : []),
  ];
}

function frame(wish: Wish, sequence: number, content: Buffer, network: Network): Buffer {
  const ports = [network.clientPort ?? 22_425, network.serverPort ?? 443];
  const [from = 0, to = 0] = wish.isClient ? ports : ports.reverse();
  const tcp = Buffer.alloc(20);
  tcp.writeUInt16BE(from, 0);
  tcp.writeUInt16BE(to, 2);
  tcp.writeUInt32BE(sequence, 4);
  tcp.writeUInt8(5 << 4, 12);
  tcp.writeUInt8(wish.flags, 13);
  const timeToLive = wish.timeToLive ?? (wish.isClient ? 64 : 50);
  const ip = network.isVersionSix === true ? six : four;
  const packet = ip(wish.isClient, timeToLive, Buffer.concat([tcp, content]));
  const type = network.isVersionSix === true ? [0x86, 0xdd] : [0x08, 0x00];
  const before = {
    ethernet: Buffer.alloc(12),
    vlan: Buffer.concat([Buffer.alloc(12), Buffer.from([0x81, 0, 0, 39])]),
    raw: null,
    cooked: Buffer.alloc(14),
  };
  const head = before[network.link ?? "ethernet"];
  return head === null ? packet : Buffer.concat([head, Buffer.from(type), packet]);
}

function four(isClient: boolean, timeToLive: number, content: Buffer): Buffer {
  const head = Buffer.alloc(20);
  head.writeUInt8(0x45, 0);
  head.writeUInt16BE(20 + content.length, 2);
  head.writeUInt8(timeToLive, 8);
  head.writeUInt8(6, 9);
  const addresses = [Buffer.from([192, 0, 2, 10]), Buffer.from([198, 51, 100, 7])];
  return Buffer.concat([head.subarray(0, 12), ...(isClient ? addresses : addresses.reverse()), content]);
}

function six(isClient: boolean, timeToLive: number, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt8(0x60, 0);
  head.writeUInt16BE(content.length, 4);
  head.writeUInt8(6, 6);
  head.writeUInt8(timeToLive, 7);
  const addresses = [
    Buffer.from("20010db8000000000000000000000010", "hex"),
    Buffer.from("20010db8000000000000000000000007", "hex"),
  ];
  return Buffer.concat([head, ...(isClient ? addresses : addresses.reverse()), content]);
}

const linkTypes = { ethernet: 1, vlan: 1, raw: 101, cooked: 113 } as const;

export function pcap(
  frames: readonly Made[],
  { isBig = false, isNano = false, link = "ethernet" as keyof typeof linkTypes } = {},
): Buffer {
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    if (isBig) bytes.writeUInt32BE(value);
    else bytes.writeUInt32LE(value);
    return bytes;
  };
  const version = isBig ? Buffer.from([0, 2, 0, 4]) : Buffer.from([2, 0, 4, 0]);
  const head = [
    number(isNano ? 0xa1b23c4d : 0xa1b2c3d4),
    version,
    Buffer.alloc(8),
    number(262_144),
    number(linkTypes[link]),
  ];
  const records = frames.flatMap(({ atMs, bytes }) => {
    const part = (atMs % 1_000) * (isNano ? 1_000_000 : 1_000);
    return [
      number(Math.floor(atMs / 1_000)),
      number(Math.round(part)),
      number(bytes.length),
      number(bytes.length),
      bytes,
    ];
  });
  return Buffer.concat([...head, ...records]);
}

/** With nanoseconds, and with a block that nobody knows. */
export function pcapng(frames: readonly Made[]): Buffer {
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const block = (type: number, ...parts: readonly Uint8Array[]): Buffer => {
    const body = Buffer.concat(parts);
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
    return Buffer.concat([number(type), number(padded.length + 12), padded, number(padded.length + 12)]);
  };
  const packets = frames.map(({ atMs, bytes }) => {
    const nanoseconds = BigInt(Math.round(atMs)) * 1_000_000n;
    const halves = [Number(nanoseconds >> 32n), Number(nanoseconds & 0xffffffffn)];
    return block(6, number(0), ...halves.map(number), number(bytes.length), number(bytes.length), bytes);
  });
  return Buffer.concat([
    block(0x0a0d0d0a, number(0x1a2b3c4d), Buffer.from([1, 0, 0, 0]), Buffer.alloc(8, 0xff)),
    block(1, Buffer.from([1, 0, 0, 0]), number(0), Buffer.from([9, 0, 1, 0, 9, 0, 0, 0]), Buffer.alloc(4)),
    block(0x0bad, Buffer.from("skip")),
    ...packets,
  ]);
}
