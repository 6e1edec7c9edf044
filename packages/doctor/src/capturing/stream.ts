// One direction of a TCP connection, put together from its segments in the order of their numbers, as far as it is kept.

import { segmentsMax, streamBytesMax } from "./capture-limits.ts";
import type { Segment } from "./tcp-segment.ts";

type Piece = { readonly offset: number; readonly frame: number; readonly bytes: Uint8Array };

export class Stream {
  #base: number | null = null;
  readonly #pieces: Piece[] = [];
  /** Segments with content that had come before. */
  repeated = 0;
  #highest = 0;

  /** The number of the first byte. */
  begin(sequence: number): void {
    this.#base = sequence >>> 0;
  }

  add({ sequence, payload, frame }: Segment): void {
    if (payload.byteLength === 0) return;
    this.#base ??= sequence;
    const offset = (sequence - this.#base) >>> 0;
    if (offset < this.#highest) this.repeated += 1;
    if (offset < 0x8000_0000) this.#highest = Math.max(this.#highest, offset + payload.byteLength);
    if (offset >= streamBytesMax || this.#pieces.length >= segmentsMax) return;
    this.#pieces.push({ offset, frame, bytes: payload.subarray(0, streamBytesMax - offset) });
  }

  get hasContent(): boolean {
    return this.#pieces.length > 0;
  }

  /** Without gaps; what came first counts. */
  assembled(): { readonly bytes: Uint8Array; readonly frameAt: (offset: number) => number } {
    const pieces = [...this.#pieces].sort((a, b) => a.offset - b.offset || a.frame - b.frame);
    const kept: Piece[] = [];
    let end = 0;
    for (const { offset, frame, bytes } of pieces) {
      if (offset > end) break;
      const fresh = bytes.subarray(end - offset);
      if (fresh.byteLength === 0) continue;
      kept.push({ offset: end, frame, bytes: fresh });
      end += fresh.byteLength;
    }
    return {
      bytes: Buffer.concat(kept.map(({ bytes }) => bytes)),
      frameAt: (offset) => kept.findLast((piece) => piece.offset <= offset)?.frame ?? kept[0]?.frame ?? 0,
    };
  }
}
