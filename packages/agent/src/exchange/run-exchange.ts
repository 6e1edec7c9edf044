// Runs one exchange to its end. Whatever happens, one event comes back: the machine never waits for nothing.

import type { AgentEffect } from "../lifecycle/effect.ts";
import type { ExchangeEvent } from "../lifecycle/event.ts";
import { requestAuthorization, tellAuthorization } from "./authorize.ts";
import { authorize, convert, deregister, register, renewIds } from "./classic-messages.ts";
import { establishTrust } from "./establish-trust.ts";
import type { ExchangeContext } from "./exchange-context.ts";
import { failureOf, Refusal } from "./exchange-failure.ts";
import { pollResult } from "./poll-result.ts";
import { pushUsage } from "./push-usage.ts";
import { sayHello } from "./say-hello.ts";
import { syncTrust } from "./sync-trust.ts";

export type ExchangeEffect = Extract<AgentEffect, { readonly exchangeId: number }>;

export async function runExchange(effect: ExchangeEffect, context: ExchangeContext): Promise<ExchangeEvent> {
  try {
    return await carryOut(effect, context);
  } catch (error) {
    const isRefusal = error instanceof Refusal;
    return {
      type: "exchange-failed",
      exchangeId: effect.exchangeId,
      contact: isRefusal ? error.contact : null,
      failure: failureOf(error, context.clock.now()),
      retryAfterSeconds: isRefusal ? error.retryAfterSeconds : 0,
    };
  }
}

function carryOut(effect: ExchangeEffect, context: ExchangeContext): Promise<ExchangeEvent> {
  switch (effect.type) {
    case "establish-trust":
      return establishTrust(effect, context);
    case "sync-trust":
      return syncTrust(effect, context);
    case "push-usage":
      return pushUsage(effect, context);
    case "poll-result":
      return pollResult(effect, context);
    case "request-authorization":
      return requestAuthorization(effect, context);
    case "confirm-authorization":
    case "return-authorization":
      return tellAuthorization(effect, context);
    case "say-hello":
      return sayHello(effect, context);
    case "register":
      return register(effect, context);
    case "renew-id":
      return renewIds(effect, context);
    case "authorize":
      return authorize(effect, context);
    case "convert":
      return convert(effect, context);
    case "deregister":
      return deregister(effect, context);
    default:
      return effect satisfies never;
  }
}
