// Append-only segments on a disk, with the count of bytes in each that still matter. Knows nothing of reports: it stores
// records, finds them again by location, and gives the oldest segment back to be rewritten and dropped.

import type { Disk, StorageDamage } from "../ports.ts";
import { bodyOffset, encodeRecord, type LogRecord, type RecordHead, readRecords } from "./record-log.ts";

/** Where a record's body stands, and what the whole record costs on disk. */
export type Location = {
  readonly segment: number;
  readonly bodyAt: number;
  readonly bodyBytes: number;
  readonly bytes: number;
};

type Segment = { bytes: number; liveBytes: number };
export type RecordVisitor = (head: RecordHead, location: Location) => void;

export class SegmentedLog {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #segmentBytes: number;
  readonly #segments = new Map<number, Segment>();
  #active = 1;
  #staged: Buffer[] = [];
  #stagedBytes = 0;
  #liveBytes = 0;
  #totalBytes = 0;

  constructor(disk: Disk, folder: string, segmentBytes: number) {
    this.#disk = disk;
    this.#folder = folder;
    this.#segmentBytes = segmentBytes;
  }

  /** Reads every segment in order. A damaged one is never written to again. */
  async open(visit: RecordVisitor): Promise<readonly StorageDamage[]> {
    this.#segments.clear();
    this.#discardStaged();
    this.#liveBytes = 0;
    this.#totalBytes = 0;
    const damage: StorageDamage[] = [];
    let isLastWhole = true;
    for (const name of await this.#disk.list(this.#folder)) {
      const number = segmentNumber(name);
      const bytes = number === null ? null : await this.#disk.read(`${this.#folder}/${name}`);
      if (number === null || bytes === null) continue;
      this.#addSegment(number, bytes.length);
      const { records, damagedBytes } = readRecords(bytes);
      for (const record of records) visit(record.head, locate(number, record));
      isLastWhole = damagedBytes === 0;
      if (!isLastWhole) damage.push(damageOf(`${this.#folder}/${name}`, damagedBytes));
    }
    const last = Math.max(0, ...this.#segments.keys());
    this.#active = isLastWhole && last > 0 ? last : last + 1;
    return damage;
  }

  /** Writes the newest segment again as it was read: what a failed append left in it was read, and need not be durable. */
  async secureNewest(): Promise<void> {
    const last = Math.max(0, ...this.#segments.keys());
    const bytes = last === 0 ? null : await this.#disk.read(this.#path(last));
    if (bytes !== null) await this.#disk.replace(this.#path(last), bytes);
  }

  /** Takes a record into the next commit and answers where it will stand. It counts as live. */
  stage(head: RecordHead, body: string | Uint8Array = ""): Location {
    const segment = this.#segments.get(this.#active);
    if (this.#staged.length === 0 && (segment?.bytes ?? 0) >= this.#segmentBytes) this.#active += 1;
    const start = (this.#segments.get(this.#active)?.bytes ?? 0) + this.#stagedBytes;
    const record = encodeRecord(head, body);
    const offset = bodyOffset(record);
    this.#staged.push(record);
    this.#stagedBytes += record.length;
    return { segment: this.#active, bodyAt: start + offset, bodyBytes: record.length - offset, bytes: record.length };
  }

  /** One append and one flush for everything staged. */
  async commit(): Promise<void> {
    if (this.#staged.length === 0) return;
    const bytes = Buffer.concat(this.#staged);
    await this.#disk.append(this.#path(this.#active), bytes, true);
    this.#discardStaged();
    this.#addSegment(this.#active, bytes.length);
  }

  async readBody(location: Location): Promise<string> {
    const { segment, bodyAt, bodyBytes } = location;
    const durable = this.#segments.get(segment)?.bytes ?? 0;
    if (segment === this.#active && bodyAt >= durable) {
      const start = bodyAt - durable;
      return Buffer.concat(this.#staged).toString("utf8", start, start + bodyBytes);
    }
    return Buffer.from(await this.#disk.readAt(this.#path(segment), bodyAt, bodyBytes)).toString("utf8");
  }

  retain(location: Location): void {
    this.#addLive(location.segment, location.bytes);
  }

  release(location: Location): void {
    this.#addLive(location.segment, -location.bytes);
  }

  get liveBytes(): number {
    return this.#liveBytes;
  }

  /** Bytes that the next commit writes. */
  get stagedBytes(): number {
    return this.#stagedBytes;
  }

  get totalBytes(): number {
    return this.#totalBytes + this.#stagedBytes;
  }

  /** The oldest segment, unless it is the one being written. */
  oldestClosed(): number | null {
    for (const number of this.#segments.keys()) return number === this.#active ? null : number;
    return null;
  }

  /** Every record of one segment with its body, in one read. */
  async readSegment(
    number: number,
  ): Promise<readonly { readonly head: RecordHead; readonly location: Location; readonly body: string }[]> {
    const bytes = Buffer.from((await this.#disk.read(this.#path(number))) ?? []);
    return readRecords(bytes).records.map((record) => ({
      head: record.head,
      location: locate(number, record),
      body: bytes.toString("utf8", record.bodyAt, record.bodyAt + record.bodyBytes),
    }));
  }

  /** Only when nothing in it is live any more. */
  async dropSegment(number: number): Promise<void> {
    const segment = this.#segments.get(number);
    await this.#disk.remove(this.#path(number));
    this.#segments.delete(number);
    this.#totalBytes -= segment?.bytes ?? 0;
  }

  #addSegment(number: number, bytes: number): void {
    const segment = this.#segments.get(number) ?? { bytes: 0, liveBytes: 0 };
    segment.bytes += bytes;
    this.#segments.set(number, segment);
    this.#totalBytes += bytes;
  }

  #addLive(number: number, bytes: number): void {
    const segment = this.#segments.get(number) ?? { bytes: 0, liveBytes: 0 };
    segment.liveBytes += bytes;
    this.#segments.set(number, segment);
    this.#liveBytes += bytes;
  }

  #discardStaged(): void {
    this.#staged = [];
    this.#stagedBytes = 0;
  }

  #path(number: number): string {
    return `${this.#folder}/segment-${String(number).padStart(9, "0")}`;
  }
}

function segmentNumber(name: string): number | null {
  const match = /^segment-(\d{9})$/.exec(name);
  return match === null ? null : Number(match[1]);
}

function locate(segment: number, record: LogRecord): Location {
  return { segment, bodyAt: record.bodyAt, bodyBytes: record.bodyBytes, bytes: record.bytes };
}

function damageOf(file: string, damagedBytes: number): StorageDamage {
  return {
    file,
    problem: `${damagedBytes} bytes are cut or altered`,
    answer: "left them out and went on in a new file",
  };
}
