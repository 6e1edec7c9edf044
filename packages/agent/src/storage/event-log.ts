// The event log: one line per event, `YYYY-MM-DD hh:mm:ss.mmm UTC SAEVT_X key="value"`, bounded in bytes. It tells what
// happened; nothing depends on it, so lines are not flushed one by one.

import type { Disk, EventLog, LoggedEvent } from "../ports.ts";

/** The field's own size of the log (device-side fact, section 13). */
export const eventLogBytesMax = 5 * 1024 * 1024;
const filesMax = 10;
const newline = 10;

export class DiskEventLog implements EventLog {
  readonly #disk: Disk;
  readonly #fileBytesMax: number;
  /** Number and size of the file being written; null until the folder was read. */
  #current: { number: number; bytes: number } | null = null;

  constructor(disk: Disk, bytesMax: number = eventLogBytesMax) {
    this.#disk = disk;
    this.#fileBytesMax = Math.floor(bytesMax / filesMax);
  }

  async append(atMs: number, events: readonly LoggedEvent[]): Promise<void> {
    const lines = Buffer.from(events.map(({ name, details }) => `${formatEvent(atMs, name, details)}\n`).join(""));
    const current = await this.#openCurrent();
    if (current.bytes > 0 && current.bytes + lines.length > this.#fileBytesMax) await this.#startFile(current);
    await this.#disk.append(fileName(current.number), lines, false);
    current.bytes += lines.length;
  }

  async lines(sinceMs: number): Promise<readonly string[]> {
    const since = formatTime(sinceMs);
    const lines: string[] = [];
    for (const number of await this.#numbers()) {
      const text = Buffer.from((await this.#disk.read(fileName(number))) ?? []).toString("utf8");
      // The time leads the line in a form that sorts; the last line may have been cut by a crash.
      for (const line of text.split("\n")) if (line.length > since.length && line >= since) lines.push(line);
    }
    return lines;
  }

  async clear(): Promise<void> {
    for (const number of await this.#numbers()) await this.#disk.remove(fileName(number));
    this.#current = null;
  }

  async #openCurrent(): Promise<{ number: number; bytes: number }> {
    if (this.#current !== null) return this.#current;
    const last = Math.max(1, (await this.#numbers()).at(-1) ?? 1);
    const bytes = Buffer.from((await this.#disk.read(fileName(last))) ?? []);
    // A file left by an earlier process may end in half a line.
    if (bytes.length > 0 && bytes.at(-1) !== newline) await this.#disk.append(fileName(last), Buffer.from("\n"), false);
    this.#current = { number: last, bytes: bytes.length };
    return this.#current;
  }

  async #startFile(current: { number: number; bytes: number }): Promise<void> {
    current.number += 1;
    current.bytes = 0;
    await this.#removeOld(current.number);
  }

  async #removeOld(current: number): Promise<void> {
    for (const number of await this.#numbers()) {
      if (number <= current - filesMax) await this.#disk.remove(fileName(number));
    }
  }

  async #numbers(): Promise<readonly number[]> {
    const names = await this.#disk.list("events");
    return names.flatMap((name) => (/^\d{9}$/.test(name) ? [Number(name)] : []));
  }
}

function fileName(number: number): string {
  return `events/${String(number).padStart(9, "0")}`;
}

export function formatEvent(atMs: number, name: string, details: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(details).map(([key, value]) => ` ${key}="${oneLine(value)}"`);
  return `${formatTime(atMs)} ${name}${pairs.join("")}`;
}

function formatTime(atMs: number): string {
  return `${new Date(atMs).toISOString().replace("T", " ").replace("Z", "")} UTC`;
}

/** A value can hold neither a line break nor the quote that ends it. */
function oneLine(value: string): string {
  return value.replace(/\p{Cc}+/gu, " ").replaceAll('"', "'");
}
