// Capture points as show commands print them.

import type { CapturedFrame } from "./pcapng-file.ts";

export const captureDirections = ["both", "in", "out"] as const;
export type CaptureDirection = (typeof captureDirections)[number];

export const bufferMegabytesMin = 1;
export const bufferMegabytesMax = 100;
export const defaultBufferMegabytes = 10;
export const durationSecondsMax = 1_000_000;
export const packetsMax = 100_000;
export const capturePointsMax = 8;

export type CaptureSettings = {
  readonly name: string;
  /** Null until one is given. */
  readonly interfaceName: string | null;
  readonly direction: CaptureDirection;
  /** `match any` was given. */
  readonly matchesAny: boolean;
  readonly bufferMegabytes: number;
  /** Null for no limit. */
  readonly durationSeconds: number | null;
  readonly packets: number | null;
};

export type CaptureView = {
  readonly settings: CaptureSettings;
  readonly isActive: boolean;
  /** Why it ended by itself; null when it did not. */
  readonly endedBy: string | null;
  readonly frames: readonly CapturedFrame[];
  readonly bufferedBytes: number;
};

/** Said wherever packets are shown. */
export const howFramesAreMade =
  "Payloads, addresses, ports, order and times are those of the licensing connections of this device. " +
  "Ethernet, IP and TCP headers are synthesised from what its sockets saw; stars stand for secrets that were sent in the clear.";

export type CaptureChange =
  | { readonly change: "define"; readonly name: string; readonly settings: Partial<CaptureSettings> }
  | { readonly change: "start" | "stop" | "clear" | "remove"; readonly name: string };

/** A refusal names what is wrong and what to do; nothing was changed then. */
export type CaptureOutcome =
  | { readonly outcome: "done" }
  | { readonly outcome: "refused"; readonly code: string; readonly message: string; readonly remedy: string };
