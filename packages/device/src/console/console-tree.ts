// The whole console of a device as one tree. Branches come from the files of commands/.

import type { PlatformProfile } from "../platform/platform-profile.ts";
import { licensingModelOf } from "../platform/software-version.ts";
import type { ConsoleNode } from "./command-context.ts";
import { keyword } from "./command-node.ts";
import { callHomeCommands, noService, showCallHomeCommands } from "./commands/call-home.ts";
import { classicExec, noPolicyPointers, policyPointers } from "./commands/classic-exec.ts";
import { classicPointers, noClassicPointers } from "./commands/classic-pointers.ts";
import { clockConfigCommands, clockExecCommands, noClock, showClockCommands } from "./commands/clock.ts";
import { debugCommands, noDebug, showDebugCommands } from "./commands/debug.ts";
import { fileCommands, showFileCommands } from "./commands/files.ts";
import { installationCommands, platformTests, showInstallationCommands } from "./commands/installation.ts";
import { interfaceCommands, noInterfaceCommands } from "./commands/interface-config.ts";
import { showTraceCommands, testCommands, traceLevelCommands } from "./commands/internal.ts";
import { ipCommands, noIpCommands } from "./commands/ip-config.ts";
import { licenseLevelConfig, noLicenseLevel } from "./commands/license-level.ts";
import { defaultLicenseSmart, licenseSmartConfig, noLicenseSmart } from "./commands/license-smart-config.ts";
import { licenseSmartExec } from "./commands/license-smart-exec.ts";
import { clearCommands, loggingCommands, noLogging, showLoggingCommands } from "./commands/logging.ts";
import { monitorCommands, noMonitor, showMonitorCommands } from "./commands/monitor-capture.ts";
import { networkExecCommands, showNetworkCommands } from "./commands/network-exec.ts";
import { noPkiCommands, pkiCommands, showPkiCommands } from "./commands/pki.ts";
import { sessionCommands, showSessionCommands } from "./commands/session.ts";
import { showLicenseCommands, techSupportOfLicense } from "./commands/show-license.ts";
import { noSnmpServer, showSnmpCommands, snmpServerCommands } from "./commands/snmp-server.ts";
import { noHostname, showSystemCommands, systemCommands } from "./commands/system.ts";
import { techSupportCommand } from "./commands/tech-support.ts";

/** What a platform's software does not have is no command of its devices. */
export function consoleTree(platform: PlatformProfile, softwareVersion: string): readonly ConsoleNode[] {
  const isClassic = licensingModelOf(platform, softwareVersion) === "classic";
  const smart = isClassic
    ? [...classicExec, ...policyPointers, ...licenseSmartConfig.filter(isNoUsage)]
    : [...licenseSmartExec, ...classicPointers, ...licenseSmartConfig];
  const noSmart = isClassic
    ? [...noLicenseSmart.filter(isNoUsage), ...noPolicyPointers]
    : [...noLicenseSmart, ...noClassicPointers];
  return [
    ...interfaceCommands,
    ...networkExecCommands,
    ...pkiCommands,
    ...callHomeCommands,
    keyword("ip", "Internet protocol", { modes: ["config"], next: ipCommands }),
    keyword("license", "Licensing", {
      modes: ["exec", "config"],
      next: [...licenseLevelConfig(platform, softwareVersion), keyword("smart", "Smart licensing", { next: smart })],
    }),
    keyword("no", "Set back to the default", {
      modes: ["config"],
      next: [
        keyword("ip", "Internet protocol", { next: noIpCommands }),
        ...noInterfaceCommands,
        ...noClock,
        ...noHostname,
        ...noPkiCommands,
        ...noService,
        keyword("license", "Licensing", {
          next: [...noLicenseLevel(platform), keyword("smart", "Smart licensing", { next: noSmart })],
        }),
        keyword("logging", "Log lines", { next: noLogging }),
        keyword("snmp-server", "SNMP", { next: noSnmpServer }),
      ],
    }),
    keyword("default", "Set back to the default", {
      modes: ["config"],
      next: [
        ...noHostname,
        keyword("license", "Licensing", {
          next: [...noLicenseLevel(platform), keyword("smart", "Smart licensing", { next: withDefaults(noSmart) })],
        }),
      ],
    }),
    keyword("no", "Negate", { modes: ["exec"], next: [...noDebug, ...noMonitor] }),
    ...debugCommands,
    ...clockExecCommands,
    ...clockConfigCommands,
    ...monitorCommands,
    keyword("show", "Show information", { modes: ["user", "exec"], next: showCommands(platform, isClassic) }),
    ...installationCommands(platform),
    testCommands(platformTests(platform)),
    ...traceLevelCommands,
    ...sessionCommands,
    ...fileCommands,
    ...systemCommands,
    ...clearCommands,
    keyword("logging", "Log lines: what is kept, who gets them", { modes: ["config"], next: loggingCommands }),
    keyword("snmp-server", "SNMP", { modes: ["config"], next: snmpServerCommands }),
  ];
}

/** The `no` forms, but for the few whose default is another. */
function withDefaults(noForms: readonly ConsoleNode[]): readonly ConsoleNode[] {
  const wordOf = ({ part }: ConsoleNode) => (part.type === "keyword" ? part.word : null);
  return noForms.map((node) => defaultLicenseSmart.find((other) => wordOf(other) === wordOf(node)) ?? node);
}

/** The classic model reports no usage. */
function isNoUsage({ part }: ConsoleNode): boolean {
  return part.type !== "keyword" || part.word !== "usage";
}

function showCommands(platform: PlatformProfile, isClassic: boolean): readonly ConsoleNode[] {
  const show = [
    ...showLicenseCommands(platform.hasAccessPoints, isClassic),
    ...showNetworkCommands,
    ...showPkiCommands,
    ...showCallHomeCommands,
    ...showInstallationCommands(platform),
    ...showSystemCommands,
    ...showSessionCommands,
    ...showFileCommands,
    ...showLoggingCommands,
    ...showSnmpCommands,
    ...showDebugCommands,
    ...showTraceCommands,
    ...showClockCommands,
    ...showMonitorCommands,
  ];
  return [...show, techSupportCommand(show, techSupportOfLicense, platform.hasAccessPoints)];
}
