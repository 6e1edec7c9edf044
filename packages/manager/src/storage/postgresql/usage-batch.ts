// What makes a group of usage messages cheap over a network: everything that the group will ask for is read at once, is
// answered from here, and what it writes is collected and sent in a few statements. The account's row is this transaction's,
// so nothing that was read can change meanwhile.

import type { UsageOutlook } from "../../storage-ports.ts";
import type { Installation } from "../../trust/product-instance.ts";
import type { InUse } from "../../usage/in-use.ts";
import type { AcceptedReport, NewAcceptedReport, StoredAcknowledgement } from "../../usage/stored-report.ts";
import { inUseOf, reportOf } from "../mapping/report-mapping.ts";
import type { Row } from "../mapping/row.ts";
import { installationOf } from "../mapping/trust-mapping.ts";
import { type BulkInsert, bulkInsert, insertAll } from "./bulk.ts";
import type { Session } from "./connection.ts";
import { insertBodies, insertReports } from "./report-rows.ts";
import type { TagNumbers } from "./tag-numbers.ts";
import { putInstallations } from "./trust-rows.ts";
import { type InstallationInUse, putInUses } from "./usage-rows.ts";

const insertAcknowledgements: BulkInsert<StoredAcknowledgement> = bulkInsert("acknowledgements", [
  { name: "acknowledgement_id", type: "bigint", of: (one) => one.acknowledgementId },
  { name: "installation_id", type: "bigint", of: (one) => one.installationId },
  { name: "instance_id", type: "bigint", of: (one) => one.instanceId },
  { name: "at_ms", type: "bigint", of: (one) => one.atMs },
  { name: "with_policy", type: "integer", of: (one) => (one.withPolicy ? 1 : 0) },
  { name: "accepted", type: "integer", of: (one) => one.accepted },
  { name: "payload", type: "text", of: (one) => one.payload },
]);

const knownReportsSql = `select r.*, t.tag from unnest($2::bigint[], $3::bigint[]) as asked(installation_id, report_id)
  join reports r on r.smart_account_id = $1 and r.installation_id = asked.installation_id and r.report_id = asked.report_id
  join entitlement_tags t on t.smart_account_id = r.smart_account_id and t.tag_id = r.tag_id`;

/** One smart account's part: what was read, and what waits to be written. A null says that there is no such row. */
class AccountBatch {
  readonly installations = new Map<number, Installation | null>();
  readonly reports = new Map<string, AcceptedReport | "added" | null>();
  readonly inUse = new Map<string, InUse | null>();
  readonly newReports: NewAcceptedReport[] = [];
  readonly newAcknowledgements: StoredAcknowledgement[] = [];
  readonly changedInstallations = new Map<number, Installation>();
  readonly changedInUse = new Map<string, InstallationInUse>();
}

export class UsageBatch {
  readonly #session: Session;
  readonly #tagNumbers: TagNumbers;
  readonly #accounts = new Map<number, AccountBatch>();
  #isWaiting = false;

  constructor(session: Session, tagNumbers: TagNumbers) {
    this.#session = session;
    this.#tagNumbers = tagNumbers;
  }

  /** Reads what the messages will ask for. */
  async foresee({ smartAccountId, installationIds, reports }: UsageOutlook): Promise<void> {
    const batch = this.#of(smartAccountId);
    await this.flush();
    const tags = [...new Set(reports.map(({ tag }) => tag))];
    await this.#tagNumbers.load(this.#session, smartAccountId, tags);
    const tagIds = tags.flatMap((tag) => this.#tagNumbers.get(smartAccountId, tag) ?? []);
    const [installations, known, inUse] = await Promise.all([
      this.#session.all(
        "select * from installations where smart_account_id = $1 and installation_id = any($2::bigint[])",
        smartAccountId,
        installationIds,
      ),
      this.#session.all(
        knownReportsSql,
        smartAccountId,
        reports.map(({ installationId }) => installationId),
        reports.map(({ reportId }) => reportId),
      ),
      this.#session.all(
        `select * from installation_usage where smart_account_id = $1 and installation_id = any($2::bigint[])
         and tag_id = any($3::bigint[])`,
        smartAccountId,
        installationIds,
        tagIds,
      ),
    ]);
    for (const id of installationIds) batch.installations.set(id, null);
    for (const row of installations) batch.installations.set(row.installation_id as number, installationOf(row));
    for (const { installationId, reportId } of reports) batch.reports.set(pair(installationId, reportId), null);
    for (const row of known) batch.reports.set(reportKeyOf(row), reportOf(row));
    for (const id of installationIds) for (const tagId of tagIds) batch.inUse.set(pair(id, tagId), null);
    for (const row of inUse) batch.inUse.set(pair(row.installation_id as number, row.tag_id as number), inUseOf(row));
  }

  installation(smartAccountId: number, installationId: number): Installation | null | undefined {
    return this.#accounts.get(smartAccountId)?.installations.get(installationId);
  }

  putInstallation(one: Installation): void {
    const batch = this.#of(one.smartAccountId);
    batch.installations.set(one.installationId, one);
    batch.changedInstallations.set(one.installationId, one);
    this.#isWaiting = true;
  }

  /** The known report, "added" for one that waits to be written, null for none; undefined where nobody looked yet. */
  report(
    smartAccountId: number,
    installationId: number,
    reportId: number,
  ): AcceptedReport | "added" | null | undefined {
    return this.#accounts.get(smartAccountId)?.reports.get(pair(installationId, reportId));
  }

  addReport(one: NewAcceptedReport): void {
    const batch = this.#of(one.smartAccountId);
    batch.reports.set(pair(one.installationId, one.reportId), "added");
    batch.newReports.push(one);
    this.#isWaiting = true;
  }

  inUse(smartAccountId: number, installationId: number, tagId: number): InUse | null | undefined {
    return this.#accounts.get(smartAccountId)?.inUse.get(pair(installationId, tagId));
  }

  putInUse(smartAccountId: number, one: InstallationInUse): void {
    const batch = this.#of(smartAccountId);
    const key = pair(one.installationId, one.tagId);
    batch.inUse.set(key, one.inUse);
    batch.changedInUse.set(key, one);
    this.#isWaiting = true;
  }

  addAcknowledgement(one: StoredAcknowledgement): void {
    this.#of(one.smartAccountId).newAcknowledgements.push(one);
    this.#isWaiting = true;
  }

  /** Sends what waits; throws a conflict if a report that was not there has come after all. */
  async flush(): Promise<void> {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    for (const [smartAccountId, batch] of this.#accounts) await this.#flushAccount(smartAccountId, batch);
  }

  async #flushAccount(smartAccountId: number, batch: AccountBatch): Promise<void> {
    const session = this.#session;
    const reports = batch.newReports.splice(0);
    const [written] = await Promise.all([
      insertAll(session, insertReports, smartAccountId, reports),
      insertAll(session, insertBodies, smartAccountId, reports),
      insertAll(session, putInUses, smartAccountId, [...batch.changedInUse.values()]),
      insertAll(session, putInstallations, smartAccountId, [...batch.changedInstallations.values()]),
      insertAll(session, insertAcknowledgements, smartAccountId, batch.newAcknowledgements.splice(0)),
    ]);
    if (written !== reports.length) throw new Error("a report came to be known while its account was taken");
    batch.changedInUse.clear();
    batch.changedInstallations.clear();
  }

  #of(smartAccountId: number): AccountBatch {
    let batch = this.#accounts.get(smartAccountId);
    if (batch === undefined) {
      batch = new AccountBatch();
      this.#accounts.set(smartAccountId, batch);
    }
    return batch;
  }
}

function pair(one: number, other: number): string {
  return `${one} ${other}`;
}

function reportKeyOf(row: Row): string {
  return pair(row.installation_id as number, row.report_id as number);
}
