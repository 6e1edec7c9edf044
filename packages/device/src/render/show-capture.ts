// show monitor capture: what a capture point takes, and the packets it holds.

import { type CaptureView, howFramesAreMade } from "../capture/capture-view.ts";
import type { CapturedFrame } from "../capture/pcapng-file.ts";
import { oneLine } from "./show-text.ts";

export function renderCaptures(captures: readonly CaptureView[]): string {
  return captures.map(renderCapture).join("\n\n");
}

function renderCapture({ settings, isActive, endedBy, frames, bufferedBytes }: CaptureView): string {
  const limit = (value: number | null): string => (value === null ? "0 (no limit)" : `${value}`);
  return [
    `Status Information for Capture ${oneLine(settings.name)}`,
    "  Target Type:",
    `  Interface: ${oneLine(settings.interfaceName ?? "<none>")}, Direction: ${settings.direction.toUpperCase()}`,
    `   Status : ${isActive ? "Active" : "Inactive"}${endedBy === null ? "" : ` (${endedBy})`}`,
    "  Filter Details:",
    settings.matchesAny ? "   Capture all packets of licensing" : "   Filter not attached",
    "  Buffer Details:",
    "   Buffer Type: LINEAR (default)",
    `   Buffer Size (in MB): ${settings.bufferMegabytes}`,
    `   Packets in buffer: ${frames.length}, ${bufferedBytes} bytes`,
    "  File Details:",
    "   File not associated",
    "  Limit Details:",
    `   Number of Packets to capture: ${limit(settings.packets)}`,
    `   Packet Capture duration: ${limit(settings.durationSeconds)}`,
    "   Packet Size to capture: 0 (no limit)",
    "  Origin of packets:",
    `   ${howFramesAreMade}`,
  ].join("\n");
}

const rule = "-".repeat(76);

export function renderCaptureBrief({ frames }: CaptureView): string {
  const first = frames[0]?.atMs ?? 0;
  const rows = frames.map((frame, index) => {
    const { source, target, size } = packetOf(frame);
    const seconds = ((frame.atMs - first) / 1000).toFixed(6).padStart(12);
    return `${String(index).padStart(4)} ${String(size).padStart(5)} ${seconds}   ${source.padEnd(21)} -> ${target.padEnd(21)} TCP`;
  });
  return [
    ` ${rule}`,
    "   #  size    timestamp   source                   destination           protocol",
    ` ${rule}`,
    ...rows,
  ].join("\n");
}

/** Read back from the frame itself: what is shown is what is in the file. */
export function packetOf({ bytes }: CapturedFrame) {
  const isVersionSix = bytes[12] === 0x86;
  const view = Buffer.from(bytes);
  const [at, length] = isVersionSix ? [22, 16] : [26, 4];
  const ports = isVersionSix ? 54 : 34;
  const address = (from: number) => (isVersionSix ? versionSix(view, from) : view.subarray(from, from + 4).join("."));
  const endpoint = (from: number, port: number) =>
    isVersionSix ? `[${address(from)}]:${port}` : `${address(from)}:${port}`;
  return {
    size: bytes.length,
    source: endpoint(at, view.readUInt16BE(ports)),
    target: endpoint(at + length, view.readUInt16BE(ports + 2)),
  };
}

function versionSix(view: Buffer, from: number): string {
  return Array.from({ length: 8 }, (_, group) => view.readUInt16BE(from + group * 2).toString(16)).join(":");
}

export function capturesJson(captures: readonly CaptureView[]): unknown {
  return captures.map(({ settings, isActive, endedBy, frames, bufferedBytes }) => ({
    ...settings,
    ...{ isActive, endedBy, bufferedBytes, packets: frames.length, packetsMax: settings.packets },
    headers: "synthesised",
  }));
}

export function captureBufferJson({ settings, frames }: CaptureView): unknown {
  return {
    name: settings.name,
    headers: "synthesised",
    packets: frames.map((frame) => ({
      at: new Date(frame.atMs).toISOString(),
      isSent: frame.isSent,
      ...packetOf(frame),
    })),
  };
}
