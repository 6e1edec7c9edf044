// What the doctor reads of a capture at most. A handshake is a few kilobytes; the rest of a capture is none of its business.

export const captureBytesMax = 32 * 1024 * 1024;
export const packetsMax = 100_000;
export const connectionsMax = 5_000;
/** Of each direction, from its beginning. */
export const streamBytesMax = 64 * 1024;
export const segmentsMax = 2_000;
export const certificatesPerChainMax = 10;
