// The tree from its leaves: each leaf from its report or its act, each stored hash above, each head that was ever given out.

import { createHash } from "node:crypto";
import {
  appendLeaves,
  auditLeaf,
  emptyTree,
  type Hash,
  hexOfHash,
  reportLeaf,
  rootOf,
  type TreeState,
} from "@countersign/protocol";
import type { StoredAuditEntry } from "../../audit/audit-entry.ts";
import { splitTile, tileWidth } from "../../ledger/tiles.ts";
import type { AuditedReport, AuditReader } from "../../storage-ports.ts";
import { auditBody } from "./audit-body.ts";
import { SignatureAudit, type SignatureCounts } from "./audit-signatures.ts";
import { type Findings, type Progress, progressEvery } from "./findings.ts";
import { Peekable } from "./peekable.ts";

export type TreeAudit = {
  readonly size: number;
  readonly rootSha256: string;
  /** Reports whose body was hashed anew, and those of which only the hash is left. */
  readonly reports: number;
  readonly provedWithoutBody: number;
  readonly signatures: SignatureCounts;
  /** Administrative acts, each compared with its text. */
  readonly acts: number;
  readonly treeHeads: number;
};

export async function auditTree(
  reader: AuditReader,
  smartAccountId: number,
  tell: { readonly findings: Findings; readonly progress: Progress },
): Promise<TreeAudit> {
  const audit = new TreeRecomputation(reader, smartAccountId, tell);
  for await (const tile of reader.leafTiles(smartAccountId)) {
    for (const leaf of splitTile(tile)) await audit.add(leaf);
  }
  return audit.finish();
}

type AuditedAct = Pick<StoredAuditEntry, "leafIndex" | "entry">;

class TreeRecomputation {
  readonly #reader: AuditReader;
  readonly #smartAccountId: number;
  readonly #findings: Findings;
  readonly #progress: Progress;
  readonly #reports: Peekable<AuditedReport>;
  readonly #acts: Peekable<AuditedAct>;
  readonly #heads: Peekable<{ readonly size: number; readonly rootSha256: string }>;
  /** Per level above the leaves: hashes of the tile that is being filled, and which tile that is. */
  readonly #levels: { tree: TreeState; tileIndex: number }[] = [];
  readonly #signatures: SignatureAudit;
  #tree: TreeState = emptyTree;
  #counts = { reports: 0, provedWithoutBody: 0, acts: 0, treeHeads: 0 };
  #purged = 0;
  #purgedBelow: number | undefined;

  constructor(reader: AuditReader, smartAccountId: number, tell: { findings: Findings; progress: Progress }) {
    this.#reader = reader;
    this.#smartAccountId = smartAccountId;
    this.#findings = tell.findings;
    this.#progress = tell.progress;
    this.#signatures = new SignatureAudit(reader);
    this.#reports = new Peekable(reader.reportsByLeaf(smartAccountId));
    this.#acts = new Peekable(reader.auditEntries(smartAccountId));
    this.#heads = new Peekable(reader.treeHeads(smartAccountId));
  }

  async add(leaf: Hash): Promise<void> {
    const index = this.#tree.size;
    await this.#compareEntries(leaf, index);
    this.#tree = appendLeaves(this.#tree, [leaf]);
    await this.#compareHeads();
    await this.#carry(0, leaf);
    if (this.#tree.size % progressEvery === 0) this.#progress(this.#tree.size, "entries");
  }

  /** A leaf is one report or one act; two that claim one leaf are both compared. */
  async #compareEntries(leaf: Hash, index: number): Promise<void> {
    const here = await this.#reports.takeWhile(({ leafIndex }) => leafIndex <= index);
    const acts = await this.#acts.takeWhile(({ leafIndex }) => leafIndex <= index);
    for (const act of acts) this.#compareAct(act, leaf, index);
    const claims = here.length + acts.length;
    if (claims !== 1) this.#findings.add("leaf_altered", `leaf ${index} belongs to ${claims} reports and acts`);
    for (const report of here) {
      const expected = hexOfHash(reportLeaf(Buffer.from(report.payloadSha256, "hex")));
      if (report.leafIndex !== index || expected !== hexOfHash(leaf))
        this.#findings.add("leaf_altered", nameOf(report));
      await this.#auditBody(report);
    }
  }

  #compareAct(act: AuditedAct, leaf: Hash, index: number): void {
    this.#counts.acts += 1;
    const expected = hexOfHash(auditLeaf(createHash("sha256").update(act.entry).digest()));
    if (act.leafIndex !== index || expected !== hexOfHash(leaf))
      this.#findings.add("act_altered", `administrative act at leaf ${act.leafIndex}`);
  }

  async #auditBody(report: AuditedReport): Promise<void> {
    this.#purgedBelow ??= await this.#reader.purgedBelow(this.#smartAccountId);
    if (report.payload === null) {
      this.#counts.provedWithoutBody += 1;
      if (report.leafIndex < this.#purgedBelow) this.#purged += 1;
      else this.#findings.add("body_missing", nameOf(report));
      return;
    }
    this.#counts.reports += 1;
    const { payload } = report;
    for (const code of [auditBody(report, payload), await this.#signatures.audit({ ...report, payload })])
      if (code !== null) this.#findings.add(code, nameOf(report));
  }

  async #compareHeads(): Promise<void> {
    const { size } = this.#tree;
    for (const head of await this.#heads.takeWhile((one) => one.size <= size)) {
      this.#counts.treeHeads += 1;
      if (head.size !== size || head.rootSha256 !== hexOfHash(rootOf(this.#tree)))
        this.#findings.add("head_altered", `the tree head of ${head.size} entries`);
    }
  }

  /** A full tile's root stands one level up, where it fills the next tile. */
  async #carry(level: number, hash: Hash): Promise<void> {
    const own = this.#levels[level] ?? { tree: emptyTree, tileIndex: 0 };
    this.#levels[level] = own;
    own.tree = appendLeaves(own.tree, [hash]);
    if (own.tree.size < tileWidth) return;
    const root = rootOf(own.tree);
    await this.#compareAbove(level + 1, own.tileIndex, root);
    own.tree = emptyTree;
    own.tileIndex += 1;
    await this.#carry(level + 1, root);
  }

  async #compareAbove(level: number, at: number, root: Hash): Promise<void> {
    const position = { level, index: Math.floor(at / tileWidth) };
    const tile = await this.#reader.ledger.readTile(this.#smartAccountId, position);
    const stored = tile === undefined ? undefined : splitTile(tile)[at % tileWidth];
    if (stored === undefined || hexOfHash(stored) !== hexOfHash(root))
      this.#findings.add("tile_altered", `hash ${at} on level ${level}`);
  }

  async finish(): Promise<TreeAudit> {
    const { verified, unverifiable } = this.#signatures;
    const { size } = this.#tree;
    for (let left = await this.#reports.take(); left !== undefined; left = await this.#reports.take())
      this.#findings.add("leaf_missing", nameOf(left));
    for (let left = await this.#acts.take(); left !== undefined; left = await this.#acts.take())
      this.#findings.add("leaf_missing", `administrative act at leaf ${left.leafIndex}`);
    for (let left = await this.#heads.take(); left !== undefined; left = await this.#heads.take())
      this.#findings.add("head_altered", `the tree head of ${left.size} entries`);
    const head = await this.#reader.ledger.readHead(this.#smartAccountId);
    if (head.size !== size) this.#findings.add("leaf_missing", `the ledger says ${head.size} entries and has ${size}`);
    const rootSha256 = hexOfHash(rootOf(this.#tree));
    if (hexOfHash(rootOf(head)) !== rootSha256) this.#findings.add("head_altered", "the newest tree head");
    return { size, rootSha256, ...this.#counts, signatures: { verified, unverifiable, purged: this.#purged } };
  }
}

function nameOf({ reportId, installationId, leafIndex }: AuditedReport): string {
  return `report ${reportId} of installation ${installationId} at leaf ${leafIndex}`;
}
