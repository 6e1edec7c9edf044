// DEREGISTER: the product instances of a classic installation are removed and what they used is free. A repetition comes from a
// product instance that is not known any more, which is what its device wants to hear.

import type { AnswerData, UnverifiedRequest } from "@countersign/protocol";
import type { Cause } from "../events/event.ts";
import { removeMember } from "./installation-changes.ts";
import { type ClassicPorts, requireClassicSender, requireRegistered } from "./registered-sender.ts";
import { served } from "./reply.ts";
import { decodeTimely } from "./request-clock.ts";
import type { DeviceReply } from "./use-cases.ts";

type DeregisterRequest = UnverifiedRequest & { readonly requestType: "DEREGISTER" };

export async function deregisterDevices(request: DeregisterRequest, ports: ClassicPorts): Promise<DeviceReply> {
  const { clock, storage } = ports.environment;
  const sender = await requireClassicSender(request, ports);
  const data = decodeTimely(request, clock.now());
  const { productInstanceIdentifier } = sender.instance;
  const { requestType } = request;
  const cause: Cause = { kind: "message", requestType, nonce: data.nonce, productInstanceIdentifier };
  await storage.inTransaction(async (transaction) => {
    const context = { transaction, now: clock.now(), cause };
    const registered = await requireRegistered(sender, request.header, context);
    let { installation } = registered;
    const { smartAccountId, installationId } = installation;
    for (const member of await transaction.trust.listMembers(smartAccountId, installationId))
      if (member.removedAtMs === null) installation = await removeMember(member, installation, context);
  });
  const answer: AnswerData<"DEREGISTER"> = { nonce: data.nonce, sudi: data.sudi };
  return served({ data: answer, productInstanceIdentifier });
}
