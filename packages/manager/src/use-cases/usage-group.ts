// What one transaction of usage reports has to remember until its end: per smart account the ledger's new leaves, the
// acknowledgements waiting for the tree head, and sums that change. Written once, by `finish`.

import {
  type AcknowledgedReport,
  encodeAcknowledgement,
  type Hash,
  reportLeaf,
  sudiOf,
  type TreeHead,
} from "@countersign/protocol";
import type { SmartAccount } from "../accounts/account.ts";
import type { NewEvent } from "../events/event.ts";
import type { PolicySetting } from "../policies/policy-setting.ts";
import type { LedgerHead, Transaction } from "../storage-ports.ts";
import type { Installation, ProductInstance } from "../trust/product-instance.ts";
import type { UsageDifference } from "../usage/in-use.ts";
import type { StoredAcknowledgement, UsageTotalChange } from "../usage/stored-report.ts";
import { writeAct } from "./administer.ts";
import { appendToLedger } from "./append-to-ledger.ts";

/** An ACK that lacks only the tree head of its group. */
export type PendingAcknowledgement = Omit<StoredAcknowledgement, "payload"> & {
  readonly instance: ProductInstance;
  readonly sequence: number;
  readonly policyVersion: number;
  readonly reports: readonly AcknowledgedReport[];
};

export class AccountGroup {
  readonly account: SmartAccount;
  readonly policySettings: readonly PolicySetting[];
  readonly pending = new Map<number, PendingAcknowledgement>();
  readonly written = new Map<number, StoredAcknowledgement>();
  readonly events: NewEvent[] = [];
  readonly #head: LedgerHead;
  readonly #leaves: Hash[] = [];
  readonly #totals = new Map<string, UsageTotalChange>();
  readonly #installations = new Map<number, Installation>();
  #nextAcknowledgementId: number;

  constructor(account: SmartAccount, policySettings: readonly PolicySetting[], head: LedgerHead) {
    this.account = account;
    this.policySettings = policySettings;
    this.#head = head;
    this.#nextAcknowledgementId = head.nextAcknowledgementId;
  }

  /** Index that the next accepted report gets. */
  get nextLeafIndex(): number {
    return this.#head.size + this.#leaves.length;
  }

  get nextAcknowledgementId(): number {
    return this.#nextAcknowledgementId;
  }

  addLeaf(payloadSha256: string): void {
    this.#leaves.push(reportLeaf(Buffer.from(payloadSha256, "hex")));
  }

  addAcknowledgement(acknowledgement: PendingAcknowledgement): void {
    this.pending.set(acknowledgement.acknowledgementId, acknowledgement);
    this.#nextAcknowledgementId += 1;
  }

  changeTotal(virtualAccountId: number, tagId: number, difference: UsageDifference): void {
    const key = `${virtualAccountId} ${tagId}`;
    const sum = this.#totals.get(key);
    this.#totals.set(key, {
      smartAccountId: this.account.smartAccountId,
      virtualAccountId,
      tagId,
      verified: (sum?.verified ?? 0) + difference.verified,
      unverified: (sum?.unverified ?? 0) + difference.unverified,
      installations: (sum?.installations ?? 0) + difference.installations,
    });
  }

  /** The installation as this group has left it so far, or undefined when the group has not touched it. */
  installation(installationId: number): Installation | undefined {
    return this.#installations.get(installationId);
  }

  putInstallation(installation: Installation): void {
    this.#installations.set(installation.installationId, installation);
  }

  /** Writes everything that was collected. After this, `written` holds every acknowledgement of the group. */
  async finish(transaction: Transaction, now: number): Promise<void> {
    const { smartAccountId } = this.account;
    const events = this.events.map((event) => ({ ...event, smartAccountId }));
    await this.#writeActs(transaction, events, now);
    const treeHead = await this.#appendToLedger(transaction, now);
    for (const pending of this.pending.values()) {
      const stored = completeAcknowledgement(pending, treeHead);
      this.written.set(stored.acknowledgementId, stored);
      await transaction.acknowledgements.addAcknowledgement(stored);
    }
    for (const installation of this.#installations.values()) await transaction.trust.putInstallation(installation);
    const changed = [...this.#totals.values()].filter(
      (total) => total.verified !== 0 || total.unverified !== 0 || total.installations !== 0,
    );
    await transaction.usage.changeTotals(changed);
    await transaction.events.addEvents(events.filter(({ cause }) => cause.kind !== "file"));
  }

  /** Reports that a person carried are that person's act too (I6); its leaves follow those of the reports. */
  async #writeActs(transaction: Transaction, events: readonly NewEvent[], atMs: number): Promise<void> {
    const { smartAccountId } = this.account;
    const carried = events.filter(({ cause }) => cause.kind === "file");
    for (const [cause, told] of Map.groupBy(carried, (event) => event.cause)) {
      const act = { act: "import_usage_file", cause, atMs, events: told } as const;
      const place = { smartAccountId, firstLeaf: this.nextLeafIndex };
      this.#leaves.push(...(await writeAct(transaction, place, act)));
    }
  }

  async #appendToLedger(transaction: Transaction, now: number): Promise<TreeHead | null> {
    const { ledgerId } = this.account;
    const head = { ...this.#head, nextAcknowledgementId: this.#nextAcknowledgementId };
    if (this.pending.size === 0 && this.#leaves.length === 0) return null;
    const appended = await appendToLedger(transaction.ledger, head, this.#leaves, now);
    return appended.size === 0 ? null : { ledger_id: ledgerId, ...appended };
  }
}

function completeAcknowledgement(pending: PendingAcknowledgement, treeHead: TreeHead | null): StoredAcknowledgement {
  const { instance, sequence, policyVersion, reports, ...stored } = pending;
  const payload = encodeAcknowledgement({
    version: "1.0",
    product_instance_identifier: instance.productInstanceIdentifier,
    sudi: sudiOf(instance.udi),
    sequence,
    acknowledged_at: stored.atMs,
    policy_version: policyVersion,
    reports: [...reports],
    tree_head: treeHead,
  });
  return { ...stored, payload };
}

/** Opens the groups of a transaction, one per smart account that has items in it. */
export async function openAccountGroups(
  transaction: Transaction,
  smartAccountIds: ReadonlySet<number>,
): Promise<ReadonlyMap<number, AccountGroup>> {
  const groups = new Map<number, AccountGroup>();
  for (const account of await transaction.accounts.listSmartAccounts()) {
    if (!smartAccountIds.has(account.smartAccountId)) continue;
    const settings = await transaction.policies.listPolicySettings(account.smartAccountId);
    groups.set(
      account.smartAccountId,
      new AccountGroup(account, settings, await transaction.ledger.readHead(account.smartAccountId)),
    );
  }
  return groups;
}
