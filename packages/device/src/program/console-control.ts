// What the console's changing commands do to a running device. A refusal is an answer; nothing was changed then.

import { writeFile } from "node:fs/promises";
import type { UsageSelection as AgentSelection } from "@countersign/agent";
import { fileBytesMax } from "@countersign/protocol";
import { unknownCapture } from "../capture/capture-points.ts";
import {
  type AuthorizationReturn,
  type AuthorizationWish,
  type ControlOutcome,
  type DeviceControl,
  done,
  type ImportOutcome,
  type ReturnOutcome,
  refusal,
  type SettingChange,
  type UsageSelection,
} from "../device-control.ts";
import { showClock } from "../render/show-text.ts";
import { readFlashFile, resolveFlashPath } from "../storage/flash.ts";
import { answering } from "./answering.ts";
import { changeInstallation, moveAccessPoints } from "./change-installation.ts";
import { changeSetting, changeSettings } from "./change-setting.ts";
import type { DeviceCore } from "./device-core.ts";
import { createFlashFiles, noFlash } from "./flash-files.ts";
import { legacyLicensesOf } from "./legacy-licenses.ts";
import { createNetworkProbe } from "./network-probe.ts";
import { readerNow } from "./reader-now.ts";
import { reloadDevice } from "./reload-device.ts";
import { saveConfiguration } from "./saved-configuration.ts";

/** `flashDirectory` is null for a device that keeps everything in memory. */
export function createConsoleControl(core: DeviceCore, flashDirectory: string | null): DeviceControl {
  const changing = (change: () => Promise<ControlOutcome>) => core.inOrder(() => answering(change));
  return {
    trust: (token, scope, force) => changing(() => finished(core.agent.trust(token, { scope, force }))),
    sync: (scope) => changing(() => finished(core.agent.sync(scope))),
    register: (token, force) => changing(() => finished(core.agent.register(token, { force }))),
    deregister: () => changing(() => finished(core.agent.deregister())),
    renew: (what) => changing(() => finished(core.agent.renew(what))),
    convert: (act) => changing(() => convert(core, act)),
    change: (change: SettingChange) => changing(() => changeSetting(core, change)),
    changeAll: (changes) => changing(() => changeSettings(core, changes)),
    factoryReset: (what) => changing(() => finished(core.agent.factoryReset(what))),
    reload: () => changing(() => finished(reloadDevice(core))),
    changeInstallation: (change) => changing(() => changeInstallation(core, change)),
    moveAccessPoints: (wish) => changing(() => moveAccessPoints(core, wish)),
    saveUsage: (selection, path) => changing(() => saveUsage(core, flashDirectory, selection, path)),
    saveTrustRequest: (path) => changing(() => saveTrustRequest(core, flashDirectory, path)),
    requestAuthorization: (wish) => changing(() => requestAuthorization(core, wish)),
    saveAuthorizationRequest: (path) => changing(() => saveAuthorizationRequest(core, flashDirectory, path)),
    returnAuthorization: (wish) => core.inOrder(() => answering(() => returnAuthorization(core, flashDirectory, wish))),
    importFile: (path) => core.inOrder(() => importFile(core, flashDirectory, path)),
    importBytes: (bytes) => core.inOrder(() => answering(() => importBytes(core, bytes))),
    closeReports: () => changing(() => finished(core.agent.closeReports())),
    pullReports: (selection) => core.agent.pullReports(selectionOf(selection)),
    clearEventLog: () => changing(() => finished(core.agent.clearEventLog())),
    clearLogging: () => changing(() => finished(core.clearLogging())),
    saveConfiguration: () => changing(() => saveConfiguration(core)),
    setClock: (atMs, user) => changing(() => setClock(core, atMs, user)),
    debug: async (topics, isOn) => {
      core.watch.debug(topics, isOn);
      return done;
    },
    capture: (change) => changing(async () => core.watch.captures.change(change)),
    exportCapture: (name, path) => changing(() => exportCapture(core, flashDirectory, name, path)),
    writeFile: (path, text) => changing(() => writeFlashFile(flashDirectory, path, text)),
    appendToFile: (path, text) => changing(() => writeFlashFile(flashDirectory, path, text, "a")),
    readerNow: () => readerNow(core),
    log: (line) => core.note(line),
    probe: createNetworkProbe(core),
    files: createFlashFiles(core, flashDirectory),
  };
}

async function finished(change: Promise<unknown>): Promise<ControlOutcome> {
  await change;
  return done;
}

async function convert({ agent, profile, description }: DeviceCore, act: "start" | "stop"): Promise<ControlOutcome> {
  if (profile.legacyLicenses === undefined)
    return refusal("not_on_this_device", "Conversion of licences is not part of this device.", "");
  return finished(act === "start" ? agent.convert(legacyLicensesOf(profile, description)) : agent.stopConversion());
}

async function writeFlashFile(
  flashDirectory: string | null,
  path: string,
  content: string | Uint8Array,
  flag: "w" | "a" = "w",
): Promise<ControlOutcome> {
  if (flashDirectory === null) return noFlash;
  await writeFile(await resolveFlashPath(flashDirectory, path), content, { mode: 0o600, flag });
  return done;
}

async function setClock(core: DeviceCore, atMs: number, user: string): Promise<ControlOutcome> {
  const { zone } = core.description;
  const [before, after] = [showClock(core.now(), zone), showClock(atMs, zone)];
  await core.clock.setTo(atMs);
  const text = `System clock has been updated from ${before} to ${after}, configured from console by ${user}.`;
  core.note({ facility: "SYS", severity: 6, mnemonic: "CLOCKUPDATE", text });
  return done;
}

async function exportCapture(
  core: DeviceCore,
  flashDirectory: string | null,
  name: string,
  path: string,
): Promise<ControlOutcome> {
  if (!core.watch.captures.has(name)) return unknownCapture(name);
  const content = core.watch.captures.encode(name);
  if (content !== null) return writeFlashFile(flashDirectory, path, content);
  return refusal("capture_empty", `Capture ${name} holds no packet.`, "Start it, then enter `license smart sync all`.");
}

async function saveUsage(
  core: DeviceCore,
  flashDirectory: string | null,
  selection: UsageSelection,
  path: string,
): Promise<ControlOutcome> {
  if (flashDirectory === null) return noFlash;
  const target = await resolveFlashPath(flashDirectory, path);
  await core.agent.saveUsage(selectionOf(selection), target);
  return done;
}

async function saveTrustRequest(
  core: DeviceCore,
  flashDirectory: string | null,
  path: string,
): Promise<ControlOutcome> {
  if (flashDirectory === null) return noFlash;
  await core.agent.saveTrustRequest(await resolveFlashPath(flashDirectory, path));
  return done;
}

async function requestAuthorization(core: DeviceCore, wish: AuthorizationWish): Promise<ControlOutcome> {
  const license = core.profile.licenses.find(({ name }) => name === wish.feature);
  if (license === undefined) return refusal("feature_unknown", "The requested item was not found", "");
  const { tag, licenseClass } = license;
  if (licenseClass !== "enforced" && licenseClass !== "export") {
    const message = `${wish.feature} needs no authorization code.`;
    return refusal("feature_not_enforced", message, "Use it; it is reported like every licence.");
  }
  // As many as are in use, so that one code is enough for them.
  const count = Math.max(1, core.agent.state().metering.usages[tag]?.count ?? 0);
  const { mode, scope } = wish;
  return finished(core.agent.requestAuthorization([{ tag, licenseClass, count }], { mode, scope }));
}

async function saveAuthorizationRequest(
  core: DeviceCore,
  flashDirectory: string | null,
  path: string,
): Promise<ControlOutcome> {
  if (flashDirectory === null) return noFlash;
  await core.agent.saveAuthorizationRequest(await resolveFlashPath(flashDirectory, path));
  return done;
}

async function returnAuthorization(
  core: DeviceCore,
  flashDirectory: string | null,
  { path, ...options }: AuthorizationReturn,
): Promise<ReturnOutcome> {
  if (path === null) return { outcome: "done", returned: await core.agent.returnAuthorization(options) };
  if (flashDirectory === null) return noFlash;
  const target = await resolveFlashPath(flashDirectory, path);
  return { outcome: "done", returned: await core.agent.returnAuthorization({ ...options, path: target }) };
}

async function importFile(core: DeviceCore, flashDirectory: string | null, path: string): Promise<ImportOutcome> {
  if (flashDirectory === null) return noFlash;
  return answering(async () => {
    const bytes = await readFlashFile(flashDirectory, path, fileBytesMax);
    return importBytes(core, bytes);
  });
}

async function importBytes(core: DeviceCore, bytes: Uint8Array): Promise<ImportOutcome> {
  return { outcome: "done", objects: await core.agent.importFile(bytes) };
}

function selectionOf(selection: UsageSelection): AgentSelection {
  switch (selection.select) {
    case "days":
      return { days: selection.days };
    case "report":
      return { reportId: selection.reportId };
    case "all":
    case "unreported":
      return selection.select;
    default:
      return selection satisfies never;
  }
}
