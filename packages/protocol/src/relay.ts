// What a relay is to the protocol (spec/protocol.md, section 16): a product instance that carries the messages of others. It
// answers them by itself only where nothing but a wait is said, or where what counts was signed by a manager.

import type { X509Certificate } from "node:crypto";
import { type AnswerContent, decodeAnswer } from "./answer.ts";
import type { TrustAnchors } from "./certificate.ts";
import { ProtocolError } from "./errors.ts";
import { decodeSmartLicense } from "./files/smart-license-file.ts";
import type { TreeHead } from "./ledger/tree-head.ts";
import type { AnswerData } from "./messages/message-table.ts";
import { verifyManagerObject } from "./signed-object.ts";

/** A device that seeks trust for this product becomes a relay: its certificate is of a relay's purpose, and of no other. */
export const relayProductTag = "regid.2026-11.org.countersign.RELAY,1.0_7e1a7b52-6a0c-4d7e-9a55-6c1f0d9e4b11";

type UsageAnswer = AnswerData<"LICENSE_USAGE">;

/** What a relay keeps of a manager's answer for the device that will ask for it: signed objects, and the proof that goes along. */
export type CarriedAnswer = Pick<UsageAnswer, "device_list" | "consistency_proof">;

export type CarriedQuestion = {
  readonly nonce: string;
  /** The manager's signing certificate, for a device that said that it holds it. */
  readonly knownCertificate: X509Certificate | null;
  readonly anchors: TrustAnchors;
  readonly now: number;
};

/** What a manager's answer to a device's LICENSE_USAGE means for whoever carried it. */
export type ReadForCarrying =
  | { readonly outcome: "acknowledged"; readonly answer: CarriedAnswer }
  | { readonly outcome: "later"; readonly retryTimeSeconds: number }
  | { readonly outcome: "refused"; readonly code: string; readonly message: string };

/** Verifies the answer and every object in it: a relay keeps nothing that a device would not believe. Throws `ProtocolError`. */
export async function readForCarrying(body: Uint8Array, question: CarriedQuestion): Promise<ReadForCarrying> {
  const { anchors, now } = question;
  const answer = await decodeAnswer(body, { ...question, requestType: "LICENSE_USAGE" });
  switch (answer.statusCode) {
    case "OK": {
      const { device_list, consistency_proof } = answer.data;
      for (const { smart_license } of device_list) await requireSignedByManager(smart_license, anchors, now);
      return {
        outcome: "acknowledged",
        answer: { device_list, ...(consistency_proof === undefined ? {} : { consistency_proof }) },
      };
    }
    case "OK_POLL":
      return { outcome: "later", retryTimeSeconds: answer.data.poll_interval };
    case "OK_TRY_AGAIN":
      return { outcome: "later", retryTimeSeconds: answer.retryTimeSeconds };
    case "FAILED":
      return { outcome: "refused", code: answer.data?.code ?? "refused", message: answer.statusMessage };
    default:
      return answer satisfies never;
  }
}

async function requireSignedByManager(smartLicense: string, anchors: TrustAnchors, now: number): Promise<void> {
  const objects = decodeSmartLicense(smartLicense);
  if (!objects.some(({ header }) => header.type === "ack"))
    throw new ProtocolError("payload_invalid", "The acknowledgement is missing.");
  for (const object of objects) await verifyManagerObject(object, anchors, now);
}

type Asked = {
  readonly nonce: string;
  readonly sudi: UsageAnswer["sudi"];
  readonly known_tree_head?: TreeHead | undefined;
};

/**
 * The answer to a device that asks for what was carried. A proof from another head than the one that the device now names proves
 * nothing to it and is left out; it will name that head again with its next reports.
 */
export function carriedContent(
  asked: Asked,
  sent: Asked,
  { device_list, consistency_proof }: CarriedAnswer,
): AnswerContent {
  const { nonce, sudi } = asked;
  const isSameHead = JSON.stringify(asked.known_tree_head) === JSON.stringify(sent.known_tree_head);
  const proof = consistency_proof !== undefined && isSameHead ? { consistency_proof } : {};
  const data = { nonce, sudi, ...proof, device_list };
  return { statusCode: "OK", statusMessage: "OK", retryTimeSeconds: 0, data };
}

/** Taken and kept; the result will be there later. */
export function heldContent(
  asked: Pick<Asked, "nonce" | "sudi">,
  pollId: string,
  pollIntervalSeconds: number,
): AnswerContent {
  const data = { nonce: asked.nonce, sudi: asked.sudi, poll_id: pollId, poll_interval: pollIntervalSeconds };
  return { statusCode: "OK_POLL", statusMessage: "OK_POLL", retryTimeSeconds: 0, data };
}
