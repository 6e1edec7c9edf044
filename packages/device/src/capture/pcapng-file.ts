// A capture as a file of the form pcapng (draft-ietf-opsawg-pcapng), which may say in itself how its packets came about.

import type { Frame } from "./tcp-frames.ts";

export type CapturedFrame = Frame & { readonly atMs: number };

export type CaptureFacts = {
  readonly comment: string;
  /** Who wrote the file. */
  readonly application: string;
  readonly interfaceName: string;
};

const blockType = { section: 0x0a0d0d0a, interface: 1, packet: 6 } as const;
const option = { comment: 1, interfaceName: 2, application: 4 } as const;
const ethernet = 1;

export function encodeCapture(frames: readonly CapturedFrame[], facts: CaptureFacts): Buffer {
  return Buffer.concat([sectionHeader(facts), interfaceDescription(facts), ...frames.map(enhancedPacket)]);
}

function sectionHeader({ comment, application }: CaptureFacts): Buffer {
  const head = Buffer.alloc(16, 0xff);
  head.writeUInt32LE(0x1a2b3c4d, 0);
  head.writeUInt16LE(1, 4);
  head.writeUInt16LE(0, 6);
  // The length of the section stays unsaid: all ones.
  return block(blockType.section, [head, options([option.comment, comment], [option.application, application])]);
}

function interfaceDescription({ interfaceName }: CaptureFacts): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(ethernet, 0);
  return block(blockType.interface, [head, options([option.interfaceName, interfaceName])]);
}

/** Times are in microseconds, in two halves. */
function enhancedPacket({ atMs, bytes }: CapturedFrame): Buffer {
  const microseconds = Math.round(atMs * 1000);
  const head = Buffer.alloc(20);
  head.writeUInt32LE(Math.floor(microseconds / 2 ** 32), 4);
  head.writeUInt32LE(microseconds % 2 ** 32, 8);
  head.writeUInt32LE(bytes.length, 12);
  head.writeUInt32LE(bytes.length, 16);
  return block(blockType.packet, [head, padded(bytes)]);
}

function block(type: number, parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const [head, tail] = [Buffer.alloc(8), Buffer.alloc(4)];
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(body.length + 12, 4);
  tail.writeUInt32LE(body.length + 12, 0);
  return Buffer.concat([head, body, tail]);
}

function options(...given: readonly (readonly [code: number, text: string])[]): Buffer {
  const encoded = given.map(([code, text]) => {
    const value = Buffer.from(text);
    const head = Buffer.alloc(4);
    head.writeUInt16LE(code, 0);
    head.writeUInt16LE(value.length, 2);
    return Buffer.concat([head, padded(value)]);
  });
  return Buffer.concat([...encoded, Buffer.alloc(4)]);
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
