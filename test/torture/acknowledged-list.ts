// What devices saw acknowledged, in a file that the manager knows nothing of: the list against which it is judged.

import { appendFileSync, readFileSync } from "node:fs";

export type AcknowledgedEntry = {
  readonly productInstanceIdentifier: string;
  readonly reportId: number;
  readonly payloadSha256: string;
  readonly leafIndex: number;
  readonly treeSize: number;
  readonly treeRootSha256: string;
};

export class AcknowledgedList {
  readonly #path: string;
  readonly #new: AcknowledgedEntry[] = [];
  #length = 0;

  constructor(path: string) {
    this.#path = path;
  }

  get length(): number {
    return this.#length;
  }

  add(entries: readonly AcknowledgedEntry[]): void {
    appendFileSync(this.#path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    this.#new.push(...entries);
    this.#length += entries.length;
  }

  /** What was added since the last call, from memory; the file keeps it. */
  takeNew(): readonly AcknowledgedEntry[] {
    return this.#new.splice(0);
  }

  /** Everything that was ever added, as it stands in the file. */
  all(): readonly AcknowledgedEntry[] {
    const lines = readFileSync(this.#path, "utf8").split("\n");
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as AcknowledgedEntry);
  }
}
