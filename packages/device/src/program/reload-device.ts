// A reload of a running device: what was not saved is lost, and said so.

import type { DeviceCore } from "./device-core.ts";
import { applyStartupConfiguration, hasUnsavedConfiguration, nothingGiven } from "./saved-configuration.ts";

export async function reloadDevice(core: DeviceCore): Promise<void> {
  if (hasUnsavedConfiguration(core)) {
    const text = "Smart Licensing configuration has not been saved";
    core.note({ facility: "SMART_LIC", severity: 4, mnemonic: "CONFIG_NOT_SAVED", text });
  }
  await core.reload();
  await applyStartupConfiguration(core, nothingGiven);
  await core.applyHttpServer();
}
