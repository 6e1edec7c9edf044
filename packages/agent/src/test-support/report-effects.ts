// Effects and signatures of reports for tests of the store.

import { type SignedReport, signReport, sudiOf } from "@countersign/protocol";
import type { ReportEffect, SignBody } from "../ports.ts";
import { payloadOf } from "../report-draft.ts";
import { baseTag, productTag, udi } from "./example-state.ts";

const quarterSeconds = 900;

export function measure(reportId: number, position: number, count: number, tag: string = baseTag): ReportEffect {
  const startSeconds = reportId * 100_000 + position * quarterSeconds;
  return { type: "measure", tag, reportId, startSeconds, endSeconds: startSeconds + quarterSeconds, count, meta: {} };
}

export function close(reportId: number, tag: string = baseTag): ReportEffect {
  return {
    type: "close-report",
    tag,
    reportId,
    reason: "SMART",
    facts: { udi, members: [{ udi, role: "Active" }], productTag, softwareVersion: "1.0.0" },
  };
}

/** One report with so many measurements, closed. */
export function wholeReport(reportId: number, measurements = 1, tag: string = baseTag): readonly ReportEffect[] {
  const measured = Array.from({ length: measurements }, (_, position) =>
    measure(reportId, position, position + 1, tag),
  );
  return [...measured, close(reportId, tag)];
}

export const signBuiltin: SignBody = async (body): Promise<SignedReport> => {
  if (body.kind === "signed") return body.report;
  return signReport(payloadOf(body.report, ""), { kind: "builtin", sudi: sudiOf(udi), productTag });
};
