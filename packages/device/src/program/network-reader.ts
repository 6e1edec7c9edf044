// Answers the show commands about the network: what is configured, and what the machine makes of it at this moment.

import type { DeviceDescription } from "../device-description.ts";
import { viewInterface } from "../network/host-addresses.ts";
import { viewTrustpoints } from "../network/trustpoint-view.ts";
import type { LookedUpHost, NetworkView } from "../network-view.ts";
import type { OwnIdentity } from "../pki/own-identities.ts";

export async function readNetwork(
  description: DeviceDescription,
  lookedUp: readonly LookedUpHost[],
  identities: readonly OwnIdentity[],
  hasKeys: boolean,
): Promise<NetworkView> {
  const { network: settings } = description;
  return {
    settings,
    interfaces: await Promise.all(settings.interfaces.map(viewInterface)),
    trustpoints: viewTrustpoints(description, identities, hasKeys),
    lookedUp,
  };
}
