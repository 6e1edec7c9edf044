import assert from "node:assert/strict";
import { test } from "node:test";
import type { Acknowledgement } from "@countersign/protocol";
import { asHeldNow } from "./as-held-now.ts";
import { MemoryDisk } from "./storage/memory-disk.ts";
import { DiskReportStore } from "./storage/report-store.ts";
import { signBuiltin, wholeReport } from "./test-support/report-effects.ts";

async function storeOf(reportIds: readonly number[]) {
  const store = new DiskReportStore(new MemoryDisk());
  await store.open();
  await store.apply(
    1,
    reportIds.flatMap((reportId) => wholeReport(reportId)),
  );
  return store;
}

function acknowledged(named: readonly { readonly reportId: number; readonly sha: string | null | undefined }[]) {
  const reports = named.map(({ reportId, sha }) => ({
    report_id: reportId,
    payload_sha256: sha ?? "",
    outcome: "accepted" as const,
    leaf_index: reportId,
  }));
  return {
    type: "acknowledgement-imported" as const,
    acknowledgement: { reports } as unknown as Acknowledgement,
    taken: named.map(({ reportId }) => ({ reportId, status: "closed" as const })),
    refused: [],
    policy: null,
    ledger: { named: null, proof: null },
  };
}

test("[I3] an ACK takes each report from where it is counted now, and none twice", async () => {
  const store = await storeOf([1, 2, 3]);
  await store.handOut([1, 2, 3], signBuiltin);
  const event = acknowledged([1, 2, 3].map((reportId) => ({ reportId, sha: store.find(reportId)?.payloadSha256 })));
  // Between the file's reading and this step the push told what it had handed out, report 2 went into a file, and another ACK took 3.
  store.told([1, 2, 3]);
  await store.apply(2, [
    { type: "mark-reports", reportIds: [2], status: "unacknowledged" },
    { type: "delete-reports", reportIds: [3] },
  ]);
  const now = asHeldNow(event, store);
  assert.deepEqual(now.type === event.type && now.taken, [
    { reportId: 1, status: "pending" },
    { reportId: 2, status: "unacknowledged" },
  ]);
});

test("[I3] what was handed out is told once, and only of reports that are still there", async () => {
  const store = await storeOf([1, 2, 3]);
  const { newIds } = await store.handOut([1, 2, 3], signBuiltin);
  store.told([1]);
  await store.apply(2, [{ type: "delete-reports", reportIds: [3] }]);
  assert.deepEqual(asHeldNow({ type: "reports-handed-out", reportIds: newIds }, store), {
    type: "reports-handed-out",
    reportIds: [2],
  });
});

test("a file marks what is still there, wherever it is counted by now", async () => {
  const store = await storeOf([1, 2]);
  await store.apply(2, [{ type: "delete-reports", reportIds: [2] }]);
  const reports = [1, 2].map((reportId) => ({ reportId, status: "pending" as const }));
  assert.deepEqual(asHeldNow({ type: "usage-file-written", reports }, store), {
    type: "usage-file-written",
    reports: [{ reportId: 1, status: "closed" }],
  });
});
