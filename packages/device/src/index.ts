// The reviewed public surface of a device.

export type { CommandResult } from "./console/command-context.ts";
export type { ControlOutcome } from "./device-control.ts";
export { DeviceError, type DeviceErrorCode, deviceErrors } from "./device-error.ts";
export type { LicenseReader, LicenseView } from "./license-view.ts";
export { nextAccessPoints } from "./platform/access-points.ts";
export { type CountedInstallation, countUsage } from "./platform/count-usage.ts";
export type { CountedBy, PlatformLicense, PlatformProfile, Slot } from "./platform/platform-profile.ts";
export { findPlatform, licenseOfTag, platformProfiles } from "./platform/platform-table.ts";
export { licensesOf, licensingModelOf } from "./platform/software-version.ts";
export { type Device, type DeviceOptions, documentedSmartUrl, type ExecutedLine } from "./program/device-options.ts";
export { executeOnDevice } from "./program/execute-on-device.ts";
export type { HostedSession, SessionTerminal } from "./program/session-host.ts";
export { startDevice } from "./program/start-device.ts";
export { executeStored } from "./program/stored-device.ts";
export type { TimeZone } from "./render/show-text.ts";
export { makeUser, type UserWish } from "./ssh/add-user.ts";
export type { SshOptions } from "./ssh/ssh-server.ts";
export type { DeviceUser } from "./ssh/user-store.ts";
