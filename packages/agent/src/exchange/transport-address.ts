// Where messages go, by transport and configuration.

import type { AgentConfiguration } from "../lifecycle/state.ts";
import { TransportFailure } from "../transport-failure.ts";

/** Where a relay is looked for when nothing is configured (device-side fact, section 4.1). */
export const defaultRelayUrl = "http://cslu-local:8182/cslu/v1/pi";

/** Throws `TransportFailure` when the transport has no address or is not served by this agent. */
export function addressOf(configuration: AgentConfiguration): string {
  switch (configuration.transport) {
    case "smart":
      if (configuration.urls.smart !== null) return configuration.urls.smart;
      throw new TransportFailure("address_not_configured", "no URL for transport smart");
    case "cslu":
      return configuration.urls.cslu ?? defaultRelayUrl;
    // The same messages as with smart: the address and the way to it are those of Call Home.
    case "callhome":
      if (configuration.urls.callHome) return configuration.urls.callHome;
      throw new TransportFailure("address_not_configured", "no active Call Home profile carries licensing data");
    default:
      throw new TransportFailure("transport_not_supported", `transport ${configuration.transport}`);
  }
}
