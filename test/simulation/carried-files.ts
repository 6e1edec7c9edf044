// Files that a person carries between products and the manager: late, twice, in any order, to the wrong device. What stands on
// a carrier outlives every loss of power and every restore.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Agent, UsageSelection } from "@countersign/agent";
import type { ImportedUsage, UseCases } from "@countersign/manager";
import type { SeededRandomness } from "@countersign/simulation";
import type { Journal } from "./journal.ts";
import type { SimulatedProduct } from "./simulated-product.ts";

const daysToSave = [1, 2, 7, 30];
/** A drawer does not hold all saved usage for ever. */
const keptMax = 12;

export type RequestKind = "trust" | "authorization";

export class CarriedFiles {
  readonly #random: SeededRandomness;
  readonly #usage: { readonly from: string; readonly bytes: Uint8Array }[] = [];
  /** Requests for trust, and requests and returns of authorization codes. */
  readonly #requests: { readonly from: string; readonly about: RequestKind; readonly bytes: Uint8Array }[] = [];
  readonly #answers: { readonly to: string; readonly bytes: Uint8Array }[] = [];
  #folder: string | null = null;
  /** How many files were written, brought to the manager, and brought back. */
  readonly counters = { filesSaved: 0, filesImported: 0, filesBroughtBack: 0, requestsSaved: 0, requestsImported: 0 };

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
    const bytes = await this.#write(product, (agent, path) => agent.saveUsage(selection, path));
    if (bytes === null) return;
    keep(this.#usage, { from: product.name, bytes });
    this.counters.filesSaved += 1;
  }

  /** `save` writes the file at the path it is given. */
  async saveRequest(
    about: RequestKind,
    product: SimulatedProduct,
    save: (agent: Agent, path: string) => Promise<unknown>,
  ): Promise<void> {
    const bytes = await this.#write(product, save);
    if (bytes === null) return;
    keep(this.#requests, { from: product.name, about, bytes });
    this.counters.requestsSaved += 1;
  }

  /** Any request of this kind, of any day and any number of times; `answer` is what the manager makes of it. */
  async bringRequest(
    about: RequestKind,
    answer: (bytes: Uint8Array, from: string) => Promise<string | null>,
  ): Promise<void> {
    const requests = this.#requests.filter((request) => request.about === about);
    if (requests.length === 0) return;
    const { from, bytes } = this.#random.pick(requests);
    const file = await answer(bytes, from);
    this.counters.requestsImported += 1;
    if (file !== null) this.#answers.push({ to: from, bytes: Buffer.from(file) });
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

  async #write(
    product: SimulatedProduct,
    save: (agent: Agent, path: string) => Promise<unknown>,
  ): Promise<Uint8Array | null> {
    const path = this.#path();
    return (await product.run((agent) => save(agent, path))) ? readOrNull(path) : null;
  }

  #path(): string {
    this.#folder ??= mkdtempSync(join(tmpdir(), "countersign-carried-"));
    return join(this.#folder, "carried.xml");
  }
}

function keep<T>(drawer: T[], file: T): void {
  drawer.push(file);
  if (drawer.length > keptMax) drawer.shift();
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
