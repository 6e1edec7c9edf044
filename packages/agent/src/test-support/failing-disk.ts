// A disk whose nth write fails: with nothing written, or with half of it, as when the space runs out. Reads fail when told to.

import type { Disk } from "../ports.ts";

export class FailingDisk implements Disk {
  readonly #disk: Disk;
  /** Writes that still succeed; -1 for all. */
  writesLeft = -1;
  isPartial = false;
  isUnreadable = false;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  async list(folder: string) {
    this.#read();
    return this.#disk.list(folder);
  }

  async read(name: string) {
    this.#read();
    return this.#disk.read(name);
  }

  async readAt(name: string, offset: number, length: number) {
    this.#read();
    return this.#disk.readAt(name, offset, length);
  }

  async replace(name: string, bytes: Uint8Array): Promise<void> {
    this.#spend();
    await this.#disk.replace(name, bytes);
  }

  async overwrite(name: string, bytes: Uint8Array): Promise<void> {
    if (this.writesLeft === 0 && this.isPartial) {
      await this.#disk.overwrite(name, bytes.subarray(0, Math.floor(bytes.length / 2)));
    }
    this.#spend();
    await this.#disk.overwrite(name, bytes);
  }

  async append(name: string, bytes: Uint8Array, isDurable: boolean): Promise<void> {
    if (this.writesLeft === 0 && this.isPartial) {
      await this.#disk.append(name, bytes.subarray(0, Math.floor(bytes.length / 2)), isDurable);
    }
    this.#spend();
    await this.#disk.append(name, bytes, isDurable);
  }

  async remove(name: string): Promise<void> {
    this.#spend();
    await this.#disk.remove(name);
  }

  #read(): void {
    if (this.isUnreadable) throw Object.assign(new Error("input/output error"), { code: "EIO" });
  }

  #spend(): void {
    if (this.writesLeft === 0) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    if (this.writesLeft > 0) this.writesLeft -= 1;
  }
}
