// What every message of the load has in common.

import { agentCapabilities, type ConnectInfo } from "@countersign/protocol";

export const licensePath = "/licservice/license";
/** Where relays post: here a message may hold 10 000 reports. */
export const relayPath = "/cslu/v1/pi";
export const productTag = "regid.2017-03.com.example.Switch-9300,v1_727af1d9-6c39-4444-b301-863f81445b72";
export const entitlementTag = "regid.2017-03.com.example.advantagek9-9300,1.0_f1ca5bb9-d0b1-4d5a-8f20-6a2ca4e83a55";

export const benchConnectInfo: ConnectInfo = {
  name: "C_agent",
  version: "5.5.9_rel/22",
  production: true,
  additional_info: "",
  capabilities: [...agentCapabilities],
};

let nonces = 0;

/** A nonce that no other message of this process has. Bench messages need no unpredictable one. */
export function nextNonce(): string {
  nonces += 1;
  return (1_000_000_000_000_000_000n + BigInt(nonces)).toString();
}
