// Call Home of a running device configured: checked against its interfaces and VRFs, stored, and told to the agent.

import { callHomeUrl, type EditedCallHome } from "../call-home-configuration.ts";
import { type ControlOutcome, done } from "../device-control.ts";
import { unknownInterface, unknownVrf } from "../network-change.ts";
import { findInterface, interfaceName } from "../network-settings.ts";
import type { DeviceCore } from "./device-core.ts";
import { notePlainHttp } from "./plain-http.ts";
import { proxyOf } from "./saved-configuration.ts";

/** `wanted`: the whole of it as it should be; a text is the reason why there is none. */
export async function changeCallHome(core: DeviceCore, wanted: EditedCallHome): Promise<ControlOutcome> {
  if (typeof wanted === "string") return { outcome: "refused", code: "setting_refused", message: wanted, remedy: "" };
  const { network, callHome: before } = core.description;
  if (wanted.vrf !== null && wanted.vrf !== before.vrf && !network.vrfs.includes(wanted.vrf))
    return unknownVrf(wanted.vrf);
  const named = wanted.sourceInterface;
  const isNew = named !== null && named !== before.sourceInterface;
  const found = isNew ? findInterface(network, interfaceName(named)) : null;
  if (found === undefined) return unknownInterface(interfaceName(named ?? ""));
  const callHome = found === null ? wanted : { ...wanted, sourceInterface: found.name };
  await core.describe({ callHome });
  const { urls, transport } = core.agent.state().configuration;
  const url = callHomeUrl(callHome);
  await core.agent.configure({ urls: { ...urls, callHome: url }, proxy: proxyOf(core.description, transport) });
  if (url !== urls.callHome) notePlainHttp(core, url);
  return done;
}
