// Names and tags that many tests share.

import type { Udi } from "@countersign/protocol";
import { createInitialState } from "../lifecycle/initial-state.ts";
import type { AgentState } from "../lifecycle/state.ts";

export const productTag = "regid.2031-01.org.example.EdgeRouter,v1_00000000-0000-4000-8000-0000000000a1";
export const baseTag = "regid.2031-01.org.example.EdgeBase,1.0_00000000-0000-4000-8000-0000000000b1";
export const advancedTag = "regid.2031-01.org.example.EdgeAdvanced,1.0_00000000-0000-4000-8000-0000000000b2";
export const udi: Udi = { pid: "EDGE-24", serialNumber: "EXA00000001" };
export const standbyUdi: Udi = { pid: "EDGE-24", serialNumber: "EXA00000002" };
export const startAtMs = Date.UTC(2031, 0, 1);

export const product = {
  softwareTag: productTag,
  softwareVersion: "1.0.0",
  hostname: "edge-1",
  members: [{ udi, role: "Active" }],
} as const;

export const exampleUrl = "https://manager.test/licservice/license";

export function exampleState(): AgentState {
  const { softwareVersion, hostname, members } = product;
  return createInitialState({ productTag, softwareVersion, hostname, members }, startAtMs);
}
