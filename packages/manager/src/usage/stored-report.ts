// Reports, acknowledgements and evidence as they are kept.

import type { TimeMark } from "./time-mark.ts";

export type AcceptedReportKey = {
  readonly smartAccountId: number;
  readonly installationId: number;
  readonly reportId: number;
};

/** One accepted report without its bytes. */
export type AcceptedReport = AcceptedReportKey & {
  readonly tagId: number;
  readonly tag: string;
  readonly payloadSha256: string;
  readonly leafIndex: number;
  readonly acknowledgementId: number;
  /** Who sent it; after a transfer or switchover another than today's. */
  readonly instanceId: number;
  readonly receivedAtMs: number;
  readonly startsAtSeconds: number;
  readonly endsAtSeconds: number;
  readonly count: number;
  readonly measurements: number;
  readonly isVerified: boolean;
  readonly timeMark: TimeMark;
};

/** The row that keeps a report from being counted twice is the row that keeps the report. */
export type NewAcceptedReport = Omit<AcceptedReport, "tag"> & {
  /** Exact text that was signed, and the signature member as JSON text. */
  readonly payload: string;
  readonly signature: string;
};

export type StoredAcknowledgement = {
  readonly smartAccountId: number;
  readonly acknowledgementId: number;
  readonly installationId: number;
  readonly instanceId: number;
  readonly atMs: number;
  /** A policy travels beside this ACK, in repetitions too. */
  readonly withPolicy: boolean;
  /** Reports that this ACK newly accepted. */
  readonly accepted: number;
  readonly payload: string;
};

/** Both versions of a contradicted report are kept: this one, and the accepted report's body. */
export type NewEvidence = AcceptedReportKey & {
  readonly payloadSha256: string;
  readonly instanceId: number;
  readonly receivedAtMs: number;
  readonly payload: string;
  readonly signature: string;
};
export type StoredEvidence = NewEvidence;

export type InstallationUsage = {
  readonly tag: string;
  readonly count: number;
  readonly endsAtSeconds: number;
  readonly reportId: number;
  readonly isVerified: boolean;
};

/** By how much the sums of one (virtual account, tag) change. */
export type UsageTotalChange = {
  readonly smartAccountId: number;
  readonly virtualAccountId: number;
  readonly tagId: number;
  readonly verified: number;
  readonly unverified: number;
  readonly installations: number;
};
