// Node stops reading a connection while more of an answer than the socket's high-water mark waits to be sent. Over TLS it then
// fails on a request that is arriving already ("Parse Error: Paused") and cuts the connection, which befalls whoever sends
// large messages one after another. No answer of ours is larger than the mark set here, so that it is never reached.

import type { Server } from "node:net";
import type { TLSSocket } from "node:tls";

/** More than the answer to the largest message: 10 000 reports, all refused. */
export const answerBytesMax = 8 * 1024 * 1024;

/** Lets every connection of an HTTPS server take a whole answer at once. */
export function acceptWholeAnswers(server: Server): void {
  server.on("secureConnection", (socket: TLSSocket) => {
    // There is no public way: the option `highWaterMark` of a server does not reach TLS sockets.
    const { _writableState: state } = socket as unknown as { readonly _writableState: { highWaterMark: number } };
    state.highWaterMark = answerBytesMax;
  });
}
