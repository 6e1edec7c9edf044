// HELLO: is anybody there, and what time is it there.

import type { AgentEffect } from "../lifecycle/effect.ts";
import type { ExchangeEvent } from "../lifecycle/event.ts";
import type { ExchangeContext } from "./exchange-context.ts";
import { sendRequest } from "./send-request.ts";

export async function sayHello(
  effect: Extract<AgentEffect, { type: "say-hello" }>,
  context: ExchangeContext,
): Promise<ExchangeEvent> {
  const { exchangeId } = effect;
  const { answer, contact } = await sendRequest(
    { requestType: "HELLO", kind: "hello", isSigned: true, data: {} },
    context,
  );
  if (answer.statusCode !== "OK")
    return { type: "try-again", exchangeId, contact, afterSeconds: answer.retryTimeSeconds };
  return { type: "hello-answered", exchangeId, contact, serverTimeMs: answer.data.server_time };
}
