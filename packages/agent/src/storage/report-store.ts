// Reports on disk: an append costs the same with one report and with a year of them, and the whole stays below a budget.
// One append and one flush per step; what is deleted leaves a tombstone, and the oldest segment is rewritten when enough
// of the log is dead (bounded by the segment's size); when even what is alive grows too large, the oldest closed reports
// of one tag become one, with nothing lost from the totals (BET-22).

import {
  assert,
  type Measurement,
  parseIdRanges,
  type RumReport,
  reportHash,
  type SignedReport,
} from "@countersign/protocol";
import type { HeldReport } from "../lifecycle/event.ts";
import { mergeReports } from "../lifecycle/merge-reports.ts";
import type {
  Disk,
  HandedOut,
  ReportBody,
  ReportEffect,
  ReportEntry,
  ReportMerge,
  ReportStatus,
  ReportStore,
  SignBody,
  StorageDamage,
  UnwrittenStep,
} from "../ports.ts";
import { draftOf, measurementOf, withCloseReason } from "../report-draft.ts";
import { SerialQueue } from "../serial-queue.ts";
import { entryOf, ReportIndex, type ReportRecordHead, type StoredReport } from "./report-index.ts";
import { type Location, SegmentedLog } from "./segmented-log.ts";

/** Bytes of the report store on disk, everything counted. */
export const reportStoreBytesMax = 50_000_000;
const segmentBytesMax = 262_144;
/** Parts of the budget: what may be alive before reports are merged, before handed-out ones are, and what may be used before the log is rewritten. */
const liveShareMax = 0.6;
const lastResortShare = 0.7;
const totalShareMax = 0.85;
/** Reports that become one in one go. */
const mergeReportsMax = 32;
/** Merged ids that one report can name are bounded by the protocol (4096 characters, ranges of ids). */
const mergedIdsMax = 340;
/** What was merged keeps so many measurements: enough to see a year's shape, few enough to make room. */
const mergedMeasurementsMax = 64;

/** Bytes of measurements that may wait for a write, and until then stand in every stored state. */
export const unwrittenBytesMax = 8_192;

type StagedRecord = { readonly head: ReportRecordHead; readonly location: Location };
type MeasureEffect = Extract<ReportEffect, { readonly type: "measure" }>;
type Mergeable = { readonly report: RumReport; readonly named: number; readonly held: HeldReport };

export class DiskReportStore implements ReportStore {
  readonly #disk: Disk;
  readonly #bytesMax: number;
  readonly #segmentBytes: number;
  readonly #queue = new SerialQueue();
  #log: SegmentedLog;
  #index: ReportIndex;
  #isOpen = false;
  /** Signed, but whoever counts reports has not said that it counted them as handed out: to it they are closed. */
  readonly #untold = new Set<number>();
  #unwritten: readonly UnwrittenStep[] = [];

  constructor(disk: Disk, bytesMax: number = reportStoreBytesMax) {
    this.#disk = disk;
    this.#bytesMax = bytesMax;
    this.#segmentBytes = Math.min(segmentBytesMax, Math.ceil(bytesMax / 20));
    this.#log = new SegmentedLog(disk, "reports", this.#segmentBytes);
    this.#index = new ReportIndex(this.#log);
  }

  open(unwritten: readonly UnwrittenStep[] = []) {
    return this.#queue.run(async () => {
      this.#unwritten = unwritten;
      const damage = await this.#read();
      return { damage, lastStep: this.#index.lastStep, greatestReportId: this.#index.greatestReportId };
    });
  }

  apply(step: number, effects: readonly ReportEffect[]): Promise<readonly ReportMerge[]> {
    return this.#change(async () => {
      if (effects.length > 0 && effects.every(isMeasure)) {
        this.#measure({ step, effects });
        if (this.#log.stagedBytes <= unwrittenBytesMax) return [];
      } else {
        for (const [index, effect] of effects.entries()) {
          if (!this.#index.isDone(step, index)) await this.#carryOut(effect, { step, index });
        }
      }
      const merges = await this.#mergeIfLarge();
      await this.#commit();
      await this.#rewriteIfWasteful();
      return merges;
    });
  }

  get unwritten(): readonly UnwrittenStep[] {
    return this.#unwritten;
  }

  flush(): Promise<void> {
    return this.#change(() => this.#commit());
  }

  handOut(reportIds: readonly number[], sign: SignBody): Promise<HandedOut> {
    return this.#change(async () => {
      const reports: { reportId: number; report: SignedReport }[] = [];
      const newIds: number[] = [];
      const signed: StagedRecord[] = [];
      for (const reportId of reportIds) {
        const stored = this.#index.get(reportId);
        const body = stored === undefined ? null : await this.#readBody(stored);
        if (stored === undefined || body === null || body.kind === "measurements") continue;
        const report = await sign(body);
        if (body.kind === "draft") this.#untold.add(reportId);
        if (this.#untold.has(reportId)) newIds.push(reportId);
        if (body.kind === "draft" || body.report !== report) signed.push(this.#stageSigned(stored, report));
        reports.push({ reportId, report });
      }
      await this.#commit();
      // Not before: what could not be stored is signed anew, perhaps as another installation, and its hash must not have been shown.
      for (const { head, location } of signed) this.#index.follow(head, location);
      await this.#rewriteIfWasteful();
      return { reports, newIds };
    });
  }

  told(reportIds: readonly number[]): void {
    for (const reportId of reportIds) this.#untold.delete(reportId);
  }

  oldestWaiting(limit: number): readonly ReportEntry[] {
    const oldest: ReportEntry[] = [];
    if (limit <= 0) return oldest;
    for (const report of this.#index.waiting()) {
      oldest.push(this.#entryOf(report));
      if (oldest.length >= limit) break;
    }
    return oldest;
  }

  find(reportId: number): ReportEntry | undefined {
    const report = this.#index.get(reportId);
    return report === undefined ? undefined : this.#entryOf(report);
  }

  *entries(): Iterable<ReportEntry> {
    for (const report of this.#index.values()) yield this.#entryOf(report);
  }

  read(reportId: number): Promise<ReportBody | null> {
    return this.#queue.run(async () => {
      const report = this.#index.get(reportId);
      return report === undefined ? null : this.#readBody(report);
    });
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#log.totalBytes;
  }

  /** What is known stays until all is read: whoever asks while the disk cannot be read must not hear that there is nothing. */
  async #read(isAfterFailure = false): Promise<readonly StorageDamage[]> {
    const log = new SegmentedLog(this.#disk, "reports", this.#segmentBytes);
    const index = new ReportIndex(log);
    const damage = await log.open((head, location) => index.follow(head, location));
    if (isAfterFailure) await log.secureNewest();
    index.sortByAge();
    this.#log = log;
    this.#index = index;
    const unwritten = this.#unwritten;
    this.#unwritten = [];
    for (const step of unwritten) this.#measure(step);
    this.#isOpen = true;
    return damage;
  }

  /** A write that failed may have left half a record: the store is then read anew, and goes on in a new segment. */
  #change<T>(task: () => Promise<T>): Promise<T> {
    return this.#queue.run(async () => {
      if (!this.#isOpen) await this.#read(true);
      try {
        return await task();
      } catch (error) {
        this.#isOpen = false;
        throw error;
      }
    });
  }

  /** In memory only: a stored step holds the same. */
  #measure(unwritten: UnwrittenStep): void {
    const { step, effects } = unwritten;
    if (this.#index.isDone(step, effects.length - 1)) return;
    for (const [index, effect] of effects.entries()) {
      assert(isMeasure(effect), "only measurements wait for a write");
      if (!this.#index.isDone(step, index)) this.#writeMeasurement(effect, { step, index });
    }
    this.#unwritten = [...this.#unwritten, unwritten];
  }

  async #commit(): Promise<void> {
    await this.#log.commit();
    this.#unwritten = [];
  }

  #write(head: ReportRecordHead, body = ""): void {
    this.#index.follow(head, this.#log.stage(head, body));
  }

  #stageSigned(stored: StoredReport, report: SignedReport): StagedRecord {
    const sha = reportHash(report);
    // What an ACK names by its hash must stay what it was.
    assert(
      stored.payloadSha256 === null || stored.payloadSha256 === sha,
      "a payload that was handed out never changes",
    );
    const status = stored.status === "unacknowledged" || stored.status === "refused" ? stored.status : "pending";
    const head = { k: "signed", id: stored.reportId, tag: stored.tag, sha, status } as const;
    return { head, location: this.#log.stage(head, JSON.stringify(report)) };
  }

  async #readBody(report: StoredReport): Promise<ReportBody> {
    if (report.body === null) return { kind: "measurements", measurements: await this.#readMeasurements(report) };
    const text = await this.#log.readBody(report.body);
    return report.payloadSha256 === null
      ? { kind: "draft", report: JSON.parse(text) as RumReport }
      : { kind: "signed", report: JSON.parse(text) as SignedReport };
  }

  #entryOf(report: StoredReport): ReportEntry {
    return { ...entryOf(report), status: this.#statusOf(report) };
  }

  #statusOf({ reportId, status }: StoredReport): ReportStatus {
    return status === "pending" && this.#untold.has(reportId) ? "closed" : status;
  }

  async #carryOut(effect: ReportEffect, at: { step: number; index: number }): Promise<void> {
    switch (effect.type) {
      case "measure":
        return this.#writeMeasurement(effect, at);
      case "close-report":
        return this.#close(effect, at);
      case "delete-reports":
        return this.#write({ k: "delete", ids: effect.reportIds, ...at });
      case "mark-reports":
        return this.#write({ k: "mark", ids: effect.reportIds, status: effect.status, ...at });
      case "requeue-refused":
        return this.#write({ k: "requeue", ...at });
      case "delete-all-reports":
        return this.#write({ k: "clear", ...at });
      default:
        return effect satisfies never;
    }
  }

  #writeMeasurement(effect: MeasureEffect, at: { step: number; index: number }): void {
    const n = this.#index.get(effect.reportId)?.measurements.length ?? 0;
    this.#write(
      { k: "measure", id: effect.reportId, tag: effect.tag, n, ...at },
      JSON.stringify(measurementOf(effect)),
    );
  }

  async #close(
    effect: Extract<ReportEffect, { type: "close-report" }>,
    at: { step: number; index: number },
  ): Promise<void> {
    const { reportId, tag, reason } = effect;
    const open = this.#index.get(reportId);
    const measurements = open === undefined || open.status !== "open" ? [] : await this.#readMeasurements(open);
    // Nothing was measured, or it was closed before the state was set back: there is nothing to close.
    if (measurements.length === 0) return this.#write({ k: "mark", ids: [], status: "unacknowledged", ...at });
    const draft = draftOf(effect, withCloseReason(measurements, reason));
    this.#write({ k: "draft", id: reportId, tag, ...at }, JSON.stringify(draft));
  }

  async #readMeasurements(report: StoredReport): Promise<readonly Measurement[]> {
    const measurements: Measurement[] = [];
    for (const location of report.measurements) {
      // A hole is a measurement that was lost to a damaged segment.
      if (location !== undefined) measurements.push(JSON.parse(await this.#log.readBody(location)) as Measurement);
    }
    return measurements;
  }

  /** At most one merge a step: each one frees more than a step brings. */
  async #mergeIfLarge(): Promise<readonly ReportMerge[]> {
    const { liveBytes } = this.#log;
    if (liveBytes <= this.#bytesMax * liveShareMax) return [];
    const unseen = await this.#chooseUnseen();
    const chosen =
      unseen.length < 2 && liveBytes > this.#bytesMax * lastResortShare ? await this.#chooseSeen() : unseen;
    if (chosen.length < 2) return [];
    const merged = mergeReports(
      chosen.map(({ report }) => report),
      { measurementsMax: mergedMeasurementsMax },
    );
    const into = merged.asset_identification.report_id;
    const removed = chosen.map(({ held }) => held).filter(({ reportId }) => reportId !== into);
    const ids = removed.map(({ reportId }) => reportId);
    this.#write({ k: "draft", id: into, tag: merged.meta.entitlement_tag, removed: ids }, JSON.stringify(merged));
    return [{ removed, into }];
  }

  async #chooseUnseen(): Promise<readonly Mergeable[]> {
    const chosen: Mergeable[] = [];
    let named = 0;
    for (const stored of [...take(this.#index.mergeable(), mergeReportsMax)]) {
      const candidate = await this.#readMergeable(stored);
      if (named + candidate.named > mergedIdsMax) {
        if (chosen.length > 1) break;
        // The oldest is full: it stays as it is, and the next merge starts behind it.
        for (const { held } of chosen.splice(0)) this.#markFull(held.reportId);
        named = 0;
      }
      chosen.push(candidate);
      named += candidate.named;
    }
    return chosen;
  }

  /**
   * The last resort: what was handed out but never acknowledged lives on under an id that nobody has seen. Should the
   * manager have it after all, the later report tells the same time again, and the later one stands.
   */
  async #chooseSeen(): Promise<readonly Mergeable[]> {
    const chosen: Mergeable[] = [];
    let named = 0;
    // The unseen one comes first: without it nothing can be merged.
    for (const stored of this.#index.oldestOfOneTag(mergeReportsMax).toReversed()) {
      const candidate = await this.#readMergeable(stored);
      if (named + candidate.named > mergedIdsMax) continue;
      chosen.push(candidate);
      named += candidate.named;
    }
    return chosen;
  }

  async #readMergeable(stored: StoredReport): Promise<Mergeable> {
    const body = await this.#readBody(stored);
    const status = this.#statusOf(stored);
    assert(body.kind !== "measurements" && status !== "open", "only closed reports are merged");
    const report = body.kind === "draft" ? body.report : (JSON.parse(body.report.payload) as RumReport);
    return { report, named: 1 + mergedRangeCount(report), held: { reportId: stored.reportId, status } };
  }

  #markFull(reportId: number): void {
    const report = this.#index.get(reportId);
    if (report !== undefined) this.#index.markFull(report);
  }

  /** Rewrites what is alive in the oldest segment to the end of the log, then drops the segment. One segment a step. */
  async #rewriteIfWasteful(): Promise<void> {
    const { liveBytes, totalBytes } = this.#log;
    const dead = totalBytes - liveBytes;
    const isWasteful = dead > 2 * this.#segmentBytes && dead > liveBytes;
    const oldest = this.#log.oldestClosed();
    if (oldest === null || !(isWasteful || totalBytes > this.#bytesMax * totalShareMax)) return;
    this.#write({ k: "position", greatestReportId: this.#index.greatestReportId, ...this.#index.position });
    for (const { head, location, body } of await this.#log.readSegment(oldest)) {
      this.#rewriteIfLive(head as ReportRecordHead, location, body);
    }
    await this.#log.commit();
    await this.#log.dropSegment(oldest);
  }

  #rewriteIfLive(record: ReportRecordHead, location: Location, body: string): void {
    if (record.k !== "measure" && record.k !== "draft" && record.k !== "signed") return;
    const report = this.#index.get(record.id);
    const current = record.k === "measure" ? report?.measurements[record.n] : report?.body;
    if (report === undefined || !isSamePlace(current, location)) return;
    this.#write(rewrittenHead(record, report), body);
  }
}

function isMeasure(effect: ReportEffect): effect is MeasureEffect {
  return effect.type === "measure";
}

function rewrittenHead(
  record: ReportRecordHead & { k: "measure" | "draft" | "signed" },
  report: StoredReport,
): ReportRecordHead {
  const { id, tag } = record;
  if (record.k === "measure") return { k: "measure", id, tag, n: record.n };
  if (record.k === "draft") return { k: "draft", id, tag };
  const status = report.status === "unacknowledged" || report.status === "refused" ? report.status : "pending";
  return { k: "signed", id, tag, sha: record.sha, status };
}

function isSamePlace(one: Location | null | undefined, other: Location): boolean {
  return one !== null && one !== undefined && one.segment === other.segment && one.bodyAt === other.bodyAt;
}

function mergedRangeCount(report: RumReport): number {
  const text = report.meta.merged_report_ids;
  return text === undefined ? 0 : parseIdRanges(text).length;
}

function* take<T>(items: Iterable<T>, limit: number): Iterable<T> {
  let taken = 0;
  for (const item of items) {
    if (taken >= limit) return;
    yield item;
    taken += 1;
  }
}
