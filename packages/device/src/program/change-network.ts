// One line of the network's configuration on a running device: checked against the machine, stored, in force at once.

import { type ControlOutcome, done } from "../device-control.ts";
import { isAddressOfMachine } from "../network/host-addresses.ts";
import { changeNetwork, type NetworkChange } from "../network-change.ts";
import type { DeviceCore } from "./device-core.ts";
import { proxyOf } from "./saved-configuration.ts";

export async function applyNetworkChange(core: DeviceCore, change: NetworkChange): Promise<ControlOutcome> {
  if (change.change === "interface address" && !(await isAddressOfMachine(change.address))) {
    return {
      outcome: "refused",
      code: "address_not_here",
      message: `${change.address} is no address of the machine that this device runs on.`,
      remedy: "Use one of its addresses, such as 127.0.0.2 on Linux, or `ip address dhcp` for whichever it takes.",
    };
  }
  const result = changeNetwork(core.description.network, change);
  if (result.outcome === "refused") return result;
  await core.describe({ network: result.network });
  if (change.change === "client proxy")
    await core.agent.configure({ proxy: proxyOf(core.description, core.agent.state().configuration.transport) });
  if (change.change === "trustpoint certificate") noteUnsaved(core);
  return done;
}

/** What was imported is lost at a reload until it is saved (CLS-32, LOG-12). */
function noteUnsaved(core: DeviceCore): void {
  core.note(unsavedPki);
}

/** Said instead of that it was saved, while the configuration in force differs from the saved one. */
export const unsavedPki = {
  facility: "PKI",
  severity: 4,
  mnemonic: "NOCONFIGAUTOSAVE",
  text: 'Configuration was modified. Issue "write memory" to save new IOS PKI configuration',
} as const;
