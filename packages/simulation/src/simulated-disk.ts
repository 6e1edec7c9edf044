// A disk that fails as disks do, driven by a seed: full, EIO at the nth call, half a write, and power that goes away in the
// middle of any write. It has the shape of the agent's disk port, with the same promises: what a method has answered is
// durable, except an append that said it need not be.

import { SeededRandomness } from "./seeded-randomness.ts";

type File = {
  bytes: Uint8Array;
  length: number;
  /** Bytes from the start that outlive a loss of power. */
  durable: number;
};

export type DiskFault = "EIO" | "ENOSPC";

const sectorBytes = 512;

export class SimulatedDisk {
  readonly #random: SeededRandomness;
  readonly #files = new Map<string, File>();
  #room: { before: number } | null = null;
  #fault: { code: DiskFault; before: number; left: number } | null = null;
  #crash: { before: number } | null = null;
  #isDead = false;
  /** Is told when the power goes away. */
  onCrash: () => void = () => undefined;
  /** Writes that were asked for since the disk was made. */
  writes = 0;

  constructor(random: SeededRandomness) {
    this.#random = random;
  }

  /**
   * From the call after the next `callsBefore` on, so many calls fail: reads as well as writes, of which some leave half of
   * what they were given. A read needs no space, so ENOSPC passes it by.
   */
  failCalls(code: DiskFault, callsBefore: number, count: number): void {
    this.#fault = { code, before: callsBefore, left: count };
  }

  /**
   * No room is left after the next `writesBefore` writes; removing a file still works. Counted in writes, because the length of
   * what is written is no seed's: a signature takes a byte more or less each time. Null for as much room as anybody likes.
   */
  limitRoom(writesBefore: number | null): void {
    this.#room = writesBefore === null ? null : { before: writesBefore };
  }

  /** The power goes away during the write after the next `writesBefore`; no call ever returns again. */
  crashAtWrite(writesBefore: number): void {
    this.#crash = { before: writesBefore };
  }

  /** The power goes away between two writes. */
  crash(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    for (const [name, file] of this.#files) this.#loseTail(name, file);
    this.onCrash();
  }

  /** Nothing fails from now on. */
  heal(): void {
    this.#fault = null;
    this.#crash = null;
    this.limitRoom(null);
  }

  /** What stands on the disk after the power came back; only for one that crashed. */
  afterCrash(): SimulatedDisk {
    if (!this.#isDead) throw new Error("the disk still runs");
    const disk = new SimulatedDisk(this.#random);
    for (const [name, { bytes, length }] of this.#files) disk.#put(name, bytes.slice(0, length));
    return disk;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  async list(folder: string): Promise<readonly string[]> {
    await this.#reading();
    const prefix = folder === "" ? "" : `${folder}/`;
    return [...this.#files.keys()]
      .filter((name) => name.startsWith(prefix) && !name.slice(prefix.length).includes("/"))
      .map((name) => name.slice(prefix.length))
      .sort();
  }

  async read(name: string): Promise<Uint8Array | null> {
    await this.#reading();
    const file = this.#files.get(name);
    return file === undefined ? null : file.bytes.slice(0, file.length);
  }

  async readAt(name: string, offset: number, length: number): Promise<Uint8Array> {
    await this.#reading();
    const file = this.#files.get(name);
    return file === undefined ? new Uint8Array() : file.bytes.slice(offset, Math.min(offset + length, file.length));
  }

  async replace(name: string, bytes: Uint8Array): Promise<void> {
    await this.#write({
      needsRoom: true,
      whole: () => this.#put(name, bytes.slice()),
      // The old file or the new one, nothing between.
      torn: () => (this.#random.nextBelow(2) === 0 ? this.#put(name, bytes.slice()) : undefined),
      half: () => undefined,
    });
  }

  async overwrite(name: string, bytes: Uint8Array): Promise<void> {
    const before = this.#files.get(name);
    const whole = new Uint8Array(Math.max(bytes.length, before?.length ?? 0));
    whole.set(bytes);
    await this.#write({
      needsRoom: true,
      whole: () => this.#put(name, whole),
      torn: () => this.#put(name, this.#mix(before, whole)),
      half: () => this.#put(name, this.#mix(before, whole)),
    });
  }

  async append(name: string, bytes: Uint8Array, isDurable: boolean): Promise<void> {
    const some = () => this.#extend(name, bytes.subarray(0, this.#part(bytes.length)));
    await this.#write({
      needsRoom: true,
      whole: () => {
        const file = this.#extend(name, bytes);
        if (isDurable) file.durable = file.length;
      },
      torn: () => {
        const file = some();
        file.durable = Math.max(file.durable, this.#part(file.length));
      },
      half: some,
    });
  }

  async remove(name: string): Promise<void> {
    const gone = () => {
      this.#files.delete(name);
    };
    await this.#write({
      needsRoom: false,
      whole: gone,
      torn: () => (this.#random.nextBelow(2) === 0 ? gone() : undefined),
      half: () => undefined,
    });
  }

  async #reading(): Promise<void> {
    await this.#alive();
    if (this.#fault?.code === "EIO" && this.#spend(this.#fault)) this.#fail(this.#fault);
  }

  async #write(act: Act): Promise<void> {
    await this.#alive();
    this.writes += 1;
    if (this.#crash !== null && this.#spend(this.#crash)) {
      act.torn();
      this.crash();
      return never();
    }
    if (act.needsRoom && this.#room !== null && this.#spend(this.#room)) throw failure("ENOSPC");
    if (this.#fault !== null && this.#spend(this.#fault)) this.#fail(this.#fault, act);
    act.whole();
  }

  #fail(fault: { code: DiskFault; left: number }, act?: Act): never {
    fault.left -= 1;
    if (fault.left <= 0) this.#fault = null;
    if (act !== undefined && this.#random.nextBelow(2) === 0) act.half();
    throw failure(fault.code);
  }

  /** True when the counted-down call is this one. */
  #spend(countdown: { before: number }): boolean {
    if (countdown.before > 0) {
      countdown.before -= 1;
      return false;
    }
    return true;
  }

  /** A machine without power does nothing more: who waits for it waits for ever. */
  async #alive(): Promise<void> {
    if (this.#isDead) return never();
  }

  #put(name: string, bytes: Uint8Array): void {
    this.#files.set(name, { bytes, length: bytes.length, durable: bytes.length });
  }

  #extend(name: string, bytes: Uint8Array): File {
    const file = this.#files.get(name) ?? { bytes: new Uint8Array(0), length: 0, durable: 0 };
    const length = file.length + bytes.length;
    if (length > file.bytes.length) {
      const larger = new Uint8Array(Math.max(length, file.bytes.length * 2));
      larger.set(file.bytes.subarray(0, file.length));
      file.bytes = larger;
    }
    file.bytes.set(bytes, file.length);
    file.length = length;
    this.#files.set(name, file);
    return file;
  }

  /** Sectors of the old and of the new content, in any mixture. */
  #mix(before: File | undefined, after: Uint8Array): Uint8Array {
    const mixed = new Uint8Array(after.length);
    mixed.set(before?.bytes.subarray(0, Math.min(before.length, after.length)) ?? []);
    const sectors = new SeededRandomness(this.#random.nextUint32());
    for (let at = 0; at < after.length; at += sectorBytes) {
      if (sectors.nextBelow(2) === 0) mixed.set(after.subarray(at, at + sectorBytes), at);
    }
    return mixed;
  }

  /** From none to all of so many bytes; draws once whatever the length, so that a key's spelling changes no later draw. */
  #part(length: number): number {
    return Math.round(this.#random.nextFraction() * length);
  }

  #loseTail(name: string, file: File): void {
    const kept = file.durable + this.#part(file.length - file.durable);
    this.#put(name, file.bytes.slice(0, kept));
  }
}

type Act = {
  readonly needsRoom: boolean;
  readonly whole: () => void;
  readonly torn: () => void;
  /** What a write that failed may leave behind. */
  readonly half: () => void;
};

function failure(code: DiskFault): Error {
  const text = code === "EIO" ? "input/output error" : "no space left on device";
  return Object.assign(new Error(text), { code });
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
