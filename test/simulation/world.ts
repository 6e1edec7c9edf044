// One run's world: manager, products, network and time, drawn from one seed, and how a moment comes to rest.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualTime, type NetworkWeights, SeededRandomness, SimulatedNetwork } from "@countersign/simulation";
import { CarriedFiles } from "./carried-files.ts";
import { checkSumsNow, type FinishedRun } from "./check-invariants.ts";
import { DeviceWatch } from "./device-watch.ts";
import { drawTurnsFrom, poolIsEmpty } from "./drawn-pool.ts";
import { Journal } from "./journal.ts";
import { type Authority, type Backup, SimulatedManager } from "./simulated-manager.ts";
import { type Feature, SimulatedProduct, transportFailure } from "./simulated-product.ts";
import type { Workload } from "./workload.ts";

export const startAtMs = Date.parse("2031-01-24T23:02:12.000Z");
export const cause = { kind: "operator", name: "ada" } as const;
export const virtualAccounts = ["North", "South"] as const;
export const features: readonly Feature[] = [
  { tag: tagOf("Base", 1), licenseClass: "perpetual" },
  { tag: tagOf("Routing", 2), licenseClass: "subscription" },
  { tag: tagOf("Crypto", 3), licenseClass: "enforced" },
];

/** Two of the three classes need no code. So many of the third were bought by each virtual account. */
export const enforced = { tag: tagOf("Crypto", 3), bought: 4 };

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** How coarse the products' timers are, and how much time passes between two acts: minutes in detail, or months at once. */
type Pace = { readonly grainMs: number; readonly gapMsMin: number; readonly gapMsMax: number };
const paces: readonly Pace[] = [
  { grainMs: 0, gapMsMin: minuteMs, gapMsMax: 40 * minuteMs },
  { grainMs: 5 * minuteMs, gapMsMin: 2 * minuteMs, gapMsMax: 4 * hourMs },
  { grainMs: hourMs, gapMsMin: 10 * minuteMs, gapMsMax: dayMs },
  { grainMs: 6 * hourMs, gapMsMin: hourMs, gapMsMax: 8 * dayMs },
  { grainMs: dayMs, gapMsMin: 6 * hourMs, gapMsMax: 30 * dayMs },
];

export type Token = { readonly tokenId: string; readonly text: string; readonly virtualAccount: string };

export class World {
  readonly random: SeededRandomness;
  readonly time = new ManualTime(startAtMs);
  readonly journal = new Journal();
  readonly pace: Pace;
  readonly network: SimulatedNetwork;
  readonly manager: SimulatedManager;
  readonly products: SimulatedProduct[] = [];
  readonly watches = new Map<SimulatedProduct, DeviceWatch>();
  readonly tokens: Token[] = [];
  readonly backups: Backup[] = [];
  /** What was seen to be wrong while the run went on. */
  readonly problems: string[] = [];
  /** The last acts, for whoever repeats the run. */
  readonly acts: string[] = [];
  readonly mayClocksJump: boolean;
  readonly workload: Workload;
  readonly files: CarriedFiles;
  readonly #folder: string | null;
  #serials = 0;

  constructor(seed: number, workload: Workload, authority: Authority) {
    this.workload = workload;
    const random = new SeededRandomness(seed);
    authority.drawSerialsFrom(random.fork());
    // No draw of the run itself: how long signatures take changes nothing else.
    drawTurnsFrom(new SeededRandomness(seed));
    this.random = random;
    this.files = new CarriedFiles(new SeededRandomness(seed));
    this.pace = random.pick(paces);
    this.mayClocksJump = random.nextBelow(2) === 0;
    this.#folder = random.nextBelow(4) === 0 ? mkdtempSync(join(tmpdir(), "countersign-simulation-")) : null;
    const { time, journal } = this;
    this.network = new SimulatedNetwork({
      ...{ time, random: random.fork(), failure: transportFailure },
      deliver: (from, body) => this.manager.answer(from, body),
      weights: drawWeights(random),
      delayMsMax: random.pick([0, 2_000, 40_000]),
      lateMsMax: random.pick([minuteMs, hourMs, 3 * dayMs]),
    });
    const acknowledgeMode = random.nextBelow(3) === 0 ? "poll" : "inline";
    this.manager = new SimulatedManager({
      ...{ time, random: random.fork(), authority, journal, folder: this.#folder },
      managerOptions: { acknowledgeMode },
      processes: 1 + Number(random.nextBelow(3) === 0),
    });
    const count = 1 + random.nextBelow(2);
    for (let number = 1; number <= count; number += 1) this.#addProduct(`product-${number}`, authority.rootPem);
  }

  /** A device that nobody has seen before. */
  newUdi(): { readonly pid: string; readonly serialNumber: string } {
    this.#serials += 1;
    return { pid: "SIM-9000", serialNumber: `SN${String(this.#serials).padStart(5, "0")}` };
  }

  async open(): Promise<void> {
    const { administration } = this.manager;
    await administration.createSmartAccount({ name: "Example", cause });
    for (const name of virtualAccounts) await administration.createVirtualAccount({ name, cause });
    if (this.workload > 1) await this.#buy();
    for (const product of this.products) await product.start("restart");
  }

  async #buy(): Promise<void> {
    const purchase = { tag: enforced.tag, quantity: enforced.bought };
    for (const virtualAccount of virtualAccounts)
      await this.manager.administration.addPurchase({ purchase: { ...purchase, virtualAccount }, cause });
  }

  async createToken(virtualAccount: string, usesMax: number): Promise<Token> {
    const wish = { virtualAccount, usesMax, expiryDays: 9999, cause };
    const { tokenId, text } = await this.manager.administration.createToken(wish);
    const token = { tokenId, text, virtualAccount };
    this.tokens.push(token);
    return token;
  }

  /** Only a database in a file can be backed up. */
  async takeBackup(): Promise<void> {
    const backup = await this.manager.backUp();
    if (backup !== null) this.backups.push(backup);
  }

  homeOf(product: SimulatedProduct): string {
    return virtualAccounts[this.products.indexOf(product) % virtualAccounts.length] ?? virtualAccounts[0];
  }

  /** Lets time pass with everything that falls into it. */
  async pass(durationMs: number): Promise<void> {
    await this.time.advanceTo(this.time.now() + durationMs, () => this.settle());
  }

  /** Resolves when nothing goes on any more that does not wait for time to pass. */
  async settle(): Promise<void> {
    do {
      await this.network.delivered();
      for (const product of this.products) await product.settled();
      // A product may sign while another exchange of it waits. Work on simulated disks ends before the event loop turns.
      await poolIsEmpty();
    } while (this.network.isDelivering);
  }

  async look(): Promise<void> {
    for (const watch of this.watches.values()) this.problems.push(...(await watch.look()));
  }

  /** What can be compared at any moment: sums and gaps are never wrong, not even for a while. */
  async checkSums(): Promise<void> {
    this.problems.push(...(await checkSumsNow(this.asFinished())));
  }

  asFinished(): FinishedRun {
    const { manager, journal, products, tokens } = this;
    const authorizedTotal = (virtualAccount: string) => manager.authorizedTotal(virtualAccount, enforced.tag);
    return { administration: manager.administration, journal, products, virtualAccounts, tokens, authorizedTotal };
  }

  async close(): Promise<void> {
    for (const product of this.products) await product.stop();
    await this.manager.close();
    this.files.close();
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
  }

  #addProduct(name: string, rootPem: string): void {
    const { random, time, network } = this;
    const members = 1 + random.nextBelow(3);
    const slots = Array.from({ length: members }, (_, at) => ({
      udi: this.newUdi(),
      role: at === 0 ? ("Active" as const) : at === 1 ? ("Standby" as const) : ("Member" as const),
    }));
    const product = new SimulatedProduct({
      ...{ name, time, network, rootPem, slots, random: random.fork() },
      reportStoreBytes: random.nextBelow(3) === 0 ? 24_000 : 50_000_000,
      pushThrottleSeconds: random.pick([3600, 86_400]),
    });
    product.timerGrainMs = this.pace.grainMs;
    this.products.push(product);
    this.watches.set(product, new DeviceWatch(product, this.journal));
  }
}

function drawWeights(random: SeededRandomness): NetworkWeights {
  // From a good line to a very bad one.
  const trouble = random.pick([0.2, 1, 3]);
  return {
    whole: 12,
    requestLost: trouble,
    answerLost: trouble * 1.5,
    doubled: trouble,
    late: trouble,
    garbled: trouble * 0.7,
    refused: trouble,
  };
}

function tagOf(name: string, number: number): string {
  return `regid.2031-01.org.example.${name},1.0_00000000-0000-4000-8000-0000000000b${number}`;
}
