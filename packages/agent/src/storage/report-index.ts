// The report store's memory: one small entry per report that is still kept, and where its bytes stand. It is rebuilt from
// the records of the log and follows every record that is written, by the same code.

import type { ReportEntry, ReportStatus } from "../ports.ts";
import type { RecordHead } from "./record-log.ts";
import type { Location, SegmentedLog } from "./segmented-log.ts";

export type StoredReport = {
  readonly reportId: number;
  readonly tag: string;
  status: ReportStatus;
  payloadSha256: string | null;
  /** Of an open report, by position. */
  measurements: Location[];
  body: Location | null;
  /** Holds as many merged reports as one can name. */
  isFull: boolean;
};

/** Heads of the log's records. `step` and `index` say which effect a record carried out. */
export type ReportRecordHead = { readonly step?: number; readonly index?: number } & (
  | { readonly k: "measure"; readonly id: number; readonly tag: string; readonly n: number }
  | { readonly k: "draft"; readonly id: number; readonly tag: string; readonly removed?: readonly number[] }
  | {
      readonly k: "signed";
      readonly id: number;
      readonly tag: string;
      readonly sha: string;
      readonly status: Exclude<ReportStatus, "open" | "closed">;
    }
  | { readonly k: "mark"; readonly ids: readonly number[]; readonly status: "unacknowledged" | "refused" }
  | { readonly k: "requeue" }
  | { readonly k: "delete"; readonly ids: readonly number[] }
  | { readonly k: "clear" }
  /** Written first when a segment is rewritten: what would be forgotten with it. */
  | { readonly k: "position"; readonly greatestReportId: number }
);

export class ReportIndex {
  readonly #log: SegmentedLog;
  readonly #reports = new Map<number, StoredReport>();
  readonly #waiting = new Map<number, StoredReport>();
  readonly #refused = new Map<number, StoredReport>();
  readonly #closedByTag = new Map<string, Map<number, StoredReport>>();
  #step = 0;
  #index = -1;
  greatestReportId = 0;

  constructor(log: SegmentedLog) {
    this.#log = log;
  }

  /** Follows one record of the log. */
  follow(head: RecordHead, location: Location): void {
    const record = head as ReportRecordHead;
    if (record.step !== undefined && !this.isDone(record.step, record.index ?? 0)) {
      this.#step = record.step;
      this.#index = record.index ?? 0;
    }
    switch (record.k) {
      case "measure":
        this.#followMeasure(record.id, record.tag, record.n, location);
        break;
      case "draft":
        this.#followDraft(record.id, record.tag, record.removed ?? [], location);
        break;
      case "signed":
        this.#setBody(this.#ensure(record.id, record.tag), location, record.status, record.sha);
        break;
      case "mark":
        for (const id of record.ids) this.#mark(id, record.status);
        break;
      case "requeue":
        for (const report of this.#refused.values()) this.#setStatus(report, "pending");
        break;
      case "delete":
        for (const id of record.ids) this.#remove(id);
        break;
      case "clear":
        for (const id of [...this.#reports.keys()]) this.#remove(id);
        break;
      case "position":
        this.greatestReportId = Math.max(this.greatestReportId, record.greatestReportId);
        break;
      default:
        record satisfies never;
    }
  }

  /** True when the log shows that this effect was carried out. */
  isDone(step: number, index: number): boolean {
    return step < this.#step || (step === this.#step && index <= this.#index);
  }

  get lastStep(): number {
    return this.#step;
  }

  /** Which effect was the last, for the record that outlives its segment. */
  get position(): { readonly step: number; readonly index: number } {
    return { step: this.#step, index: this.#index };
  }

  get(reportId: number): StoredReport | undefined {
    return this.#reports.get(reportId);
  }

  values(): Iterable<StoredReport> {
    return this.#reports.values();
  }

  *waiting(): Iterable<StoredReport> {
    yield* this.#waiting.values();
  }

  /** After a restart the log's order may differ from the reports' age, because old ones were rewritten. */
  sortByAge(): void {
    const byId = (one: readonly [number, unknown], other: readonly [number, unknown]): number => one[0] - other[0];
    for (const map of [this.#waiting, ...this.#closedByTag.values()]) {
      const sorted = [...map].sort(byId);
      map.clear();
      for (const [id, report] of sorted) map.set(id, report);
    }
  }

  /** Closed reports that nobody has seen, of the tag that has most of them, oldest first; full ones are left out. */
  *mergeable(): Iterable<StoredReport> {
    let most: Map<number, StoredReport> | null = null;
    for (const reports of this.#closedByTag.values()) if (most === null || reports.size > most.size) most = reports;
    yield* most?.values() ?? [];
  }

  /**
   * The oldest waiting reports of the oldest one's tag, whoever has seen them, and behind them an unseen one of that tag to
   * take their place; empty when there is none. Looks at no more reports than `limit` allows.
   */
  oldestOfOneTag(limit: number): readonly StoredReport[] {
    const [oldest] = this.#waiting.values();
    const unseen = [...(this.#closedByTag.get(oldest?.tag ?? "")?.values() ?? [])].at(-1);
    if (oldest === undefined || unseen === undefined) return [];
    const chosen: StoredReport[] = [];
    let looked = 0;
    for (const report of this.#waiting.values()) {
      looked += 1;
      if (chosen.length >= limit || looked > limit * 8) break;
      if (report.tag === oldest.tag && report.reportId < unseen.reportId) chosen.push(report);
    }
    return [...chosen, unseen];
  }

  markFull(report: StoredReport): void {
    report.isFull = true;
    this.#closedByTag.get(report.tag)?.delete(report.reportId);
  }

  #followMeasure(id: number, tag: string, position: number, location: Location): void {
    const report = this.#ensure(id, tag);
    // A report that is closed already was measured before; only a state older than the store can ask again.
    if (report.status !== "open") return;
    const previous = report.measurements[position];
    if (previous !== undefined) this.#log.release(previous);
    report.measurements[position] = location;
    this.#log.retain(location);
  }

  #followDraft(id: number, tag: string, removed: readonly number[], location: Location): void {
    for (const other of removed) this.#remove(other);
    this.#setBody(this.#ensure(id, tag), location, "closed", null);
  }

  #ensure(id: number, tag: string): StoredReport {
    this.greatestReportId = Math.max(this.greatestReportId, id);
    const known = this.#reports.get(id);
    if (known !== undefined) return known;
    const report: StoredReport = {
      reportId: id,
      tag,
      status: "open",
      payloadSha256: null,
      measurements: [],
      body: null,
      isFull: false,
    };
    this.#reports.set(id, report);
    return report;
  }

  #setBody(report: StoredReport, location: Location, status: ReportStatus, payloadSha256: string | null): void {
    this.#releaseAll(report);
    report.measurements = [];
    report.body = location;
    report.payloadSha256 = payloadSha256;
    this.#log.retain(location);
    this.#setStatus(report, status);
  }

  #mark(id: number, status: ReportStatus): void {
    const report = this.#reports.get(id);
    if (report !== undefined) this.#setStatus(report, status);
  }

  #setStatus(report: StoredReport, status: ReportStatus): void {
    report.status = status;
    if (status === "open" || status === "refused") this.#waiting.delete(report.reportId);
    else this.#waiting.set(report.reportId, report);
    if (status === "refused") this.#refused.set(report.reportId, report);
    else this.#refused.delete(report.reportId);
    const closed = this.#closedByTag.get(report.tag) ?? new Map<number, StoredReport>();
    if (status === "closed" && !report.isFull) closed.set(report.reportId, report);
    else closed.delete(report.reportId);
    this.#closedByTag.set(report.tag, closed);
  }

  #remove(id: number): void {
    const report = this.#reports.get(id);
    if (report === undefined) return;
    this.#releaseAll(report);
    this.#reports.delete(id);
    this.#waiting.delete(id);
    this.#refused.delete(id);
    this.#closedByTag.get(report.tag)?.delete(id);
  }

  #releaseAll(report: StoredReport): void {
    for (const location of locationsOf(report)) this.#log.release(location);
  }
}

export function locationsOf(report: StoredReport): readonly Location[] {
  return report.body === null ? report.measurements.filter((location) => location !== undefined) : [report.body];
}

export function entryOf(report: StoredReport): ReportEntry {
  let bytes = 0;
  for (const location of locationsOf(report)) bytes += location.bodyBytes;
  return {
    reportId: report.reportId,
    tag: report.tag,
    status: report.status,
    payloadSha256: report.payloadSha256,
    bytes,
  };
}
