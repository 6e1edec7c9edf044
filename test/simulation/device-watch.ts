// Looks at one product after every act: what its agent no longer holds must have been taken by the manager (I7), and its
// policy must not get older (I10).

import { type Agent, AgentError } from "@countersign/agent";
import type { Journal } from "./journal.ts";
import { mergedIdsOf, reportsOf } from "./naive-recount.ts";
import { activeIdentifier, type SimulatedProduct } from "./simulated-product.ts";

type Held = { readonly hash: string | null };

export class DeviceWatch {
  readonly #product: SimulatedProduct;
  readonly #journal: Journal;
  #held = new Map<number, Held>();
  #policyVersion = -1;
  #identifier: string | null = null;

  constructor(product: SimulatedProduct, journal: Journal) {
    this.#product = product;
    this.#journal = journal;
  }

  /** A person removed reports or policy, or the product begins anew: what was held or installed before says nothing. */
  forget(): void {
    this.#held = new Map();
    this.#policyVersion = -1;
  }

  forgetPolicy(): void {
    this.#policyVersion = -1;
  }

  async look(): Promise<readonly string[]> {
    const { agent } = this.#product;
    if (agent === null) return [];
    return [...(await this.#findVanished(agent)), ...this.#comparePolicy(agent)];
  }

  async #findVanished(agent: Agent): Promise<readonly string[]> {
    const held = new Map<number, Held>();
    for (const { reportId, status, payloadSha256 } of agent.reports()) {
      if (status !== "open") held.set(reportId, { hash: payloadSha256 });
    }
    const vanished = [...this.#held].filter(([id]) => !held.has(id));
    this.#held = held;
    if (vanished.length === 0) return [];
    const taken = this.#takenIds();
    const lost = vanished.filter(([id, { hash }]) => !taken.has(id) || (hash !== null && !taken.get(id)?.has(hash)));
    const merged = lost.length === 0 ? new Set<number>() : await this.#mergedIds(agent, held);
    return lost
      .filter(([id]) => !merged.has(id))
      .map(([id]) => `[I7] ${this.#product.name} deleted report ${id}, which the manager has not accepted`);
  }

  #takenIds(): Map<number, Set<string>> {
    const taken = new Map<number, Set<string>>();
    for (const { reportId, payloadSha256, report } of this.#journal.everCommitted) {
      const hashes = taken.get(reportId) ?? new Set<string>();
      if (this.#isOwn(report)) taken.set(reportId, hashes.add(payloadSha256));
    }
    return taken;
  }

  #isOwn(report: Parameters<typeof mergedIdsOf>[0]): boolean {
    const { udi_pid: pid, udi_serial_number: serialNumber } = report.asset_identification.instance.sudi;
    return this.#product.udis.has(`PID:${pid},SN:${serialNumber}`);
  }

  /** Ids that live on in a report that is held, or was accepted. */
  async #mergedIds(agent: Agent, held: ReadonlyMap<number, Held>): Promise<Set<number>> {
    const merged = new Set(reportsOf(this.#journal.everCommitted, this.#product.udis).flatMap(mergedIdsOf));
    for (const id of held.keys()) {
      const body = await bodyOf(agent, id);
      const report =
        body?.kind === "signed" ? JSON.parse(body.report.payload) : body?.kind === "draft" ? body.report : null;
      for (const one of report === null ? [] : mergedIdsOf(report)) merged.add(one);
    }
    return merged;
  }

  #comparePolicy(agent: Agent): readonly string[] {
    const version = agent.state().policy.inForce.policy_version;
    const before = this.#policyVersion;
    this.#policyVersion = version;
    // Another identity is another history: its policies are compared with each other only.
    const identifier = activeIdentifier(this.#product);
    const isSame = identifier === this.#identifier;
    this.#identifier = identifier;
    return isSame && version < before
      ? [`[I10] ${this.#product.name} went from policy version ${before} to ${version}`]
      : [];
  }
}

async function bodyOf(agent: Agent, reportId: number) {
  try {
    return (await agent.report(reportId)).body;
  } catch (error) {
    if (error instanceof AgentError) return null;
    throw error;
  }
}
