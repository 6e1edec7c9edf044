// LICENSE_USAGE: verify the message, verify each report, make all of it durable, then sign the ACK and answer.

import type { RequestData, UnverifiedRequest } from "@countersign/protocol";
import { DeviceRefusal, isStorageOutage, ReportsNotStored } from "../errors.ts";
import type { Cause } from "../events/event.ts";
import { GroupCommit, QueueFull } from "../group-commit.ts";
import type { Environment } from "../ports.ts";
import { roleChanges } from "../trust/role-changes.ts";
import { acknowledgementAnswer, pollIdOf } from "./acknowledgement-answer.ts";
import { checkReports } from "./check-reports.ts";
import { readDispute } from "./ledger-dispute.ts";
import { type RecordedUsage, recordUsage, type UsageMessage } from "./record-usage.ts";
import { served, tryAgain } from "./reply.ts";
import { decodeTimely } from "./request-clock.ts";
import { requireSender, type Sender, SenderDirectory } from "./sender.ts";
import type { ObjectSigner } from "./sign-objects.ts";
import type { DeviceReply, DeviceRequestLimits } from "./use-cases.ts";

/** What accepting usage reports needs of the outside; all of it can be had on a thread of its own. */
export type UsageEnvironment = Pick<Environment, "storage" | "clock" | "options" | "observer">;

export type UsagePorts = {
  readonly environment: UsageEnvironment;
  readonly directory: SenderDirectory;
  readonly signer: ObjectSigner;
  readonly commits: GroupCommit<UsageMessage, RecordedUsage>;
};

/** `signer` signs the ACKs. */
export function openUsagePorts(environment: UsageEnvironment, signer: ObjectSigner): UsagePorts {
  const directory = new SenderDirectory(environment.storage.read.trust);
  return { environment, signer, directory, commits: openUsageCommits(environment) };
}

/** The one queue through which all usage reports of this process reach the disk. */
function openUsageCommits({
  storage,
  clock,
  options,
  observer,
}: UsageEnvironment): GroupCommit<UsageMessage, RecordedUsage> {
  return new GroupCommit({
    commit: async (messages) => {
      const startedAtMs = performance.now();
      const results = await storage.inTransaction((transaction) => recordUsage(transaction, messages, clock.now()));
      observer?.groupCommitted(messages.length, (performance.now() - startedAtMs) / 1000);
      return results;
    },
    meetsAll: isStorageOutage,
    rowsOf: (message) => Math.max(1, message.reports.length),
    rowsPerCommitMax: options.reportsPerCommitMax,
    waitingRowsMax: options.waitingReportsMax,
  });
}

export type UsageRequest = UnverifiedRequest & { readonly requestType: "LICENSE_USAGE" };

export async function acceptUsageReport(
  request: UsageRequest,
  limits: DeviceRequestLimits,
  ports: UsagePorts,
): Promise<DeviceReply> {
  try {
    const { sender, data, recorded } = await acceptOnce(request, limits, ports, true);
    return await answer(sender, data, recorded, ports);
  } catch (error) {
    if (!(error instanceof QueueFull)) throw error;
    return tryAgain(ports.environment.options.overloadRetrySeconds, request.header.product_instance_identifier);
  }
}

type Acknowledged = Extract<RecordedUsage, { outcome: "acknowledged" }>;
type Accepted = {
  readonly sender: Sender;
  readonly data: RequestData<"LICENSE_USAGE">;
  readonly recorded: Acknowledged;
};

async function acceptOnce(
  request: UsageRequest,
  limits: DeviceRequestLimits,
  ports: UsagePorts,
  mayLookAgain: boolean,
): Promise<Accepted> {
  const { environment, directory, commits } = ports;
  // Before any signature is verified: what is turned away must cost less than what is taken.
  if (commits.isFull) throw new QueueFull();
  const now = environment.clock.now();
  const { verifiedOnCallerMax } = environment.options;
  // The transaction compares the trust epoch, so the common case needs no look at the database here.
  const sender = await requireSender(request, {
    directory,
    now,
    mayBeExpired: false,
    mustBeCurrent: false,
    isVerifiedHere: verifiedOnCallerMax > 0,
  });
  const data = decodeTimely(request, now);
  if (data.rum_reports.length > limits.reportsMax) {
    throw new DeviceRefusal(
      "too_many_reports",
      `The message carries ${data.rum_reports.length} reports; the limit is ${limits.reportsMax}.`,
    );
  }
  const { instance, trustEpoch } = sender;
  const reports = await checkReports(data.rum_reports, sender, { directory, verifiedOnCallerMax });
  const roles = roleChanges(data.device_list, sender.roles);
  const dispute = await readDispute(data, instance, environment.storage.read);
  const message = {
    ...{ instance, trustEpoch, reports, roles, receivedAtMs: now, cause: causeOf(request, data.nonce) },
    ...(dispute === undefined ? {} : { dispute }),
  };
  const recorded = await commits.add(message).catch((error: unknown) => {
    throw error instanceof QueueFull ? error : new ReportsNotStored(error);
  });
  if (recorded.outcome === "trust_changed" || roles.size > 0) directory.forget(sender.certificateSerial);
  if (recorded.outcome === "acknowledged") return { sender, data, recorded };
  if (!mayLookAgain) throw new Error("the trust of a sender changed twice while one message was accepted");
  return acceptOnce(request, limits, ports, false);
}

function causeOf(request: UsageRequest, nonce: string): Cause {
  const { product_instance_identifier: productInstanceIdentifier } = request.header;
  return { kind: "message", requestType: request.requestType, nonce, productInstanceIdentifier };
}

async function answer(
  sender: Sender,
  data: RequestData<"LICENSE_USAGE">,
  recorded: Acknowledged,
  ports: UsagePorts,
): Promise<DeviceReply> {
  const { options, storage } = ports.environment;
  const { acknowledgement, reports } = recorded;
  const { productInstanceIdentifier } = sender.instance;
  if (options.acknowledgeMode === "poll") {
    const later = {
      nonce: data.nonce,
      sudi: data.sudi,
      poll_id: pollIdOf(acknowledgement.acknowledgementId),
      poll_interval: options.pollIntervalSeconds,
    };
    return served({ statusCode: "OK_POLL", data: later, productInstanceIdentifier, reports });
  }
  const answerData = await acknowledgementAnswer(data, sender.instance, acknowledgement, {
    signer: ports.signer,
    trust: storage.read.trust,
    ledger: storage.read.ledger,
  });
  return served({ data: answerData, productInstanceIdentifier, reports });
}
