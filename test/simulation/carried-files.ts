// Files that a person carries between products and the manager: late, twice, in any order, to the wrong device. What stands on
// a carrier outlives every loss of power and every restore.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UsageSelection } from "@countersign/agent";
import type { ImportedUsage, UseCases } from "@countersign/manager";
import type { SeededRandomness } from "@countersign/simulation";
import type { Journal } from "./journal.ts";
import type { SimulatedProduct } from "./simulated-product.ts";

const daysToSave = [1, 2, 7, 30];
/** A drawer does not hold all saved usage for ever. */
const keptMax = 12;

export class CarriedFiles {
  readonly #random: SeededRandomness;
  readonly #usage: { readonly from: string; readonly bytes: Uint8Array }[] = [];
  readonly #answers: { readonly to: string; readonly bytes: Uint8Array }[] = [];
  #folder: string | null = null;
  /** How many files were written, brought to the manager, and brought back. */
  readonly counters = { filesSaved: 0, filesImported: 0, filesBroughtBack: 0 };

  constructor(random: SeededRandomness) {
    this.#random = random;
  }

  async saveUsage(product: SimulatedProduct): Promise<void> {
    const selection = this.#random.pick<() => UsageSelection>([
      () => "all",
      () => "unreported",
      () => ({ days: this.#random.pick(daysToSave) }),
      () => ({ reportId: this.#anyReport(product) }),
    ])();
    const path = this.#path();
    if (!(await product.run((agent) => agent.saveUsage(selection, path)))) return;
    const bytes = readOrNull(path);
    if (bytes === null) return;
    this.#usage.push({ from: product.name, bytes });
    if (this.#usage.length > keptMax) this.#usage.shift();
    this.counters.filesSaved += 1;
  }

  /** Any file of any day; it stays in the drawer and may be brought again. */
  async bringToManager(
    administration: UseCases,
    by: Parameters<UseCases["importUsageFile"]>[0]["cause"],
    journal: Journal,
  ) {
    if (this.#usage.length === 0) return;
    const { from, bytes } = this.#random.pick(this.#usage);
    const imported: ImportedUsage = await administration.importUsageFile({ bytes, cause: by });
    this.counters.filesImported += 1;
    if (imported.file === null) return;
    journal.gaveFile(from, imported.file);
    this.#answers.push({ to: from, bytes: Buffer.from(imported.file) });
  }

  /** What an administrator made for a device. */
  holdAnswer({ name }: SimulatedProduct, file: string): void {
    this.#answers.push({ to: name, bytes: Buffer.from(file) });
  }

  /** Mostly to the product that it is for. */
  async bringBack(products: readonly SimulatedProduct[]): Promise<void> {
    if (this.#answers.length === 0) return;
    const { to, bytes } = this.#random.pick(this.#answers);
    const wrong = this.#random.nextBelow(8) === 0;
    const product = wrong ? this.#random.pick(products) : products.find(({ name }) => name === to);
    if (product === undefined) return;
    if (await product.run((agent) => agent.importFile(bytes))) this.counters.filesBroughtBack += 1;
  }

  /** At last everything is brought to where it belongs, the newest first: what is older must undo nothing. */
  async bringAllBack(products: readonly SimulatedProduct[]): Promise<void> {
    for (const { to, bytes } of this.#answers.toReversed())
      await products.find(({ name }) => name === to)?.run((agent) => agent.importFile(bytes));
  }

  close(): void {
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
  }

  #anyReport({ agent }: SimulatedProduct): number {
    const kept = agent?.reports() ?? [];
    return kept.length === 0 ? 0 : this.#random.pick(kept).reportId;
  }

  #path(): string {
    this.#folder ??= mkdtempSync(join(tmpdir(), "countersign-carried-"));
    return join(this.#folder, "usage.xml");
  }
}

/** A device may lose its power between a write that it was told of and the file's being there; then there is none. */
function readOrNull(path: string): Uint8Array | null {
  try {
    const bytes = readFileSync(path);
    rmSync(path);
    return bytes;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
