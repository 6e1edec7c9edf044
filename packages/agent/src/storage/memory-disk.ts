// The agent's disk in memory, with the same promises as the real one. It outlives an agent, so that a simulation can stop
// and start agents on it.

import type { Disk } from "../ports.ts";

export class MemoryDisk implements Disk {
  readonly #files = new Map<string, { bytes: Uint8Array; length: number }>();

  async list(folder: string): Promise<readonly string[]> {
    const prefix = folder === "" ? "" : `${folder}/`;
    return [...this.#files.keys()]
      .filter((name) => name.startsWith(prefix) && !name.slice(prefix.length).includes("/"))
      .map((name) => name.slice(prefix.length))
      .sort();
  }

  async read(name: string): Promise<Uint8Array | null> {
    const file = this.#files.get(name);
    return file === undefined ? null : file.bytes.slice(0, file.length);
  }

  async readAt(name: string, offset: number, length: number): Promise<Uint8Array> {
    const file = this.#files.get(name);
    return file === undefined ? new Uint8Array() : file.bytes.slice(offset, Math.min(offset + length, file.length));
  }

  async replace(name: string, bytes: Uint8Array): Promise<void> {
    this.#files.set(name, { bytes: bytes.slice(), length: bytes.length });
  }

  async overwrite(name: string, bytes: Uint8Array): Promise<void> {
    const whole = new Uint8Array(Math.max(bytes.length, this.#files.get(name)?.length ?? 0));
    whole.set(bytes);
    this.#files.set(name, { bytes: whole, length: whole.length });
  }

  /** The array doubles when it is full, so that an append costs the bytes it brings. */
  async append(name: string, bytes: Uint8Array): Promise<void> {
    const file = this.#files.get(name) ?? { bytes: new Uint8Array(0), length: 0 };
    const length = file.length + bytes.length;
    if (length > file.bytes.length) {
      const larger = new Uint8Array(Math.max(length, file.bytes.length * 2));
      larger.set(file.bytes.subarray(0, file.length));
      file.bytes = larger;
    }
    file.bytes.set(bytes, file.length);
    file.length = length;
    this.#files.set(name, file);
  }

  async remove(name: string): Promise<void> {
    this.#files.delete(name);
  }

  /** The same files, to be changed apart from these. */
  copy(): MemoryDisk {
    const copy = new MemoryDisk();
    for (const [name, { bytes, length }] of this.#files)
      copy.#files.set(name, { bytes: bytes.slice(0, length), length });
    return copy;
  }

  /** Bytes of all files together. */
  get bytes(): number {
    let sum = 0;
    for (const file of this.#files.values()) sum += file.length;
    return sum;
  }
}
