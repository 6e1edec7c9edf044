// A device as a killer of managers needs it: it reports without pause, repeats what got no answer byte by byte, and
// believes an ACK only after verifying it.

import type { X509Certificate } from "node:crypto";
import {
  decodeAnswer,
  decodeSmartLicense,
  isAcknowledgedBy,
  sha256Hex,
  udiOf,
  verifyAcknowledgement,
} from "@countersign/protocol";
import { type KeepAliveConnection, type LoadTarget, openConnection } from "../../bench/load/keep-alive-connection.ts";
import { encodeUsageMessages, type ReportingInstance, type UsageMessage } from "../../bench/load/usage-messages.ts";
import { licensePath } from "../../bench/load/wire-constants.ts";
import type { AcknowledgedEntry } from "./acknowledged-list.ts";

export type ReportOutcome =
  | { readonly outcome: "acknowledged"; readonly entries: readonly AcknowledgedEntry[] }
  /** The manager asks to come again, and says why. */
  | { readonly outcome: "deferred"; readonly code: string }
  | { readonly outcome: "cut" };

export class ReportingClient {
  readonly #instance: ReportingInstance;
  readonly #root: X509Certificate;
  readonly #onAcknowledged: (entries: readonly AcknowledgedEntry[]) => void;
  #outstanding: UsageMessage | null = null;
  #newestSequence = -1;

  constructor(
    instance: ReportingInstance,
    root: X509Certificate,
    onAcknowledged: (entries: readonly AcknowledgedEntry[]) => void,
  ) {
    this.#instance = instance;
    this.#root = root;
    this.#onAcknowledged = onAcknowledged;
  }

  /**
   * Reports until the connection is lost, or `cut` says that it is. Rejects when the manager refuses something, or answers
   * what is not true.
   */
  async reportUntilCut(target: LoadTarget, cut: Promise<null>): Promise<void> {
    const connection = await openConnection(target).catch(() => null);
    if (connection === null) return;
    try {
      while ((await this.#reportTaken(connection, cut)) !== "cut");
    } finally {
      connection.close();
    }
  }

  /** Sends what is outstanding, once more, until it is answered; for the end, when nobody is killed any more. */
  async settle(target: LoadTarget): Promise<void> {
    const connection = await openConnection(target);
    try {
      while (this.#outstanding !== null) {
        if ((await this.#reportTaken(connection)) === "cut") throw new Error("The manager closed the connection.");
      }
    } finally {
      connection.close();
    }
  }

  /** Whether something was sent that is not acknowledged yet. */
  get isWaiting(): boolean {
    return this.#outstanding !== null;
  }

  /** Sends what is outstanding, or something new, and keeps it until it is acknowledged. */
  async report(connection: KeepAliveConnection, cut?: Promise<null>): Promise<ReportOutcome> {
    this.#outstanding ??= await this.#nextMessage();
    const message = this.#outstanding;
    const posted = connection.post(licensePath, message.body).catch(() => null);
    const answer = await (cut === undefined ? posted : Promise.race([posted, cut]));
    if (answer === null) return { outcome: "cut" };
    const read = await this.#verify(message, answer.body);
    if (read.outcome === "acknowledged") {
      this.#onAcknowledged(read.entries);
      this.#outstanding = null;
    }
    return read;
  }

  async #reportTaken(connection: KeepAliveConnection, cut?: Promise<null>): Promise<"acknowledged" | "cut"> {
    const reported = await this.report(connection, cut);
    if (reported.outcome === "deferred") throw new Error(`A report was put off: ${reported.code}`);
    return reported.outcome;
  }

  async #nextMessage(): Promise<UsageMessage> {
    const reportCount = 1 + (this.#instance.nextReportId % 4);
    const [message] = await encodeUsageMessages([this.#instance], 1, reportCount);
    return message as UsageMessage;
  }

  async #verify(message: UsageMessage, body: Uint8Array): Promise<ReportOutcome> {
    const now = Date.now();
    const anchors = [this.#root];
    const { productInstanceIdentifier, sudi, signingCertificate } = this.#instance;
    const answer = await decodeAnswer(body, {
      ...{ requestType: "LICENSE_USAGE" as const, nonce: message.nonce, anchors, now },
      knownCertificate: signingCertificate,
    });
    if (answer.statusCode === "OK_TRY_AGAIN" && answer.retryTimeSeconds > 0)
      return { outcome: "deferred", code: answer.data?.code ?? "" };
    if (answer.statusCode !== "OK")
      throw new Error(`A report was answered ${answer.statusCode}: ${answer.statusMessage}`);
    const objects = decodeSmartLicense(answer.data.device_list[0]?.smart_license ?? "");
    const object = objects.find(({ header }) => header.type === "ack");
    if (object === undefined) throw new Error("An answer has no acknowledgement.");
    const acknowledgement = await verifyAcknowledgement({
      ...{ object, anchors, now, productInstanceIdentifier, udi: udiOf(sudi) },
      newestSequence: this.#newestSequence,
    });
    this.#newestSequence = acknowledgement.sequence;
    const { tree_head: head } = acknowledgement;
    const entries = message.reports.map(({ reportId, payload }) => {
      const payloadSha256 = sha256Hex(payload);
      const entry = acknowledgement.reports.find((one) => isAcknowledgedBy(one, reportId, payloadSha256));
      if (entry === undefined || entry.outcome === "refused" || head === null)
        throw new Error(`Report ${reportId} was not acknowledged: ${JSON.stringify(acknowledgement.reports)}`);
      const { leaf_index: leafIndex } = entry;
      const treeHead = { treeSize: head.size, treeRootSha256: head.root_sha256 };
      return { productInstanceIdentifier, reportId, payloadSha256, leafIndex, ...treeHead };
    });
    return { outcome: "acknowledged", entries };
  }
}
