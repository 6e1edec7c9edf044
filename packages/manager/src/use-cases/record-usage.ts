// The transaction behind every acknowledgement: report rows, usage changes, ledger leaves, ACK rows and events of a whole
// group of messages are written together or not at all (I1, I2, I5, I6). Nothing is signed here.

import {
  type AcknowledgedReport,
  decodeAcknowledgement,
  formatUdi,
  type ReportRefusal,
  reportRefusals,
} from "@countersign/protocol";
import type { Cause, EventKind } from "../events/event.ts";
import { versionInForce } from "../policies/policy-setting.ts";
import type { Transaction, UsageOutlook } from "../storage-ports.ts";
import type { Installation, ProductInstance } from "../trust/product-instance.ts";
import { inRole, type RoleChanges } from "../trust/role-changes.ts";
import type { CheckedReport, SoundReport } from "../usage/checked-report.ts";
import { decidesOver, type InUse, usageDifference } from "../usage/in-use.ts";
import { mayFillGap, noteReported } from "../usage/report-gaps.ts";
import type { StoredAcknowledgement } from "../usage/stored-report.ts";
import { markTimes } from "../usage/time-mark.ts";
import type { LedgerDispute } from "./ledger-dispute.ts";
import { type AccountGroup, openAccountGroups, type PendingAcknowledgement } from "./usage-group.ts";
import type { ReportCounts } from "./use-cases.ts";

/** One message of checked reports, ready to be written. */
export type UsageMessage = {
  readonly instance: ProductInstance;
  /** Of the installation when the sender was looked up; another one now means that trust changed meanwhile. */
  readonly trustEpoch: number;
  readonly reports: readonly CheckedReport[];
  /** Roles that the message tells anew. */
  readonly roles?: RoleChanges;
  readonly receivedAtMs: number;
  readonly cause: Cause;
  /** The sender refused an ACK because its tree head contradicts one that it knows. */
  readonly dispute?: LedgerDispute;
};

export type RecordedUsage =
  | {
      readonly outcome: "acknowledged";
      readonly acknowledgement: StoredAcknowledgement;
      readonly reports: ReportCounts;
    }
  /** The sender must be looked up again: its certificate or its installation changed. */
  | { readonly outcome: "trust_changed" };

/** Writes a group of messages; answers one result for each, in order. */
export async function recordUsage(
  transaction: Transaction,
  messages: readonly UsageMessage[],
  now: number,
): Promise<readonly RecordedUsage[]> {
  const groups = await openAccountGroups(transaction, new Set(messages.map(({ instance }) => instance.smartAccountId)));
  await transaction.usage.foresee(() => outlookOf(messages));
  const finishers: (() => RecordedUsage)[] = [];
  for (const message of messages) {
    const group = groups.get(message.instance.smartAccountId);
    finishers.push(
      group === undefined ? () => ({ outcome: "trust_changed" }) : await recordMessage(transaction, group, message),
    );
  }
  for (const group of groups.values()) await group.finish(transaction, now);
  return finishers.map((finish) => finish());
}

function outlookOf(messages: readonly UsageMessage[]): readonly UsageOutlook[] {
  const byAccount = Map.groupBy(messages, ({ instance }) => instance.smartAccountId);
  return [...byAccount].map(([smartAccountId, ofAccount]) => ({
    smartAccountId,
    installationIds: [...new Set(ofAccount.map(({ instance }) => instance.installationId))],
    reports: ofAccount.flatMap(({ instance: { installationId }, reports }) =>
      reports.flatMap((report) =>
        report.outcome === "refused" ? [] : [{ installationId, reportId: report.reportId, tag: report.tag }],
      ),
    ),
  }));
}

async function recordMessage(
  transaction: Transaction,
  group: AccountGroup,
  message: UsageMessage,
): Promise<() => RecordedUsage> {
  const { smartAccountId, installationId, instanceId } = message.instance;
  const installation =
    group.installation(installationId) ?? (await transaction.trust.findInstallation(smartAccountId, installationId));
  if (installation?.trustEpoch !== message.trustEpoch) return () => ({ outcome: "trust_changed" });
  const recording = new MessageRecording(transaction, group, message, installation);
  if (message.dispute !== undefined) recording.noteDispute(message.dispute);
  for (const report of message.reports) await recording.add(report);
  const earlier = await recording.earlierAcknowledgement();
  if (earlier?.instanceId === instanceId && sequenceOf(earlier) === installation.nextSequence - 1) {
    const { acknowledgementId } = earlier;
    return () => {
      const acknowledgement =
        "payload" in earlier ? earlier : (group.written.get(acknowledgementId) as StoredAcknowledgement);
      return { outcome: "acknowledged", acknowledgement, reports: recording.counts() };
    };
  }
  const acknowledgementId = await recording.finish();
  return () => ({
    outcome: "acknowledged",
    acknowledgement: group.written.get(acknowledgementId) as StoredAcknowledgement,
    reports: recording.counts(),
  });
}

/**
 * A device that installed a newer ACK refuses an older one (`acknowledgement_replayed`); so only the newest answers a repetition,
 * and what an older one had answered is acknowledged anew, as known.
 */
function sequenceOf(earlier: StoredAcknowledgement | PendingAcknowledgement): number {
  return "payload" in earlier ? decodeAcknowledgement(earlier.payload).sequence : earlier.sequence;
}

/** Writes the reports of one message and keeps what its ACK and its events have to say. */
class MessageRecording {
  accepted = 0;
  readonly #transaction: Transaction;
  readonly #group: AccountGroup;
  readonly #message: UsageMessage;
  readonly #entries: AcknowledgedReport[] = [];
  /** ACKs under which the known reports of the message were accepted. */
  readonly #earlierIds = new Set<number>();
  /** Per tag the measurement of this message that might decide. */
  readonly #candidates = new Map<number, { readonly tag: string; readonly inUse: InUse }>();
  #installation: Installation;

  constructor(transaction: Transaction, group: AccountGroup, message: UsageMessage, installation: Installation) {
    this.#transaction = transaction;
    this.#group = group;
    this.#message = message;
    this.#installation = installation;
  }

  noteDispute({ known, refused }: LedgerDispute): void {
    this.#addEvent("ledger_disputed", known, { udi: formatUdi(this.#message.instance.udi), refused });
  }

  async add(report: CheckedReport): Promise<void> {
    if (report.outcome === "refused") return this.#refuse(report.reportId, report.payloadSha256, report.code);
    if (!report.isVerified && !this.#group.account.allowUntrustedReports) {
      return this.#refuse(report.reportId, report.payloadSha256, "report_untrusted_not_allowed");
    }
    const leafIndex = this.#group.nextLeafIndex;
    const tagId = await this.#transaction.usage.tagIdOf(this.#message.instance.smartAccountId, report.tag);
    if (!(await this.#transaction.reports.addReport(this.#rowOf(report, tagId, leafIndex))))
      return this.#meetKnown(report);
    this.#group.addLeaf(report.payloadSha256);
    this.accepted += 1;
    this.#entries.push({
      report_id: report.reportId,
      payload_sha256: report.payloadSha256,
      outcome: "accepted",
      leaf_index: leafIndex,
    });
    this.#consider(tagId, report);
    for (const [from, to] of [[report.reportId, report.reportId] as const, ...report.mergedIds])
      await this.#noteIds(from, to);
  }

  /** The one ACK, stored or of this group, that already answered every report of this message; undefined if there is none. */
  async earlierAcknowledgement() {
    const [id, ...others] = this.#earlierIds;
    if (id === undefined || others.length > 0 || this.#entries.some((entry) => entry.outcome !== "known"))
      return undefined;
    const { smartAccountId } = this.#message.instance;
    return (
      this.#group.pending.get(id) ?? (await this.#transaction.acknowledgements.findAcknowledgement(smartAccountId, id))
    );
  }

  counts(): ReportCounts {
    const refused = this.#entries.filter(({ outcome }) => outcome === "refused").length;
    return { accepted: this.accepted, known: this.#entries.length - this.accepted - refused, refused };
  }

  /** Answers the id of the new ACK. */
  async finish(): Promise<number> {
    const { instance, receivedAtMs } = this.#message;
    const usage = await this.#changeUsage();
    const policyVersion = versionInForce(
      this.#group.policySettings,
      this.#installation.virtualAccountId,
      this.#installation.policyVersionFloor,
    );
    const acknowledgementId = this.#group.nextAcknowledgementId;
    this.#group.addAcknowledgement({
      smartAccountId: instance.smartAccountId,
      acknowledgementId,
      installationId: instance.installationId,
      instanceId: instance.instanceId,
      atMs: receivedAtMs,
      withPolicy: policyVersion > this.#installation.policyVersionSent,
      accepted: this.accepted,
      instance,
      sequence: this.#installation.nextSequence,
      policyVersion,
      reports: this.#entries,
    });
    await this.#changeRoles();
    this.#group.putInstallation({
      ...this.#installation,
      nextSequence: this.#installation.nextSequence + 1,
      policyVersionSent: Math.max(policyVersion, this.#installation.policyVersionSent),
      lastContactAtMs: Math.max(receivedAtMs, this.#installation.lastContactAtMs ?? 0),
    });
    this.#addClosingEvents(acknowledgementId, usage);
    return acknowledgementId;
  }

  #rowOf(report: SoundReport, tagId: number, leafIndex: number) {
    const { instance, receivedAtMs } = this.#message;
    return {
      smartAccountId: instance.smartAccountId,
      installationId: instance.installationId,
      reportId: report.reportId,
      tagId,
      payloadSha256: report.payloadSha256,
      leafIndex,
      acknowledgementId: this.#group.nextAcknowledgementId,
      instanceId: instance.instanceId,
      receivedAtMs,
      startsAtSeconds: report.startsAtSeconds,
      endsAtSeconds: report.endsAtSeconds,
      count: report.count,
      measurements: report.measurements,
      isVerified: report.isVerified,
      timeMark: markTimes(report, this.#installation.firstTrustAtMs, receivedAtMs),
      payload: report.payload,
      signature: report.signature,
    };
  }

  /** Same id: the same bytes are known and acknowledged again; other bytes are refused and kept as evidence. */
  async #meetKnown(report: SoundReport): Promise<void> {
    const { smartAccountId, installationId, instanceId } = this.#message.instance;
    const key = { smartAccountId, installationId, reportId: report.reportId };
    const known = await this.#transaction.reports.findReport(key);
    if (known?.payloadSha256 === report.payloadSha256) {
      this.#earlierIds.add(known.acknowledgementId);
      this.#entries.push({
        report_id: report.reportId,
        payload_sha256: report.payloadSha256,
        outcome: "known",
        leaf_index: known.leafIndex,
      });
      return;
    }
    const { payload, payloadSha256, signature } = report;
    const evidence = {
      ...key,
      payload,
      payloadSha256,
      signature,
      instanceId,
      receivedAtMs: this.#message.receivedAtMs,
    };
    if (await this.#transaction.reports.addEvidence(evidence)) {
      const accepted = {
        reportId: report.reportId,
        payloadSha256: known?.payloadSha256,
        acknowledgementId: known?.acknowledgementId,
      };
      this.#addEvent("report_conflict", accepted, { reportId: report.reportId, payloadSha256 });
    }
    this.#refuse(report.reportId, payloadSha256, "report_conflict");
  }

  #refuse(reportId: number | null, payloadSha256: string, code: ReportRefusal): void {
    const { remedy } = reportRefusals[code];
    this.#entries.push({ report_id: reportId, payload_sha256: payloadSha256, outcome: "refused", code, remedy });
  }

  #consider(tagId: number, report: SoundReport): void {
    const { count, endsAtSeconds, reportId, isVerified } = report;
    const inUse = { count, endsAtSeconds, reportId, isVerified };
    if (decidesOver(inUse, this.#candidates.get(tagId)?.inUse)) this.#candidates.set(tagId, { tag: report.tag, inUse });
  }

  async #noteIds(from: number, to: number): Promise<void> {
    const { smartAccountId, installationId } = this.#message.instance;
    const seen = { min: this.#installation.reportIdMin, max: this.#installation.reportIdMax };
    const range = { from, to };
    const overlapping = mayFillGap(seen, range)
      ? await this.#transaction.reports.findGaps(smartAccountId, installationId, range)
      : [];
    const change = noteReported(seen, range, overlapping);
    this.#installation = { ...this.#installation, reportIdMin: change.seen.min, reportIdMax: change.seen.max };
    if (change.removed.length === 0 && change.added.length === 0) return;
    await this.#transaction.reports.replaceGaps(smartAccountId, installationId, change);
    if (change.revealed !== null) this.#addEvent("reports_missing", null, change.revealed);
  }

  /** Installation and sums change by the difference; nothing is recounted. */
  async #changeUsage(): Promise<{ readonly before: Record<string, number>; readonly after: Record<string, number> }> {
    const { smartAccountId, installationId } = this.#message.instance;
    const before: Record<string, number> = {};
    const after: Record<string, number> = {};
    for (const [tagId, { tag, inUse }] of this.#candidates) {
      const current = await this.#transaction.usage.findInUse(smartAccountId, installationId, tagId);
      if (!decidesOver(inUse, current)) continue;
      await this.#transaction.usage.putInUse(smartAccountId, installationId, tagId, inUse);
      this.#group.changeTotal(this.#installation.virtualAccountId, tagId, usageDifference(current, inUse));
      before[tag] = current?.count ?? 0;
      after[tag] = inUse.count;
    }
    return { before, after };
  }

  /** A switchover and a member that is gone change no usage; they are noted so that people see who is active, and there. */
  async #changeRoles(): Promise<void> {
    const { instance, roles } = this.#message;
    if (roles === undefined || roles.size === 0) return;
    const before: Record<string, string> = {};
    const after: Record<string, string> = {};
    for (const member of await this.#transaction.trust.listMembers(instance.smartAccountId, instance.installationId)) {
      const udi = formatUdi(member.udi);
      const role = roles.get(udi);
      if (member.removedAtMs !== null || role === undefined || role === member.role) continue;
      before[udi] = member.role;
      after[udi] = role;
      await this.#transaction.trust.putInstance(inRole(member, role, this.#installation.lastContactAtMs));
    }
    if (Object.keys(after).length === 0) return;
    this.#addEvent("device_role_changed", before, after);
    // What is cached of the other members knows the roles before.
    this.#installation = { ...this.#installation, trustEpoch: this.#installation.trustEpoch + 1 };
  }

  #addClosingEvents(acknowledgementId: number, usage: { readonly before: object; readonly after: object }): void {
    const refused = this.#entries.flatMap((entry) =>
      entry.outcome === "refused" ? [{ reportId: entry.report_id, code: entry.code }] : [],
    );
    const after = { acknowledgementId, accepted: this.accepted, inUse: usage.after };
    this.#addEvent("usage_reported", { inUse: usage.before }, after);
    if (refused.length > 0)
      this.#addEvent("reports_refused", null, {
        acknowledgementId,
        refused: refused.slice(0, 40),
        count: refused.length,
      });
  }

  #addEvent(kind: EventKind, before: unknown, after: unknown): void {
    const { instance, receivedAtMs, cause } = this.#message;
    this.#group.events.push({
      smartAccountId: instance.smartAccountId,
      atMs: receivedAtMs,
      kind,
      virtualAccountId: this.#installation.virtualAccountId,
      installationId: instance.installationId,
      cause,
      before,
      after,
    });
  }
}
