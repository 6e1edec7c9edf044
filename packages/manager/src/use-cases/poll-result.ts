// POLL_REQ: the result of an earlier usage report. A repeated poll gives the same ACK for as long as it is kept.

import type { UnverifiedRequest } from "@countersign/protocol";
import { DeviceRefusal } from "../errors.ts";
import type { Environment } from "../ports.ts";
import { isSameInstallation } from "../trust/product-instance.ts";
import { pollInstanceText } from "../trust/refusal-texts.ts";
import { acknowledgementAnswer, acknowledgementIdOf } from "./acknowledgement-answer.ts";
import { served } from "./reply.ts";
import { decodeTimely } from "./request-clock.ts";
import { requireSender, type SenderDirectory } from "./sender.ts";
import type { ObjectSigner } from "./sign-objects.ts";
import type { DeviceReply } from "./use-cases.ts";

export type PollPorts = {
  readonly environment: Environment;
  readonly directory: SenderDirectory;
  readonly signer: ObjectSigner;
};

export async function pollResult(
  request: UnverifiedRequest & { readonly requestType: "POLL_REQ" },
  ports: PollPorts,
): Promise<DeviceReply> {
  const { environment, directory, signer } = ports;
  const now = environment.clock.now();
  const sender = await requireSender(request, { directory, now, mayBeExpired: false, mustBeCurrent: true });
  const data = decodeTimely(request, now);
  const asked = await environment.storage.read.trust.findInstanceByIdentifier(data.original_piid);
  // After a switchover another member of the installation may ask for what the first one sent.
  if (asked === undefined || !isSameInstallation(asked, sender.instance)) {
    throw new DeviceRefusal("poll_instance_unknown", pollInstanceText(data.original_piid, data.poll_id));
  }
  const { smartAccountId, productInstanceIdentifier } = sender.instance;
  const id = acknowledgementIdOf(data.poll_id);
  const stored =
    id === undefined
      ? undefined
      : await environment.storage.read.acknowledgements.findAcknowledgement(smartAccountId, id);
  if (stored?.instanceId !== asked.instanceId) throw new DeviceRefusal("poll_unknown");
  const answerData = await acknowledgementAnswer(data, asked, stored, {
    signer,
    trust: environment.storage.read.trust,
    ledger: environment.storage.read.ledger,
  });
  return served({ data: answerData, productInstanceIdentifier });
}
