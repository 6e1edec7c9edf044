// The agent's state in two generations. A save replaces the older one, so that whatever happens to the newer file, the one
// before it still stands. The state was valid when it was written and the checksum tells that it is what was written;
// that, and the format's number, is what is checked on reading.

import { sha256Hex } from "@countersign/protocol";
import type { Disk, StateStore, StorageDamage, StoredStep } from "../ports.ts";

const formatVersion = 1;
const slots = ["state.0", "state.1"] as const;
const headLine = /^countersign-agent-state (\d+) (\d+) (\d+) ([0-9a-f]{64})\n/;

type Generation = { readonly generation: number; readonly stored: StoredStep };

export class DiskStateStore implements StateStore {
  readonly #disk: Disk;
  #generation = 0;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Never throws for what stands in the files: a bad one is told, and answered by the other generation or by none. */
  async load(): Promise<{ readonly stored: StoredStep | null; readonly damage: readonly StorageDamage[] }> {
    const problems: { file: string; problem: string }[] = [];
    let newest: Generation | null = null;
    for (const slot of slots) {
      const bytes = await this.#disk.read(slot);
      if (bytes === null) continue;
      const read = readGeneration(bytes);
      if (typeof read === "string") problems.push({ file: slot, problem: read });
      else if (newest === null || read.generation > newest.generation) newest = read;
    }
    // The bad slot is the next to be written, whichever it is, so the good one is never overwritten first.
    this.#generation = newest?.generation ?? 0;
    const answer = newest === null ? "started without a state" : "used the other generation";
    return { stored: newest?.stored ?? null, damage: problems.map((problem) => ({ ...problem, answer })) };
  }

  async save(step: StoredStep): Promise<void> {
    const generation = this.#generation + 1;
    // Torn by a crash, this slot is answered by the other one, which is durable: no need for an atomic replacement.
    await this.#disk.overwrite(slotOf(generation), encodeGeneration(generation, step));
    this.#generation = generation;
  }
}

/** Even and odd generations take turns. */
function slotOf(generation: number): string {
  return slots[(generation % 2) as 0 | 1];
}

function encodeGeneration(generation: number, stored: StoredStep): Uint8Array {
  const body = Buffer.from(JSON.stringify(stored));
  const head = `countersign-agent-state ${formatVersion} ${generation} ${body.length} ${sha256Hex(body)}\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/** The generation, or what is wrong with the bytes. */
function readGeneration(bytes: Uint8Array): Generation | string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = headLine.exec(buffer.toString("latin1", 0, 160));
  if (head === null) return "has no readable first line";
  const [line, version, generation, length, hash] = head;
  if (Number(version) !== formatVersion) return `has format ${version}, which this version does not know`;
  // A slot keeps its greatest length; behind a shorter state stand zeros.
  const body = buffer.subarray(line.length, line.length + Number(length));
  if (body.length !== Number(length)) return `has ${body.length} bytes instead of ${length}`;
  if (sha256Hex(body) !== hash) return "has another checksum than its first line says";
  return { generation: Number(generation), stored: JSON.parse(body.toString("utf8")) as StoredStep };
}
