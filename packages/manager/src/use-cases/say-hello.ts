// HELLO: reachability, capabilities and the time. Changes nothing, needs no trust.

import type { UnverifiedRequest } from "@countersign/protocol";
import type { Clock } from "../ports.ts";
import { served } from "./reply.ts";
import { decodeTimely } from "./request-clock.ts";
import type { DeviceReply } from "./use-cases.ts";

export function sayHello(request: UnverifiedRequest & { readonly requestType: "HELLO" }, clock: Clock): DeviceReply {
  const { nonce, sudi } = decodeTimely(request, clock.now());
  return served({
    data: { nonce, sudi, server_time: clock.now() },
    productInstanceIdentifier: request.header.product_instance_identifier,
  });
}
