// A device that does not run, as its state folder shows it: show commands answer, changing commands are refused.

import { join } from "node:path";
import { readStoredAgent } from "@countersign/agent";
import { unknownClock } from "../clock-view.ts";
import { consoleTree } from "../console/console-tree.ts";
import { executeOneLine } from "../console/one-line.ts";
import { nothingWatched } from "../debug/watch-view.ts";
import { DeviceError } from "../device-error.ts";
import { readIdentities } from "../pki/own-identities.ts";
import { findPlatform } from "../platform/platform-table.ts";
import { fileDescriptionStore } from "../storage/description-store.ts";
import { createLicenseReader } from "./agent-reader.ts";
import type { ExecutedLine } from "./device-options.ts";
import { snmpAtRest } from "./outward.ts";
import { agentFolder, identityWishOf } from "./start-device.ts";

/** One console line. Throws `no_device_here`, `platform_unknown` or `device_state_unreadable`. */
export async function executeStored(stateDirectory: string, line: string, nowMs: number): Promise<ExecutedLine> {
  const description = await fileDescriptionStore(stateDirectory).read();
  const agent = description === null ? null : await readStoredAgent(join(stateDirectory, agentFolder));
  if (description === null || agent === null) throw new DeviceError("no_device_here", stateDirectory);
  const profile = findPlatform(description.platform);
  if (profile === undefined) throw new DeviceError("platform_unknown", description.platform);
  const reader = createLicenseReader({
    agent,
    description,
    profile,
    clockIsAuthoritative: false,
    clock: unknownClock,
    logging: { configuration: description.logging, lines: [], total: 0, buffered: 0, receivers: [] },
    snmp: snmpAtRest(description),
    watch: nothingWatched,
    startedAtMs: nowMs,
    // Nothing runs, so nothing has run since the last step.
    now: () => 0,
    identities: await readIdentities(stateDirectory, identityWishOf(description, profile)),
    lookedUp: [],
  });
  const { outcome, text, json } = await executeOneLine(line, {
    reader,
    control: null,
    options: { nowMs: nowMs + description.clockOffset.offsetMs, zone: description.zone },
    tree: consoleTree(profile, description.softwareVersion),
    user: "console",
    loggedIn: [],
  });
  return { outcome, output: text, json };
}
