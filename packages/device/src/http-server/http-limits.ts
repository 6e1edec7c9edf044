// Every limit of a device's HTTPS server, with its unit in the name. A device is small: what is not bounded here is refused.

import { fileBytesMax } from "@countersign/protocol";

/** Connections at a time; more are closed at once. */
export const connectionsMax = 16;

/** Bytes of a request's target, the part between method and version. */
export const targetBytesMax = 2048;

/** Bytes of all header lines together. */
export const headerBytesMax = 16_384;

/** From the connection to the end of the TLS handshake; who does not speak must not keep others out. */
export const handshakeSeconds = 10;

/** Time limits are enforced by looking at all connections this often. */
export const timeoutCheckMs = 1000;

/** From the first byte of a request to its last. */
export const requestSeconds = 60;
export const headerSeconds = 10;

/** A connection on which nothing is asked is closed after so long. */
export const keepAliveSeconds = 5;

/** Bytes of a body that configures or asks for something. */
export const bodyBytesMax = 65_536;

/** Bytes of an imported licence file; larger ones go through the flash of the device. */
export const importBytesMax = Math.min(4 * 1024 * 1024, fileBytesMax);

/** Wrong passwords on one connection before it is closed, as on an SSH connection. */
export const wrongAttemptsPerConnectionMax = 3;

/** Passwords that are hashed at a time, each with 32 MB, and that wait for their turn. */
export const hashingMax = 1;
export const hashingWaitingMax = 16;

/** A password that was right is not hashed again for so long. */
export const rightPasswordSeconds = 300;
export const rightPasswordsMax = 64;

/** Sessions of the web page: how many, how long without a request, how long at most. */
export const sessionsMax = 16;
export const sessionIdleSeconds = 900;
export const sessionSeconds = 28_800;

/** Days that `days/{n}` may ask for: those of the field's own limit on intervals. */
export const reportDaysMax = 3650;
/** What `days` means without a number. */
export const reportDaysDefault = 90;

/** Clients of the event stream at a time: a part of the connections, so that they never keep others out. */
export const streamsMax = 4;
/** Bytes that wait for one of them; who reads more slowly is cut off. */
export const streamWaitingBytesMax = 65_536;
/** So often a stream says that it is there, and asks whether its user may still listen. */
export const streamHeartbeatSeconds = 30;
