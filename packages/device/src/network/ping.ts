// Echo requests by the machine's own `ping`: a program without rights of its own cannot send them. Its arguments are fixed but
// for two addresses, and no shell reads them.

import { execFile } from "node:child_process";
import { isIPv4 } from "node:net";
import type { PingResult } from "../network-view.ts";

const packets = 5;
const timeoutSeconds = 2;
/** With the headers of IP and ICMP 100 bytes, as the field's devices send. */
const payloadBytes = 72;
const programMsMax = packets * (timeoutSeconds + 1) * 1000;

/** `program` is what is run, so that a test can say which. */
export function pingAddress(address: string, localAddress: string | null, program = "ping"): Promise<PingResult> {
  const options = ["-n", "-c", `${packets}`, "-W", `${timeoutSeconds}`, "-s", `${payloadBytes}`];
  const source = localAddress === null ? [] : ["-I", localAddress];
  return new Promise((resolve) => {
    execFile(
      program,
      [...options, ...source, address],
      { timeout: programMsMax, env: { LC_ALL: "C", PATH: process.env.PATH } },
      (error, stdout, stderr) => {
        const sent = { outcome: "sent", address, source: localAddress, ...readPing(stdout) } as const;
        // Status 1 says that nothing came back; another, that nothing could be sent.
        const couldNot = error !== null && error.code !== 1;
        resolve(couldNot ? { outcome: "unavailable", reason: reasonOf(error, stderr) } : sent);
      },
    );
  });
}

function reasonOf(error: { readonly code?: string | number | null }, stderr: string): string {
  if (error.code === "ENOENT") return "the machine that this device runs on has no ping";
  const [line = ""] = stderr.trim().split("\n");
  return `ping of the machine says: ${line.replace(/[^\x20-\x7e]+/g, " ").slice(0, 200)}`;
}

/** What ping printed: which packets came back, and how long they took. */
export function readPing(output: string): Pick<Extract<PingResult, { outcome: "sent" }>, "replies" | "roundTripMs"> {
  const back = new Set(
    [...output.matchAll(/ bytes from .*\bicmp_seq=(\d+)\b.* time[=<]/g)].map(([, number]) => Number(number)),
  );
  const replies = Array.from({ length: packets }, (_, index) => back.has(index + 1));
  const times = /= ([\d.]+)\/([\d.]+)\/([\d.]+)(?:\/[\d.]+)? ms/.exec(output);
  const [min = 0, average = 0, max = 0] = (times ?? []).slice(1).map(Number);
  return { replies, roundTripMs: times === null ? null : { min, average, max } };
}

/** Packets of the other family need another program. */
export function firstPingable(addresses: readonly string[]): string | undefined {
  return addresses.find((address) => isIPv4(address)) ?? addresses[0];
}
