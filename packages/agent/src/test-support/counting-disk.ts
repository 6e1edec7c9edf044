// A disk that counts what is done to it: cost is measured in operations and bytes, which are the same on every machine.

import type { Disk } from "../ports.ts";

export class CountingDisk implements Disk {
  readonly #disk: Disk;
  operations = 0;
  bytesWritten = 0;
  bytesRead = 0;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  reset(): void {
    this.operations = 0;
    this.bytesWritten = 0;
    this.bytesRead = 0;
  }

  list(folder: string) {
    this.operations += 1;
    return this.#disk.list(folder);
  }

  async read(name: string) {
    this.operations += 1;
    const bytes = await this.#disk.read(name);
    this.bytesRead += bytes?.length ?? 0;
    return bytes;
  }

  async readAt(name: string, offset: number, length: number) {
    this.operations += 1;
    this.bytesRead += length;
    return this.#disk.readAt(name, offset, length);
  }

  replace(name: string, bytes: Uint8Array) {
    this.operations += 1;
    this.bytesWritten += bytes.length;
    return this.#disk.replace(name, bytes);
  }

  overwrite(name: string, bytes: Uint8Array) {
    this.operations += 1;
    this.bytesWritten += bytes.length;
    return this.#disk.overwrite(name, bytes);
  }

  append(name: string, bytes: Uint8Array, isDurable: boolean) {
    this.operations += 1;
    this.bytesWritten += bytes.length;
    return this.#disk.append(name, bytes, isDurable);
  }

  remove(name: string) {
    this.operations += 1;
    return this.#disk.remove(name);
  }
}
