// POLL_REQ: the result of a push that was answered with OK_POLL.

import type { AgentEffect } from "../lifecycle/effect.ts";
import type { ExchangeEvent } from "../lifecycle/event.ts";
import type { ExchangeContext } from "./exchange-context.ts";
import { knownHeadEntry } from "./ledger-talk.ts";
import { readUsageAnswer } from "./read-usage-answer.ts";
import { sendRequest } from "./send-request.ts";

export async function pollResult(
  effect: Extract<AgentEffect, { type: "poll-result" }>,
  context: ExchangeContext,
): Promise<ExchangeEvent> {
  const reply = await sendRequest(
    {
      requestType: "POLL_REQ",
      kind: "result_polling",
      isSigned: true,
      data: {
        ...knownHeadEntry(context.state),
        original_request_type: "LICENSE_USAGE",
        original_piid: effect.productInstanceIdentifier,
        poll_id: effect.pollId,
      },
    },
    context,
  );
  return readUsageAnswer(effect.exchangeId, reply, context);
}
