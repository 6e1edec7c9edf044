// What can be read of a running device at this moment.

import type { LicenseReader } from "../license-view.ts";
import { createLicenseReader } from "./agent-reader.ts";
import type { DeviceCore } from "./device-core.ts";

/** When the changes before it have ended. Throws `device_stopped` while there is no agent. */
export async function readerNow(core: DeviceCore): Promise<LicenseReader> {
  await core.settled();
  return createLicenseReader({
    agent: core.agent,
    description: core.description,
    profile: core.profile,
    clockIsAuthoritative: core.clock.isAuthoritative,
    clock: core.clock.view(),
    logging: core.logging,
    snmp: core.outward.snmp,
    watch: core.watch.view(),
    startedAtMs: core.startedAtMs,
    now: () => core.now(),
    identities: core.identities,
    lookedUp: core.connection.lookedUp(),
  });
}
