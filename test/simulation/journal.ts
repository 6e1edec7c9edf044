// What happened at the manager's border, noted by the simulation and not by the manager: reports that became durable, ACKs
// and trust that left. The naive recount and the invariants are computed from this.

import { createHash } from "node:crypto";
import type { DeviceReply, Transaction } from "@countersign/manager";
import {
  type Acknowledgement,
  decodeAcknowledgement,
  decodeAuthorizationCode,
  decodeLicenseFile,
  decodeRequestData,
  decodeRumReport,
  decodeSmartLicense,
  formatUdi,
  type ManagerObject,
  type RumReport,
  type UnverifiedRequest,
  udiOf,
} from "@countersign/protocol";
import { AuditWatch, type WrittenEvent } from "./audit-watch.ts";

export type CommittedReport = {
  readonly installationId: number;
  readonly reportId: number;
  readonly payloadSha256: string;
  readonly leafIndex: number;
  readonly isVerified: boolean;
  readonly report: RumReport;
};

export type SentAcknowledgement = {
  readonly to: string;
  readonly acknowledgement: Acknowledgement;
  readonly installationId: number;
  /** How often the manager had been restored when it left. */
  readonly restores: number;
};
/** What the manager's database held when a backup was taken. */
export type JournalSnapshot = {
  readonly committed: readonly CommittedReport[];
  readonly events: readonly WrittenEvent[];
};
export type GrantedTrust = { readonly token: string; readonly udi: string; readonly key: string };

/** Bytes before the point of a P-256 key in a certificate request. */
const keyPrefix = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex");
const keyBytes = 65;

export class Journal {
  /** What the database holds, in the order of commits. */
  readonly committed: CommittedReport[] = [];
  /** The same with what a restore made the manager forget. */
  readonly everCommitted: CommittedReport[] = [];
  /** The audit trail as transactions wrote it. */
  readonly events: WrittenEvent[] = [];
  restores = 0;
  readonly acknowledgements: SentAcknowledgement[] = [];
  /** Everything that was seen to be wrong at the moment it happened. */
  readonly problems: string[] = [];
  /** (token, UDI, key) that were let in, and what they were given. */
  readonly granted = new Map<string, string>();
  /** (token, UDI, key) that ever knocked; whoever was removed and asks again with the same knocks anew. */
  readonly asked = new Map<string, GrantedTrust>();
  readonly refusals = new Map<string, number>();
  /** How often it was forgotten who had been let in. */
  #beginnings = 0;
  readonly #course = createHash("sha256");
  readonly #durable = new Set<string>();
  /** Report and leaf, and the restore that took them away. */
  readonly #forgottenBy = new Map<string, number>();
  /** Of each installation, as the newest ACK said. */
  readonly #policyVersions = new Map<number, number>();
  readonly #newestSequences = new Map<number, number>();
  /** What each identity was sent under each sequence, by anyone who ever was its manager. */
  readonly #saidUnder = new Map<string, string>();

  /** What one transaction writes, until it is durable. */
  stage(): Staged {
    const rows: CommittedReport[] = [];
    const audit = new AuditWatch();
    return {
      // Work may be run again; what it wrote the first time is gone then.
      begin: () => {
        rows.splice(0);
        audit.begin();
      },
      watch: (transaction) => watchReports(audit.watch(transaction), rows),
      commit: () => {
        for (const row of rows) this.#durable.add(nameOf(row));
        this.committed.push(...rows);
        this.everCommitted.push(...rows);
        this.events.push(...audit.events);
        this.problems.push(...audit.problems());
      },
    };
  }

  snapshot(): JournalSnapshot {
    return { committed: [...this.committed], events: [...this.events] };
  }

  /** The manager goes on with what it held then. What devices were sent since is not forgotten: they have seen it. */
  restore({ committed, events }: JournalSnapshot, beganEpoch: readonly WrittenEvent[]): void {
    this.restores += 1;
    const kept = new Set(committed.map(leafNameOf));
    for (const row of this.committed) {
      if (!kept.has(leafNameOf(row))) this.#forgottenBy.set(leafNameOf(row), this.restores);
    }
    this.committed.splice(0, Number.POSITIVE_INFINITY, ...committed);
    this.events.splice(0, Number.POSITIVE_INFINITY, ...events, ...beganEpoch);
    this.#durable.clear();
    for (const row of committed) this.#durable.add(nameOf(row));
    this.forgetGrants();
  }

  /** A restore has taken away since what this ACK said; the device deleted it by right, and nobody can bring it back. */
  isForgotten({ installationId, restores }: SentAcknowledgement, entry: AcceptedEntry): boolean {
    const row = { installationId, reportId: entry.report_id, payloadSha256: entry.payload_sha256 };
    return (this.#forgottenBy.get(leafNameOf({ ...row, leafIndex: entry.leaf_index })) ?? 0) > restores;
  }

  /** A request reaches the manager, whatever becomes of it. */
  arrived(from: string, request: UnverifiedRequest, atMs: number): void {
    this.#course.update(`${atMs} ${from} ${request.requestType}\n`);
    if (request.requestType !== "ID_TOKEN_TRUST") return;
    const { token, wanted } = trustWish(request);
    for (const [udi, key] of wanted) this.asked.set(`${this.#beginnings} ${token} ${udi} ${key}`, { token, udi, key });
  }

  /** An answer leaves the manager. */
  answered(from: string, request: UnverifiedRequest, reply: DeviceReply): void {
    this.#course.update(`${from} ${reply.refusal} ${reply.productInstanceIdentifier}\n`);
    if (reply.refusal !== null) this.refusals.set(reply.refusal, (this.refusals.get(reply.refusal) ?? 0) + 1);
    if (request.requestType === "LICENSE_USAGE" || request.requestType === "POLL_REQ") this.#noteUsage(from, reply);
    if (request.requestType === "ID_TOKEN_TRUST") this.#noteTrust(request, reply);
  }

  /** A licence file with what answers reports leaves the manager, to be carried by hand. */
  gaveFile(to: string, file: string): void {
    this.#noteObjects(to, decodeLicenseFile(Buffer.from(file)).managerObjects);
  }

  /** A digest of all that arrived and of what was answered, in its order. */
  course(): string {
    return this.#course.copy().digest("hex");
  }

  /** The manager's side of a device changed on purpose: what it was given before need not be given again. */
  forgetGrants(): void {
    this.#beginnings += 1;
    this.granted.clear();
  }

  #noteUsage(to: string, reply: DeviceReply): void {
    for (const { smart_license: file } of devicesOf(reply))
      if (file !== "") this.#noteObjects(to, decodeSmartLicense(file));
  }

  #noteObjects(to: string, objects: readonly ManagerObject[]): void {
    for (const object of objects) {
      if (object.header.type === "ack") this.#noteAcknowledgement(to, decodeAcknowledgement(object.payload));
      if (object.header.type === "auth") this.#noteCode(object.payload);
    }
  }

  #noteAcknowledgement(to: string, acknowledgement: Acknowledgement): void {
    let installationId = -1;
    for (const entry of acknowledgement.reports) {
      if (entry.outcome === "refused") {
        this.refusals.set(entry.code, (this.refusals.get(entry.code) ?? 0) + 1);
        continue;
      }
      const row = this.committed.findLast(
        ({ reportId, payloadSha256 }) => reportId === entry.report_id && payloadSha256 === entry.payload_sha256,
      );
      if (row === undefined || !this.#durable.has(nameOf(row)))
        this.problems.push(`[I5] an ACK for report ${entry.report_id} left before the report was durable`);
      else installationId = row.installationId;
    }
    this.acknowledgements.push({ to, acknowledgement, installationId, restores: this.restores });
    this.#noteSequence(acknowledgement);
    if (installationId !== -1) this.#notePolicy(installationId, acknowledgement);
  }

  /** A device takes no second ACK of a sequence that it has seen: whoever gives one out locks it out. */
  #noteSequence(acknowledgement: Acknowledgement): void {
    const { product_instance_identifier: identifier, sequence } = acknowledgement;
    const [name, said] = [`${identifier} ${sequence}`, JSON.stringify(acknowledgement)];
    const before = this.#saidUnder.get(name);
    this.#saidUnder.set(name, said);
    if (before !== undefined && before !== said)
      this.problems.push(`[${this.restores > 0 ? "I8" : "I1"}] ${identifier} was sent two different ACKs ${sequence}`);
  }

  /** A device takes a code of a sequence that it gave back no second time. */
  #noteCode(payload: string): void {
    const { product_instance_identifier: identifier, sequence } = decodeAuthorizationCode(payload);
    const name = `code ${identifier} ${sequence}`;
    const before = this.#saidUnder.get(name);
    this.#saidUnder.set(name, payload);
    if (before !== undefined && before !== payload)
      this.problems.push(
        `[${this.restores > 0 ? "I8" : "I9"}] ${identifier} was given two different codes ${sequence}`,
      );
  }

  /** A repeated ACK may repeat its version; a new one never carries less than one before it. */
  #notePolicy(installationId: number, { policy_version: version, sequence }: Acknowledgement): void {
    if (sequence <= (this.#newestSequences.get(installationId) ?? -1)) return;
    this.#newestSequences.set(installationId, sequence);
    const before = this.#policyVersions.get(installationId) ?? 0;
    if (version < before)
      this.problems.push(`[I10] installation ${installationId} was sent policy version ${version} after ${before}`);
    this.#policyVersions.set(installationId, version);
  }

  #noteTrust(request: UnverifiedRequest, reply: DeviceReply): void {
    const { token, sender, wanted } = trustWish(request);
    const answers = new Map(devicesOf(reply).map((device) => [formatUdi(udiOf(device.sudi)), device]));
    // The same request: token, sender and every device with its key. Another sender may be refused for all.
    const whole = `${token} ${sender} ${[...wanted].flat().sort().join(" ")}`;
    for (const udi of wanted.keys()) {
      const name = `${udi} of ${whole}`;
      const answer = answers.get(udi);
      const isOk = answer?.status_code === "OK";
      // A clock that is wrong, or a key that was replaced since, is another question.
      if (!isOk && (reply.refusal === "clock_offset" || reply.refusal === "key_revoked")) continue;
      const before = this.granted.get(name);
      if (isOk && before !== undefined && before !== answer.product_instance_identifier)
        this.problems.push(`[I9] ${udi} asked again and was given another identity`);
      if (!isOk && before !== undefined)
        this.problems.push(`[I9] ${udi} asked again and was refused: ${reply.refusal ?? answer?.status_message}`);
      if (isOk) this.granted.set(name, answer.product_instance_identifier);
    }
  }
}

function trustWish(request: UnverifiedRequest) {
  const data = decodeRequestData(request as UnverifiedRequest & { readonly requestType: "ID_TOKEN_TRUST" });
  const wanted = new Map(data.device_list.map((device) => [formatUdi(udiOf(device.sudi)), keyOf(device.csr)]));
  return { token: data.token ?? "", sender: data.sudi.udi_serial_number, wanted };
}

type AcceptedEntry = Exclude<Acknowledgement["reports"][number], { readonly outcome: "refused" }>;

export type Staged = {
  begin(): void;
  watch(transaction: Transaction): Transaction;
  commit(): void;
};

type AnsweredDevice = {
  readonly sudi: Parameters<typeof udiOf>[0];
  readonly product_instance_identifier: string;
  readonly smart_license: string;
  readonly status_code: string;
  readonly status_message: string;
};

function devicesOf(reply: DeviceReply): readonly AnsweredDevice[] {
  const data = reply.content.data as { readonly device_list?: readonly AnsweredDevice[] } | null;
  return data?.device_list ?? [];
}

function watchReports(transaction: Transaction, rows: CommittedReport[]): Transaction {
  const { reports } = transaction;
  const addReport: typeof reports.addReport = async (row) => {
    const isNew = await reports.addReport(row);
    if (isNew) rows.push({ ...row, report: decodeRumReport(row.payload) });
    return isNew;
  };
  return { ...transaction, reports: { ...reports, addReport } };
}

type Name = Pick<CommittedReport, "installationId" | "reportId" | "payloadSha256">;

function nameOf({ installationId, reportId, payloadSha256 }: Name): string {
  return `${installationId} ${reportId} ${payloadSha256}`;
}

function leafNameOf(row: Name & Pick<CommittedReport, "leafIndex">): string {
  return `${nameOf(row)} ${row.leafIndex}`;
}

function keyOf(csr: string): string {
  const der = Buffer.from(csr, "base64");
  const at = der.indexOf(keyPrefix);
  return at === -1 ? "" : der.subarray(at + keyPrefix.length, at + keyPrefix.length + keyBytes).toString("hex");
}
