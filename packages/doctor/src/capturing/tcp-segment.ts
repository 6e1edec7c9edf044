// From a packet to the TCP segment in it. Null for everything else, and for what is too short to be what it says.

import type { Packet } from "./read-packets.ts";

export type Segment = {
  readonly frame: number;
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly sequence: number;
  readonly flags: number;
  readonly payload: Uint8Array;
  /** Routers between the sender and here, as far as the time to live tells. */
  readonly hops: number;
};

export const flag = { fin: 0x01, syn: 0x02, rst: 0x04, ack: 0x10 } as const;

export function readSegment({ frame, atMs, linkType, bytes }: Packet): Segment | null {
  const ip = networkLayer(linkType, bytes);
  if (ip === null || ip.byteLength < 20) return null;
  const version = (ip[0] ?? 0) >> 4;
  const packet = version === 4 ? versionFour(ip) : version === 6 ? versionSix(ip) : null;
  if (packet === null) return null;
  const { content, from, to, timeToLive } = packet;
  if (content.byteLength < 20) return null;
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const head = (view.getUint8(12) >> 4) * 4;
  if (head < 20 || head > content.byteLength) return null;
  return {
    ...{ frame, atMs, from, to, fromPort: view.getUint16(0), toPort: view.getUint16(2) },
    ...{ sequence: view.getUint32(4), flags: view.getUint8(13), payload: content.subarray(head) },
    hops: hopsOf(timeToLive),
  };
}

/** Senders begin with 64, 128 or 255. */
function hopsOf(timeToLive: number): number {
  return (timeToLive <= 64 ? 64 : timeToLive <= 128 ? 128 : 255) - timeToLive;
}

/** Link types of the list that tcpdump.org keeps. */
function networkLayer(linkType: number, bytes: Uint8Array): Uint8Array | null {
  switch (linkType) {
    case 0:
    case 108:
      return bytes.subarray(4);
    case 1:
      return afterTags(bytes, 12);
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return bytes;
    case 113:
      return afterTags(bytes, 14);
    case 276:
      return bytes.subarray(20);
    default:
      return null;
  }
}

/** The type of Ethernet stands at `at`, behind tags of VLANs. */
function afterTags(bytes: Uint8Array, at: number): Uint8Array | null {
  let place = at;
  for (let tags = 0; tags < 3; tags += 1) {
    const type = ((bytes[place] ?? 0) << 8) | (bytes[place + 1] ?? 0);
    if (type === 0x0800 || type === 0x86dd) return bytes.subarray(place + 2);
    if (type !== 0x8100 && type !== 0x88a8) return null;
    place += 4;
  }
  return null;
}

type Content = {
  readonly content: Uint8Array;
  readonly from: string;
  readonly to: string;
  readonly timeToLive: number;
};

function versionFour(ip: Uint8Array): Content | null {
  const view = new DataView(ip.buffer, ip.byteOffset, ip.byteLength);
  const head = (view.getUint8(0) & 0x0f) * 4;
  const isLaterFragment = (view.getUint16(6) & 0x1fff) !== 0;
  if (head < 20 || view.getUint8(9) !== 6 || isLaterFragment) return null;
  // Zero where the network card cut the packet up later.
  const total = view.getUint16(2) || ip.byteLength;
  return {
    content: ip.subarray(head, Math.max(head, Math.min(total, ip.byteLength))),
    ...{ from: [...ip.subarray(12, 16)].join("."), to: [...ip.subarray(16, 20)].join(".") },
    timeToLive: view.getUint8(8),
  };
}

/** Options between the header and TCP. */
const extensionHeaders: readonly number[] = [0, 43, 60];

function versionSix(ip: Uint8Array): Content | null {
  if (ip.byteLength < 40) return null;
  const view = new DataView(ip.buffer, ip.byteOffset, ip.byteLength);
  const total = Math.min(ip.byteLength, 40 + (view.getUint16(4) || ip.byteLength - 40));
  let [next, at] = [view.getUint8(6), 40];
  for (let count = 0; count < 8 && extensionHeaders.includes(next); count += 1) {
    if (at + 8 > total) return null;
    [next, at] = [view.getUint8(at), at + (view.getUint8(at + 1) + 1) * 8];
  }
  if (next !== 6 || at > total) return null;
  return {
    content: ip.subarray(at, total),
    ...{ from: addressOf(view, 8), to: addressOf(view, 24) },
    timeToLive: view.getUint8(7),
  };
}

/** Without the abbreviation of zeros: it is compared, and read by people who search for it. */
function addressOf(view: DataView, at: number): string {
  return Array.from({ length: 8 }, (_, group) => view.getUint16(at + group * 2).toString(16)).join(":");
}
