// The capture points of a running device: what they take, how long and how much. They are gone after a reload, as in the field.

import type { ConnectionEvent, Endpoint } from "@countersign/agent";
import {
  type CaptureChange,
  type CaptureOutcome,
  type CaptureSettings,
  type CaptureView,
  capturePointsMax,
  defaultBufferMegabytes,
  howFramesAreMade,
} from "./capture-view.ts";
import { type CapturedFrame, encodeCapture } from "./pcapng-file.ts";
import { TcpFrames } from "./tcp-frames.ts";

export type CapturePorts = {
  readonly now: () => number;
  /** The local addresses of an interface: null for all, undefined where there is no such interface. */
  readonly addressesOf: (interfaceName: string) => readonly string[] | null | undefined;
  readonly ended: (name: string, why: string | null) => void;
};

const done: CaptureOutcome = { outcome: "done" };

/** What each frame takes in the buffer beside its bytes. */
const overheadBytes = 32;
const megabyte = 1_048_576;

type Capture = {
  settings: CaptureSettings;
  /** Null while it is stopped. */
  running: { readonly frames: TcpFrames; readonly startedAtMs: number } | null;
  endedBy: string | null;
  frames: CapturedFrame[];
  bytes: number;
};

export class CapturePoints {
  readonly #ports: CapturePorts;
  readonly #captures = new Map<string, Capture>();
  #starts = 0;

  constructor(ports: CapturePorts) {
    this.#ports = ports;
  }

  /** Whether bytes have to be seen, and a number that is another one after each start: new connections belong to it. */
  get demand(): { readonly seesBytes: boolean; readonly generation: number } {
    this.#endOverdue();
    const seesBytes = [...this.#captures.values()].some(({ running }) => running !== null);
    return { seesBytes, generation: seesBytes ? this.#starts : 0 };
  }

  views(): readonly CaptureView[] {
    this.#endOverdue();
    return [...this.#captures.values()].map(({ settings, running, endedBy, frames, bytes }) => ({
      ...{ settings, endedBy, frames: [...frames] },
      isActive: running !== null,
      bufferedBytes: bytes,
    }));
  }

  change(change: CaptureChange): CaptureOutcome {
    this.#endOverdue();
    if (change.change === "define") return this.#define(change.name, change.settings);
    const capture = this.#captures.get(change.name);
    if (capture === undefined) return unknownCapture(change.name);
    switch (change.change) {
      case "start":
        return this.#start(capture);
      case "stop":
        if (capture.running === null) return refused("capture_inactive", `Capture ${change.name} is not active.`, "");
        this.#end(capture, null);
        return done;
      case "clear":
        if (capture.running !== null) return isRunning(change.name);
        forget(capture);
        return done;
      case "remove":
        if (capture.running !== null) return isRunning(change.name);
        this.#captures.delete(change.name);
        return done;
      default:
        return change satisfies never;
    }
  }

  /** All of them, as a reload does. */
  forget(): void {
    this.#captures.clear();
  }

  seen(event: ConnectionEvent): void {
    this.#endOverdue();
    const atMs = this.#ports.now();
    for (const capture of this.#captures.values()) {
      for (const frame of capture.running?.frames.framesOf(event) ?? []) this.#keep(capture, { ...frame, atMs });
    }
  }

  /** Null where there is no such capture, or nothing in it. */
  encode(name: string): Buffer | null {
    const capture = this.#captures.get(name);
    if (capture === undefined || capture.frames.length === 0) return null;
    const interfaceName = capture.settings.interfaceName ?? "";
    return encodeCapture(capture.frames, { comment: howFramesAreMade, application: "Countersign", interfaceName });
  }

  has(name: string): boolean {
    return this.#captures.has(name);
  }

  #define(name: string, settings: Partial<CaptureSettings>): CaptureOutcome {
    const known = this.#captures.get(name);
    if (known === undefined && this.#captures.size >= capturePointsMax) {
      return refused("captures_too_many", `A device has at most ${capturePointsMax} capture points.`, "Remove one.");
    }
    if (known !== undefined && known.running !== null) return isRunning(name);
    const { interfaceName } = settings;
    if (interfaceName && this.#ports.addressesOf(interfaceName) === undefined) {
      return refused("interface_unknown", `There is no interface ${interfaceName}.`, "See `show ip interface brief`.");
    }
    if (known !== undefined) known.settings = { ...known.settings, ...settings };
    else this.#captures.set(name, newCapture({ ...defaults, name, ...settings }));
    return done;
  }

  #start(capture: Capture): CaptureOutcome {
    const { name, interfaceName, matchesAny } = capture.settings;
    if (capture.running !== null) return isRunning(name);
    if (interfaceName === null || !matchesAny) {
      const what = interfaceName === null ? "interface" : "filter";
      return refused(
        "capture_incomplete",
        `Capture ${name} has no ${what}.`,
        `Enter \`monitor capture ${name} interface <interface> both match any\` first.`,
      );
    }
    const isWanted = ({ address }: Endpoint): boolean => {
      const addresses = this.#ports.addressesOf(interfaceName);
      return addresses === null || (addresses?.includes(address) ?? false);
    };
    forget(capture);
    this.#starts += 1;
    capture.running = { frames: new TcpFrames(isWanted), startedAtMs: this.#ports.now() };
    return done;
  }

  #keep(capture: Capture, frame: CapturedFrame): void {
    const { direction, packets, bufferMegabytes } = capture.settings;
    if (capture.running === null) return;
    if (direction !== "both" && (direction === "out") !== frame.isSent) return;
    const bytes = capture.bytes + frame.bytes.length + overheadBytes;
    if (bytes > bufferMegabytes * megabyte) {
      this.#end(capture, "the buffer is full");
      return;
    }
    capture.frames.push(frame);
    capture.bytes = bytes;
    if (packets !== null && capture.frames.length >= packets) this.#end(capture, `${packets} packets were captured`);
  }

  #endOverdue(): void {
    for (const capture of this.#captures.values()) {
      const { durationSeconds } = capture.settings;
      if (capture.running === null || durationSeconds === null) continue;
      const isOver = this.#ports.now() - capture.running.startedAtMs >= durationSeconds * 1000;
      if (isOver) this.#end(capture, `${durationSeconds} seconds are over`);
    }
  }

  #end(capture: Capture, why: string | null): void {
    capture.running = null;
    capture.endedBy = why;
    this.#ports.ended(capture.settings.name, why);
  }
}

const defaults: Omit<CaptureSettings, "name"> = {
  interfaceName: null,
  direction: "both",
  matchesAny: false,
  bufferMegabytes: defaultBufferMegabytes,
  durationSeconds: null,
  packets: null,
};

function newCapture(settings: CaptureSettings): Capture {
  return { settings, running: null, endedBy: null, frames: [], bytes: 0 };
}

function forget(capture: Capture): void {
  capture.frames = [];
  capture.bytes = 0;
  capture.endedBy = null;
}

function refused(code: string, message: string, remedy: string): CaptureOutcome {
  return { outcome: "refused", code, message, remedy };
}

export function unknownCapture(name: string): CaptureOutcome {
  return refused("capture_unknown", `Capture ${name} does not exist.`, "See `show monitor capture`.");
}

function isRunning(name: string): CaptureOutcome {
  return refused("capture_active", `Capture ${name} is active.`, `Enter \`monitor capture ${name} stop\` first.`);
}
