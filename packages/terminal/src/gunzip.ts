// Decompresses a stream, for readers that have no stream of their own (the protocol is pure).

import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

/** What is wrong with the source, or with what it holds, is thrown where the pieces are read. */
export async function* gunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = createGunzip();
  // Told to whoever reads, as the error of the stream; a reader that ends early wants to hear nothing.
  pipeline(source, stream).catch(() => undefined);
  yield* stream as AsyncIterable<Uint8Array>;
}
