// LICENSE_USAGE: verify the message, verify each report, make all of it durable; then sign the ACK and answer. The first half
// may run on a thread of its own, so what it hands to the second is plain data.

import {
  decodeRequestData,
  ProtocolError,
  type RequestData,
  type RequestHeader,
  type Udi,
  type UnverifiedRequest,
  udiOf,
} from "@countersign/protocol";
import { DeviceRefusal, isStorageOutage, ReportsNotStored } from "../errors.ts";
import type { Cause } from "../events/event.ts";
import { GroupCommit, QueueFull } from "../group-commit.ts";
import type { Environment } from "../ports.ts";
import { roleChanges } from "../trust/role-changes.ts";
import { type Asked, acknowledgementAnswer, pollIdOf } from "./acknowledgement-answer.ts";
import { checkReports, isVerifiedOnCaller } from "./check-reports.ts";
import { readDispute } from "./ledger-dispute.ts";
import { type RecordedUsage, recordUsage, type UsageMessage } from "./record-usage.ts";
import { served, tryAgain } from "./reply.ts";
import { arrivedAtMs, decodeTimely } from "./request-clock.ts";
import { requireReporting, requireSender, type Sender, SenderDirectory } from "./sender.ts";
import type { ObjectSigner } from "./sign-objects.ts";
import type { CarriedBy, DeviceReply, DeviceRequestLimits } from "./use-cases.ts";

/** What accepting usage reports needs of the outside; all of it can be had on a thread of its own. */
export type UsageEnvironment = Pick<Environment, "storage" | "clock" | "options" | "observer">;

export type UsagePorts = {
  readonly environment: UsageEnvironment;
  readonly directory: SenderDirectory;
  readonly commits: GroupCommit<UsageMessage, RecordedUsage>;
};

/** `wholeGroupsMax`: see `wholeItemsMax` of a group commit. */
export function openUsagePorts(environment: UsageEnvironment, wholeGroupsMax?: number): UsagePorts {
  const directory = new SenderDirectory(environment.storage.read.trust);
  return { environment, directory, commits: openUsageCommits(environment, wholeGroupsMax) };
}

/** The one queue through which all usage reports of this process reach the disk. */
function openUsageCommits(
  { storage, clock, options, observer }: UsageEnvironment,
  wholeGroupsMax?: number,
): GroupCommit<UsageMessage, RecordedUsage> {
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
    ...(wholeGroupsMax === undefined ? {} : { wholeItemsMax: wholeGroupsMax }),
    waitingRowsMax: options.waitingReportsMax,
  });
}

export type UsageRequest = UnverifiedRequest & { readonly requestType: "LICENSE_USAGE" };

type Acknowledged = Extract<RecordedUsage, { outcome: "acknowledged" }>;

/** What became of a usage report before anything is signed. */
export type AcceptedUsage =
  /** Durable: an ACK may leave. */
  | (Acknowledged & { readonly asked: Asked; readonly device: ReportingDevice })
  /** Refused or put off. */
  | { readonly outcome: "answered"; readonly reply: DeviceReply };
/** The same with the header that the answer needs. */
export type AcceptedBody = { readonly header: RequestHeader; readonly accepted: AcceptedUsage };
export type ReportingDevice = { readonly udi: Udi; readonly productInstanceIdentifier: string };

/** Throws refusals, and `ReportsNotStored`. */
export async function acceptUsageReport(
  request: UsageRequest,
  limits: DeviceRequestLimits,
  ports: UsagePorts,
): Promise<AcceptedUsage> {
  try {
    const { sender, data, recorded } = await acceptOnce(request, limits, ports, true);
    const { nonce, sudi, known_tree_head } = data;
    const { udi, productInstanceIdentifier } = sender.instance;
    const asked = { nonce, sudi, ...(known_tree_head === undefined ? {} : { known_tree_head }) };
    return { ...recorded, asked, device: { udi, productInstanceIdentifier } };
  } catch (error) {
    if (!(error instanceof QueueFull)) throw error;
    const { overloadRetrySeconds } = ports.environment.options;
    return { outcome: "answered", reply: tryAgain(overloadRetrySeconds, request.header.product_instance_identifier) };
  }
}

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
  const { carriedBy } = limits;
  const known =
    carriedBy !== undefined && request.signature === null
      ? await findVouched(request, carriedBy, ports)
      : await requireSender(request, {
          directory,
          now,
          mayBeExpired: false,
          mustBeCurrent: false,
          isVerifiedHere: isVerifiedOnCaller(request.signature?.type ?? "", 1, { verifiedOnCallerMax }),
        });
  const sender = await requireReporting(known, directory);
  const data = decodeTimely(request, arrivedAtMs(request.requestType, limits, now));
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

/**
 * A relay vouches for the way of a request that is not signed. Whose the reports are they say themselves, so nothing more is
 * believed than of a file that a person carries. Throws `signature_missing` for a device that does not stand beside the relay.
 */
async function findVouched(
  request: UsageRequest,
  { smartAccountId, virtualAccountId }: CarriedBy,
  { environment, directory }: UsagePorts,
): Promise<Sender> {
  const { pid, serialNumber } = udiOf(request.header.sudi);
  const { software_tag_identifier: productTag } = decodeRequestData(request);
  const instances = await environment.storage.read.trust.findInstancesByUdi(smartAccountId, pid, serialNumber);
  const instance = instances.find((one) => one.productTag === productTag && one.virtualAccountId === virtualAccountId);
  const sender = instance === undefined ? undefined : await directory.findCurrent(instance.certificateSerial);
  if (sender === undefined) throw new ProtocolError("signature_missing");
  return sender;
}

function causeOf(request: UsageRequest, nonce: string): Cause {
  const { product_instance_identifier: productInstanceIdentifier } = request.header;
  return { kind: "message", requestType: request.requestType, nonce, productInstanceIdentifier };
}

/** Signs the ACK of what is durable, or says where it can be asked for. */
export async function answerAccepted(
  accepted: AcceptedUsage,
  { environment, signer }: { readonly environment: UsageEnvironment; readonly signer: ObjectSigner },
): Promise<DeviceReply> {
  if (accepted.outcome === "answered") return accepted.reply;
  const { options, storage } = environment;
  const { asked, device, acknowledgement, reports } = accepted;
  const { productInstanceIdentifier } = device;
  if (options.acknowledgeMode === "poll") {
    const later = {
      nonce: asked.nonce,
      sudi: asked.sudi,
      poll_id: pollIdOf(acknowledgement.acknowledgementId),
      poll_interval: options.pollIntervalSeconds,
    };
    return served({ statusCode: "OK_POLL", data: later, productInstanceIdentifier, reports });
  }
  const answerData = await acknowledgementAnswer(asked, device, acknowledgement, {
    signer,
    trust: storage.read.trust,
    ledger: storage.read.ledger,
  });
  return served({ data: answerData, productInstanceIdentifier, reports });
}
