// Files of captures, pcap (with micro- and nanoseconds, either byte order) and pcapng, to packets. A file that is cut off gives the
// packets before the cut.

import { packetsMax } from "./capture-limits.ts";

export type Packet = {
  /** From 1, as analysers count. */
  readonly frame: number;
  readonly atMs: number;
  readonly linkType: number;
  readonly bytes: Uint8Array;
};

export type PacketFile = {
  readonly packets: readonly Packet[];
  /** In words, what of the file was not read; null when all of it was. */
  readonly leftOut: string | null;
};

/** Null for what is no capture. */
export function readPackets(bytes: Uint8Array): PacketFile | null {
  if (bytes.byteLength < 24) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) === 0x0a0d0d0a) return readPcapng(view);
  for (const isLittle of [true, false]) {
    const magic = view.getUint32(0, isLittle);
    if (magic === 0xa1b2c3d4) return readPcap(view, isLittle, 1_000);
    if (magic === 0xa1b23c4d) return readPcap(view, isLittle, 1_000_000);
  }
  return null;
}

const cutOff = "the file is cut off in its last packet";
const tooMany = `what follows the first ${packetsMax} packets`;

function readPcap(view: DataView, isLittle: boolean, unitsPerMs: number): PacketFile {
  const linkType = view.getUint32(20, isLittle) & 0xffff;
  const packets: Packet[] = [];
  for (let at = 24; at < view.byteLength; ) {
    if (packets.length >= packetsMax) return { packets, leftOut: tooMany };
    if (at + 16 > view.byteLength) return { packets, leftOut: cutOff };
    const length = view.getUint32(at + 8, isLittle);
    if (at + 16 + length > view.byteLength) return { packets, leftOut: cutOff };
    const atMs = view.getUint32(at, isLittle) * 1_000 + view.getUint32(at + 4, isLittle) / unitsPerMs;
    packets.push({ frame: packets.length + 1, atMs, linkType, bytes: slice(view, at + 16, length) });
    at += 16 + length;
  }
  return { packets, leftOut: null };
}

type Interface = { readonly linkType: number; readonly unitsPerMs: number };

function readPcapng(view: DataView): PacketFile {
  const packets: Packet[] = [];
  let isLittle = true;
  let interfaces: Interface[] = [];
  let lastMs = 0;
  for (let at = 0; at < view.byteLength; ) {
    if (packets.length >= packetsMax) return { packets, leftOut: tooMany };
    if (at + 12 > view.byteLength) return { packets, leftOut: cutOff };
    if (view.getUint32(at) === 0x0a0d0d0a) {
      isLittle = view.getUint32(at + 8) !== 0x1a2b3c4d;
      interfaces = [];
    }
    const type = view.getUint32(at, isLittle);
    const length = view.getUint32(at + 4, isLittle);
    if (length < 12 || length % 4 !== 0 || at + length > view.byteLength) return { packets, leftOut: cutOff };
    const body = new DataView(view.buffer, view.byteOffset + at + 8, length - 12);
    if (type === 1 && interfaces.length < 1_000) interfaces.push(readInterface(body, isLittle));
    const packet =
      type === 6
        ? enhanced(body, isLittle, interfaces)
        : type === 3
          ? simple(body, isLittle, interfaces, lastMs)
          : null;
    if (packet !== null) {
      lastMs = packet.atMs;
      packets.push({ frame: packets.length + 1, ...packet });
    }
    at += length;
  }
  return { packets, leftOut: null };
}

function readInterface(body: DataView, isLittle: boolean): Interface {
  if (body.byteLength < 8) return { linkType: -1, unitsPerMs: 1_000 };
  let unitsPerMs = 1_000;
  for (let at = 8; at + 4 <= body.byteLength; ) {
    const [code, length] = [body.getUint16(at, isLittle), body.getUint16(at + 2, isLittle)];
    if (code === 0 || at + 4 + length > body.byteLength) break;
    // if_tsresol: a power of ten, or of two with the highest bit set.
    if (code === 9 && length >= 1) {
      const value = body.getUint8(at + 4);
      unitsPerMs = (value < 0x80 ? 10 ** value : 2 ** (value & 0x7f)) / 1_000;
    }
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return { linkType: body.getUint16(0, isLittle), unitsPerMs };
}

function enhanced(body: DataView, isLittle: boolean, interfaces: readonly Interface[]): Omit<Packet, "frame"> | null {
  if (body.byteLength < 20) return null;
  const from = interfaces[body.getUint32(0, isLittle)];
  const length = body.getUint32(12, isLittle);
  if (from === undefined || 20 + length > body.byteLength) return null;
  const units = body.getUint32(4, isLittle) * 2 ** 32 + body.getUint32(8, isLittle);
  return { atMs: units / from.unitsPerMs, linkType: from.linkType, bytes: slice(body, 20, length) };
}

/** It has no time of its own. */
function simple(
  body: DataView,
  isLittle: boolean,
  [from]: readonly Interface[],
  atMs: number,
): Omit<Packet, "frame"> | null {
  if (body.byteLength < 4 || from === undefined) return null;
  const length = Math.min(body.getUint32(0, isLittle), body.byteLength - 4);
  return { atMs, linkType: from.linkType, bytes: slice(body, 4, length) };
}

function slice(view: DataView, at: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + at, length);
}
