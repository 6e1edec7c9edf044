// Log lines and SNMP of a running device configured: checked against its interfaces and trustpoints, stored, in force at once.

import { type ControlOutcome, done } from "../device-control.ts";
import type { LoggingConfiguration } from "../logging-configuration.ts";
import { unknownInterface, unknownTrustpoint } from "../network-change.ts";
import { findInterface, findTrustpoint, interfaceName } from "../network-settings.ts";
import { type SnmpConfiguration, type SnmpUser, snmpUsersMax } from "../snmp-configuration.ts";
import type { DeviceCore } from "./device-core.ts";

/** `wanted`: the whole part as it should be; a text is the reason why there is none. */
export async function changeLogging(core: DeviceCore, wanted: LoggingConfiguration | string): Promise<ControlOutcome> {
  if (typeof wanted === "string") return refused(wanted);
  const { logging, network } = core.description;
  const before = logging.receivers.map(({ trustpoint }) => trustpoint);
  for (const { trustpoint } of wanted.receivers) {
    if (trustpoint === null || before.includes(trustpoint)) continue;
    if (findTrustpoint(network, trustpoint) === undefined) return unknownTrustpoint(trustpoint);
  }
  return withSource(core, { wanted, now: logging }, (changed) => core.describe({ logging: changed }));
}

export async function changeSnmp(core: DeviceCore, wanted: SnmpConfiguration | string): Promise<ControlOutcome> {
  if (typeof wanted === "string") return refused(wanted);
  return withSource(core, { wanted, now: core.description.snmp }, (snmp) => core.describe({ snmp }));
}

/** Null takes the user away. */
export async function changeSnmpUser(core: DeviceCore, name: string, user: SnmpUser | null): Promise<ControlOutcome> {
  const others = core.description.snmpUsers.filter((one) => one.name !== name);
  const snmpUsers = user === null ? others : [...others, user];
  if (snmpUsers.length > snmpUsersMax) return refused(`A device has at most ${snmpUsersMax} SNMP users.`);
  await core.describe({ snmpUsers });
  return done;
}

type Sourced = { readonly sourceInterface: string | null };

/** A source interface that is new must be one of the device's; one that went away since is no mistake of this line. */
async function withSource<Part extends Sourced>(
  core: DeviceCore,
  { wanted, now }: { readonly wanted: Part; readonly now: Part },
  store: (part: Part) => Promise<void>,
): Promise<ControlOutcome> {
  const { sourceInterface } = wanted;
  const isNew = sourceInterface !== null && sourceInterface !== now.sourceInterface;
  const found = isNew ? findInterface(core.description.network, interfaceName(sourceInterface)) : null;
  if (found === undefined) return unknownInterface(interfaceName(sourceInterface ?? ""));
  await store(found === null ? wanted : { ...wanted, sourceInterface: found.name });
  return done;
}

function refused(message: string): ControlOutcome {
  return { outcome: "refused", code: "setting_refused", message, remedy: "" };
}
