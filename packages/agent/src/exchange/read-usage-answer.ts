// The answer to a push or a poll. An ACK counts only after its signature, its chain, the identity in it and its sequence
// were verified, and it touches only reports whose id and content hash it names (I7).

import {
  type DeviceAnswer,
  decodeAcknowledgement,
  decodeSmartLicense,
  isSameUdi,
  type ManagerObject,
  type Policy,
  ProtocolError,
  type Udi,
  udiOf,
  verifyAcknowledgement,
  verifyManagerObject,
} from "@countersign/protocol";
import type { ExchangeEvent, ReceivedAcknowledgement } from "../lifecycle/event.ts";
import type { AgentState } from "../lifecycle/state.ts";
import { type ExchangeContext, senderOf } from "./exchange-context.ts";
import { Refusal } from "./exchange-failure.ts";
import { namedHead } from "./ledger-talk.ts";
import { matchReports } from "./match-reports.ts";
import { readPolicy } from "./read-trust-answer.ts";
import type { Reply } from "./send-request.ts";

/** What reading an ACK needs, whichever way it came. */
export type AcknowledgementContext = Pick<ExchangeContext, "state" | "anchors" | "clock" | "reports">;

export async function readUsageAnswer(
  exchangeId: number,
  { answer, contact }: Reply<"LICENSE_USAGE"> | Reply<"POLL_REQ">,
  context: ExchangeContext,
): Promise<ExchangeEvent> {
  switch (answer.statusCode) {
    case "OK_POLL":
      return {
        type: "poll-later",
        exchangeId,
        contact,
        pollId: answer.data.poll_id,
        afterSeconds: answer.data.poll_interval,
      };
    case "OK": {
      const given = ownAnswer(answer.data.device_list, senderOf(context.state).udi);
      if (given.status_code === "FAILED") {
        throw new Refusal({
          code: "refused",
          message: given.status_message,
          contact,
          retryAfterSeconds: answer.retryTimeSeconds,
        });
      }
      const objects = decodeSmartLicense(given.smart_license);
      const ledger = { named: namedHead(context.state), proof: answer.data.consistency_proof ?? null };
      const received = await readAcknowledgement(objects, context);
      return { type: "usage-acknowledged", exchangeId, contact, ...received, ledger };
    }
    case "OK_TRY_AGAIN":
      return { type: "try-again", exchangeId, contact, afterSeconds: answer.retryTimeSeconds };
    default:
      return answer satisfies never;
  }
}

function ownAnswer(answers: readonly DeviceAnswer[], udi: Udi): DeviceAnswer {
  const own = answers.find((candidate) => isSameUdi(udiOf(candidate.sudi), udi));
  if (own === undefined) throw new ProtocolError("identity_mismatch", "The answer says nothing about this device.");
  return own;
}

async function readAcknowledgement(
  objects: readonly ManagerObject[],
  context: ExchangeContext,
): Promise<Omit<ReceivedAcknowledgement, "ledger">> {
  const object = objects.find((candidate) => candidate.header.type === "ack");
  if (object === undefined) throw new ProtocolError("payload_invalid", "The acknowledgement is missing.");
  return acknowledgementFrom(object, await readPolicy(objects, context), context);
}

/** Throws `ProtocolError` for an ACK that is not what it claims to be, or that is for another device. */
export async function acknowledgementFrom(
  object: ManagerObject,
  policy: Policy | null,
  context: AcknowledgementContext,
): Promise<Omit<ReceivedAcknowledgement, "ledger">> {
  const { udi, trust } = senderOf(context.state);
  const productInstanceIdentifier = trust?.productInstanceIdentifier ?? (await namedInstance(object, context));
  const acknowledgement = await verifyAcknowledgement({
    object,
    anchors: context.anchors,
    now: context.clock.now(),
    productInstanceIdentifier,
    udi,
    newestSequence: newestSequence(context.state, productInstanceIdentifier),
  });
  return { acknowledgement, policy, ...matchReports(acknowledgement.reports, context.reports) };
}

/** A device without trust, behind a relay, does not know how the manager calls it: there the UDI alone is its identity. */
async function namedInstance(object: ManagerObject, context: AcknowledgementContext): Promise<string> {
  await verifyManagerObject(object, context.anchors, context.clock.now());
  return decodeAcknowledgement(object.payload).product_instance_identifier;
}

/** Each product instance has a sequence of its own; after a switchover the new active one starts from its beginning. */
function newestSequence({ reporting }: AgentState, productInstanceIdentifier: string): number {
  return reporting.lastAckInstance === productInstanceIdentifier ? reporting.lastAckSequence : -1;
}
