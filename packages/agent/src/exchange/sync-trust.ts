// TRUST_SYNC: trust for members that joined, new certificates near expiry, and the newest policy and account names.

import type { AgentEffect } from "../lifecycle/effect.ts";
import type { ExchangeEvent } from "../lifecycle/event.ts";
import { enrollingDevices } from "./establish-trust.ts";
import type { ExchangeContext } from "./exchange-context.ts";
import { readTrustAnswer } from "./read-trust-answer.ts";
import { sendRequest } from "./send-request.ts";
import { hostnameOf, versionEntry } from "./what-is-told.ts";

export async function syncTrust(
  effect: Extract<AgentEffect, { type: "sync-trust" }>,
  context: ExchangeContext,
): Promise<ExchangeEvent> {
  const { exchangeId, devices } = effect;
  const { answer, contact } = await sendRequest(
    {
      requestType: "TRUST_SYNC",
      kind: "trust_sync",
      isSigned: true,
      data: {
        hostname: hostnameOf(context.state),
        software_tag_identifier: context.state.installation.productTag,
        ...versionEntry(context.state),
        device_list: await enrollingDevices(devices, context),
      },
    },
    context,
  );
  if (answer.statusCode !== "OK")
    return { type: "try-again", exchangeId, contact, afterSeconds: answer.retryTimeSeconds };
  return {
    type: "trust-answered",
    exchangeId,
    contact,
    ...(await readTrustAnswer(answer.data.device_list, devices, context)),
  };
}
