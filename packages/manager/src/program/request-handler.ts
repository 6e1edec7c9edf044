// The device side without sockets: for simulations, where a year of licensing must not wait for a network.

import { reportsPerDeviceMessageMax, reportsPerRelayMessageMax } from "@countersign/protocol";
import type { Manager } from "../program.ts";

export type RequestHandler = (body: Uint8Array) => Promise<Uint8Array>;

/** Answers the body of a POST with the body of its answer: the very code that HTTPS requests run through. */
export function createRequestHandler(manager: Manager, sender: "device" | "relay" = "device"): RequestHandler {
  const reportsMax = sender === "relay" ? reportsPerRelayMessageMax : reportsPerDeviceMessageMax;
  return async (body) => Buffer.from((await manager.endpoint.answer(body, { reportsMax })).body);
}
