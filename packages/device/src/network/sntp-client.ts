// Asks a time server once (RFC 5905 section 14, SNTP): one question of 48 bytes over UDP, one answer that is checked before it
// is believed.

import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { isIP } from "node:net";

export const ntpPort = 123;
export const answerMsMax = 2_000;
const packetBytes = 48;
const versionFourClient = 0x23;
/** Seconds from 1900, where NTP counts from, to 1970. */
const eraSeconds = 2_208_988_800;

export type TimeQuestion = {
  readonly address: string;
  readonly port: number;
  /** Where it leaves from; null for whichever the system takes. */
  readonly localAddress: string | null;
  /** The clock that is to be set, epoch milliseconds. */
  readonly now: () => number;
};

export type TimeAnswer =
  | {
      readonly outcome: "answered";
      /** To be added to the clock. */
      readonly offsetMs: number;
      readonly delayMs: number;
      readonly stratum: number;
      readonly referenceId: string;
    }
  | { readonly outcome: "no answer" | "not usable"; readonly reason: string };

export function askTime({ address, port, localAddress, now }: TimeQuestion): Promise<TimeAnswer> {
  const socket = createSocket(isIP(address) === 6 ? "udp6" : "udp4");
  // Nothing about this device goes out: the time that the server sends back is a random number (RFC 5905, errata and RFC 8915 section 8).
  const mark = randomBytes(8);
  return new Promise((resolve) => {
    const end = (answer: TimeAnswer): void => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const noAnswer = (reason: string) => end({ outcome: "no answer", reason });
    const timer = setTimeout(() => noAnswer(`no answer within ${answerMsMax / 1000} s`), answerMsMax);
    let sentAtMs = 0;
    socket.once("error", (error) => noAnswer(error.message));
    socket.once("message", (packet) => end(readAnswer(packet, mark, sentAtMs, now())));
    const ask = (): void =>
      // A connected socket takes packets from this server only.
      socket.connect(port, address, () => {
        sentAtMs = now();
        socket.send(Buffer.concat([Buffer.from([versionFourClient]), Buffer.alloc(39), mark]));
      });
    if (localAddress === null) ask();
    else socket.bind({ address: localAddress }, ask);
  });
}

/** RFC 5905 section 8: offset and delay from four times. */
export function readAnswer(packet: Buffer, mark: Buffer, sentAtMs: number, receivedAtMs: number): TimeAnswer {
  const wrong = whatIsWrong(packet, mark);
  if (wrong !== null) return { outcome: "not usable", reason: wrong };
  const [arrivedAtMs, leftAtMs] = [timeAt(packet, 32), timeAt(packet, 40)];
  const stratum = packet.readUInt8(1);
  return {
    outcome: "answered",
    offsetMs: (arrivedAtMs - sentAtMs + (leftAtMs - receivedAtMs)) / 2,
    delayMs: Math.max(0, receivedAtMs - sentAtMs - (leftAtMs - arrivedAtMs)),
    stratum,
    referenceId: referenceOf(packet, stratum),
  };
}

const serverMode = 4;
const leapUnsynchronized = 3;
const stratumMax = 15;

function whatIsWrong(packet: Buffer, mark: Buffer): string | null {
  if (packet.length < packetBytes) return `an answer of ${packet.length} bytes`;
  const [first, stratum] = [packet.readUInt8(0), packet.readUInt8(1)];
  if ((first & 0x07) !== serverMode) return "no answer of a server";
  if (!packet.subarray(24, 32).equals(mark)) return "an answer to another question";
  if (stratum === 0) return `the server sends away: ${referenceOf(packet, 1)}`;
  if (stratum > stratumMax || first >> 6 === leapUnsynchronized) return "the server has no time itself";
  return packet.readBigUInt64BE(40) === 0n ? "an answer without a time" : null;
}

/** Seconds since 1900 in 32 bits and a fraction; from February 2036 on the seconds begin anew. */
function timeAt(packet: Buffer, at: number): number {
  const seconds = packet.readUInt32BE(at);
  const sinceEra = seconds < 2 ** 31 ? seconds + 2 ** 32 : seconds;
  return (sinceEra - eraSeconds) * 1000 + (packet.readUInt32BE(at + 4) * 1000) / 2 ** 32;
}

/** Four letters of a clock, or the address of the server's own server. */
function referenceOf(packet: Buffer, stratum: number): string {
  const bytes = packet.subarray(12, 16);
  if (stratum > 1) return bytes.join(".");
  return `.${bytes.toString("latin1").replace(/[^A-Za-z0-9]/g, "")}.`;
}
