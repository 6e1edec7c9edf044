// What one transaction of usage reports has to remember until its end: per smart account the ledger's new leaves, the
// acknowledgements waiting for the tree head, and sums that change. Written once, by `finish`.

import {
  type AcknowledgedReport,
  appendLeaves,
  encodeAcknowledgement,
  type Hash,
  reportLeaf,
  rootOf,
  sudiOf,
  type TreeHead,
} from "@countersign/protocol";
import type { SmartAccount } from "../accounts/account.ts";
import type { NewEvent } from "../events/event.ts";
import { appendToTiles, hashesOnLevel, type Tile, tileWidth } from "../ledger/tiles.ts";
import type { PolicySetting } from "../policies/policy-setting.ts";
import type { LedgerHead, Transaction } from "../storage-ports.ts";
import type { Installation, ProductInstance } from "../trust/product-instance.ts";
import type { UsageDifference } from "../usage/in-use.ts";
import type { StoredAcknowledgement, UsageTotalChange } from "../usage/stored-report.ts";

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
    await transaction.events.addEvents(this.events.map((event) => ({ ...event, smartAccountId })));
  }

  async #appendToLedger(transaction: Transaction, now: number): Promise<TreeHead | null> {
    const { smartAccountId, ledgerId } = this.account;
    const tree = appendLeaves(this.#head, this.#leaves);
    if (this.pending.size > 0) {
      await transaction.ledger.putHead({ smartAccountId, ...tree, nextAcknowledgementId: this.#nextAcknowledgementId });
    }
    const rootSha256 = Buffer.from(rootOf(tree)).toString("hex");
    if (this.#leaves.length > 0) {
      const tiles = await readLastTiles(transaction, this.#head, tree.size);
      const writes = appendToTiles(this.#head.size, this.#leaves, ({ level }) => tiles.get(level) ?? new Uint8Array(0));
      for (const { position, tile } of writes) await transaction.ledger.putTile(smartAccountId, position, tile);
      await transaction.ledger.addTreeHead(smartAccountId, tree.size, rootSha256, now);
    }
    return tree.size === 0 ? null : { ledger_id: ledgerId, size: tree.size, root_sha256: rootSha256 };
  }
}

/** The partly filled last tile of each level that an append will touch. */
async function readLastTiles(
  transaction: Transaction,
  head: LedgerHead,
  newSize: number,
): Promise<ReadonlyMap<number, Tile>> {
  const tiles = new Map<number, Tile>();
  for (let level = 0; hashesOnLevel(newSize, level) > hashesOnLevel(head.size, level); level += 1) {
    const count = hashesOnLevel(head.size, level);
    if (count % tileWidth === 0) continue;
    const position = { level, index: Math.floor(count / tileWidth) };
    const tile = await transaction.ledger.readTile(head.smartAccountId, position);
    if (tile !== undefined) tiles.set(level, tile);
  }
  return tiles;
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
