// Frames of the report store's segments: length, CRC-32 of what follows, a line of JSON, a body. A segment that was cut
// anywhere is read up to the first frame that is not whole; a frame in which a bit flipped is left out when the next one
// can still be found.

import { crc32 } from "node:zlib";

const frameBytes = 8;
const newline = 10;

export type RecordHead = { readonly k: string; readonly [member: string]: unknown };
export type LogRecord = {
  readonly head: RecordHead;
  readonly at: number;
  /** Where the body stands in the segment. */
  readonly bodyAt: number;
  readonly bodyBytes: number;
  /** Bytes of the whole frame. */
  readonly bytes: number;
};

export function encodeRecord(head: RecordHead, body: string | Uint8Array = ""): Buffer {
  const content = Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), Buffer.from(body)]);
  const frame = Buffer.alloc(frameBytes);
  frame.writeUInt32BE(content.length, 0);
  frame.writeUInt32BE(crc32(content), 4);
  return Buffer.concat([frame, content]);
}

/** Bytes from the start of a frame to its body. */
export function bodyOffset(record: Buffer): number {
  return record.indexOf(newline, frameBytes) + 1;
}

/** Every whole record, and how many bytes belong to none. */
export function readRecords(segment: Uint8Array): {
  readonly records: readonly LogRecord[];
  readonly damagedBytes: number;
} {
  const bytes = Buffer.from(segment.buffer, segment.byteOffset, segment.byteLength);
  const records: LogRecord[] = [];
  let damagedBytes = 0;
  let at = 0;
  while (at < bytes.length) {
    const record = readRecord(bytes, at);
    const next = record === null ? skipDamaged(bytes, at) : at + record.bytes;
    if (record === null) damagedBytes += next - at;
    else records.push(record);
    at = next;
  }
  return { records, damagedBytes };
}

/** The start of the frame after a damaged one, or the end when its length cannot be believed either. */
function skipDamaged(bytes: Buffer, at: number): number {
  if (at + frameBytes > bytes.length) return bytes.length;
  const next = at + frameBytes + bytes.readUInt32BE(at);
  return next < bytes.length && readRecord(bytes, next) !== null ? next : bytes.length;
}

function readRecord(bytes: Buffer, at: number): LogRecord | null {
  if (at + frameBytes > bytes.length) return null;
  const length = bytes.readUInt32BE(at);
  const content = bytes.subarray(at + frameBytes, at + frameBytes + length);
  if (content.length !== length || crc32(content) !== bytes.readUInt32BE(at + 4)) return null;
  const lineEnd = content.indexOf(newline);
  if (lineEnd === -1) return null;
  return {
    head: JSON.parse(content.toString("utf8", 0, lineEnd)) as RecordHead,
    at,
    bodyAt: at + frameBytes + lineEnd + 1,
    bodyBytes: length - lineEnd - 1,
    bytes: frameBytes + length,
  };
}
