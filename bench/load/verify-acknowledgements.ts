// A fast answer that nobody could use would be worth nothing: a sample of the answers is verified as a device does it.

import type { X509Certificate } from "node:crypto";
import {
  decodeAnswer,
  decodeSmartLicense,
  isAcknowledgedBy,
  sha256Hex,
  udiOf,
  verifyAcknowledgement,
} from "@countersign/protocol";
import type { KeptAnswer } from "./closed-loop.ts";
import type { UsageMessage } from "./usage-messages.ts";

/** Verifies the kept answers: signatures, chain, nonce, identity, and every report by its hash. Throws otherwise. */
export async function verifyAcknowledgements(
  messages: readonly UsageMessage[],
  kept: readonly KeptAnswer[],
  root: X509Certificate,
): Promise<void> {
  for (const { index, answer } of kept) await verifyOne(messages[index] as UsageMessage, answer.body, root);
}

async function verifyOne(message: UsageMessage, body: Uint8Array, root: X509Certificate): Promise<void> {
  const { instance, nonce } = message;
  const now = Date.now();
  const anchors = [root];
  const question = {
    requestType: "LICENSE_USAGE",
    nonce,
    anchors,
    knownCertificate: instance.signingCertificate,
    now,
  } as const;
  const answer = await decodeAnswer(body, question);
  if (answer.statusCode !== "OK") throw new Error(`The answer is ${answer.statusCode}: ${answer.statusMessage}`);
  const objects = decodeSmartLicense(answer.data.device_list[0]?.smart_license ?? "");
  const object = objects.find(({ header }) => header.type === "ack");
  if (object === undefined) throw new Error("The answer has no acknowledgement.");
  const acknowledgement = await verifyAcknowledgement({
    object,
    anchors,
    now,
    productInstanceIdentifier: instance.productInstanceIdentifier,
    udi: udiOf(instance.sudi),
    newestSequence: -1,
  });
  for (const { reportId, payload } of message.reports) {
    const hash = sha256Hex(payload);
    if (acknowledgement.reports.some((entry) => isAcknowledgedBy(entry, reportId, hash))) continue;
    throw new Error(`Report ${reportId} was not acknowledged: ${JSON.stringify(acknowledgement.reports.slice(0, 3))}`);
  }
}
