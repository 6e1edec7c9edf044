// Ten mistakes that a system like this could make, each as an exact change of one source text. They are planted while the
// text is loaded (plant-mutation.ts), so the sources stay as they are; a text that has moved on fails loudly.

export type Mutation = {
  readonly name: string;
  /** What the mistake is, in words. */
  readonly mistake: string;
  /** From the project's root. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** The first seed that found it when the workload changed last: tried first, so that the suite need not search. */
  readonly foundBy: number;
};

const acceptUsage = "packages/manager/src/use-cases/accept-usage-report.ts";
const recordUsage = "packages/manager/src/use-cases/record-usage.ts";

export const mutations: readonly Mutation[] = [
  {
    name: "ack-before-commit",
    foundBy: 2,
    mistake: "The ACK is made as soon as the rows are written, before the transaction is durable.",
    file: acceptUsage,
    from: "const results = await storage.inTransaction((transaction) => recordUsage(transaction, messages, clock.now()));",
    to: `const results = await new Promise((resolve, reject) => {
        storage
          .inTransaction(async (transaction) => {
            const recorded = await recordUsage(transaction, messages, clock.now());
            resolve(recorded);
            return recorded;
          })
          .catch(reject);
      });`,
  },
  {
    name: "dedupe-before-store",
    foundBy: 4,
    mistake: "A report counts as known from the moment it was first seen, not from the moment it was stored.",
    file: recordUsage,
    from: "const leafIndex = this.#group.nextLeafIndex;",
    to: `const leafIndex = this.#group.nextLeafIndex;
    globalThis.seenReports ??= new Set();
    if (globalThis.seenReports.has(report.payloadSha256)) {
      this.#entries.push({ report_id: report.reportId, payload_sha256: report.payloadSha256, outcome: "known", leaf_index: 0 });
      return;
    }
    globalThis.seenReports.add(report.payloadSha256);`,
  },
  {
    name: "purge-before-verify",
    foundBy: 3,
    mistake: "The device deletes reports when they have been sent, before an ACK was verified.",
    file: "packages/agent/src/exchange/push-usage.ts",
    from: "const { state } = context;",
    to: `const { state } = context;
  await context.tell({
    type: "acknowledgement-imported",
    acknowledgement: {
      product_instance_identifier: state.reporting.lastAckInstance,
      sequence: state.reporting.lastAckSequence,
      tree_head: null,
    },
    taken: reports.map(({ reportId }) => ({ reportId, status: "pending" })),
    refused: [],
    policy: null,
    ledger: { named: null, proof: null },
  });`,
  },
  {
    name: "last-received-wins",
    foundBy: 36,
    mistake: "In use is what was received last, not what was measured last.",
    file: "packages/manager/src/usage/in-use.ts",
    from: "if (candidate.endsAtSeconds !== current.endsAtSeconds) return candidate.endsAtSeconds > current.endsAtSeconds;",
    to: "if (candidate.endsAtSeconds !== current.endsAtSeconds) return true;",
  },
  {
    name: "merge-counts-twice",
    foundBy: 4,
    mistake: "A report that others were merged into carries the newest one's measurements twice.",
    file: "packages/agent/src/lifecycle/merge-reports.ts",
    from: "ordered.flatMap((report) => report.measurements),",
    to: "[...ordered, newest].flatMap((report) => report.measurements),",
  },
  {
    name: "sequence-not-checked",
    foundBy: 3,
    mistake: "A hole in the sequence of reports goes unnoticed.",
    file: "packages/manager/src/usage/report-gaps.ts",
    from: "const revealed = [...between(max, range.from), ...between(range.to, min)];",
    to: "const revealed = [];",
  },
  {
    name: "policy-version-goes-back",
    foundBy: 74,
    mistake: "A transfer to another virtual account brings that account's older policy version.",
    file: "packages/manager/src/use-cases/installation-changes.ts",
    from: "const policyVersionFloor = await transaction.policies.nextPolicyVersion(smartAccountId);",
    to: "const policyVersionFloor = installation.policyVersionFloor;",
  },
  {
    name: "repeat-uses-token-again",
    foundBy: 2,
    mistake: "A repeated enrolment takes another use of its token.",
    file: "packages/manager/src/trust/enrolment-plan.ts",
    from: "certificateSerial: certificate.serialNumber,\n      usesToken: false,",
    to: "certificateSerial: certificate.serialNumber,\n      usesToken,",
  },
  {
    name: "event-in-its-own-transaction",
    foundBy: 1,
    mistake: "An administrator's act is written after its change, in a transaction of its own.",
    file: "packages/manager/src/use-cases/administer.ts",
    from: "await recordAct(transaction, { ...act, atMs: clock.now() }, { told, randomness });",
    to: `setImmediate(() =>
      storage
        .inTransaction((later) => recordAct(later, { ...act, atMs: clock.now() }, { told, randomness }))
        .catch(() => undefined));`,
  },
  {
    name: "restored-counts-go-on",
    foundBy: 55,
    mistake: "A restored manager goes on with the ACK sequences of the backup, which its devices have seen already.",
    file: "packages/manager/src/storage/sqlite/begin-epoch.ts",
    from: "continueCounts(connection, smartAccountId, epoch.startsAtMs);",
    to: "continueCounts(connection, smartAccountId, 0);",
  },
];
