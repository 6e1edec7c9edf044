// A relay as a library: what lab and tests start.

export { parseDeviceList } from "./devices/collected-device.ts";
export { initRelay, type RelayInit } from "./program/init-relay.ts";
export { openRelay, type Relay, type RunningRelay, startRelay } from "./program.ts";
export { RelayError, type RelayErrorCode, relayErrors } from "./relay-error.ts";
export { checkSettings, type RelaySettings, readSettings, writeSettings } from "./state-directory/settings.ts";
export { exportBundle, importAnswer } from "./use-cases/carry-bundle.ts";
export { collectFromAll, deliverToAll } from "./use-cases/collect-usage.ts";
