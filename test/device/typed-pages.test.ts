// Sessions that the documentation shows, typed line by line on a device of the platform they are about, with a real manager.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { DeviceOptions } from "@countersign/device";
import { type Pair, startPair } from "./device-with-manager.test-support.ts";
import { type TypedPage, textOfPage, typedBlocks, typePage } from "./typed-page.test-support.ts";

test("[CLI-28] [CLI-24] [TRU-1] the session of docs/start/console.md gives trust, report and acknowledgement", async (t) => {
  const pair = await startPair(t);
  // As the lab's devices are when somebody logs in.
  await pair.device.execute(`license smart trust idtoken ${await pair.token()} all`);
  await pair.pass(60);
  const shown = await typePage(pair, { page: "start/console.md" });
  assert.equal(shown.match(/ {4}INSTALLED on /g)?.length, 3);
  assert.equal(shown.match(/KEY_DELETED/g)?.length, 3);
  assert.match(shown, /Last ACK received: (?!<none>)/);
});

type ManualPage = Omit<TypedPage, "page"> & {
  readonly device: Pick<DeviceOptions, "platform" | "softwareVersion" | "hostname">;
  readonly managerRole?: "onprem";
  /** How the device is found when somebody begins with the page. */
  readonly before?: (pair: Pair) => Promise<void>;
  /** What the page promises; it must be seen. */
  readonly promises: readonly RegExp[];
};

const catalyst = { platform: "c9300-stack", softwareVersion: "17.9.4", hostname: "Switch" } as const;
const classicCatalyst = { ...catalyst, softwareVersion: "16.9.5" } as const;
const controller = { platform: "c9800-40", softwareVersion: "17.9.4", hostname: "WLC" } as const;
const smartAccount = "Example Corp";
const cause = { kind: "operator", name: "ada" } as const;

const pages: Readonly<Record<string, ManualPage>> = {
  "direct-9800.md": {
    device: controller,
    before: threeAccessPointsJoin,
    promises: [
      /CISCO_IDEVID_SUDI/,
      /(?: {4}INSTALLED on [\s\S]*){2}/,
      /active at last report\.+: 3/,
      /air-network-adv/,
    ],
  },
  "direct-switch.md": {
    device: catalyst,
    promises: [/\[OK\]/, /(?:TRUST_INSTALL_SUCCESS[\s\S]*){3}/, /Last ACK received: (?!<none>)/],
  },
  "policy.md": {
    device: catalyst,
    before: hasTrust,
    meanwhile: { "show license status | section Policy": setExamplePolicy },
    promises: [/\(CISCO default\)/, /frequency \(days\): 60/, /push interval: 14 {2}days/],
  },
  "air-gap.md": {
    device: controller,
    before: threeAccessPointsJoin,
    meanwhile: {
      "license smart save trust-request flash:ask.xml": carryTrust,
      "license smart save usage unreported file flash:usage.xml": carryUsage,
    },
    promises: [/TRUST CODE: PID:C9800-40-K9/, /RUM ACK: \d+ reports taken, 0 refused/, /Last ACK received: (?!<none>)/],
  },
  "relay.md": {
    device: catalyst,
    promises: [/Type: cslu\n.*192\.0\.2\.8:8182/, /(?: {4}INSTALLED on [\s\S]*){3}/, /Last ACK received: (?!<none>)/],
  },
  "on-premises.md": {
    device: catalyst,
    managerRole: "onprem",
    promises: [/(?: {4}INSTALLED on [\s\S]*){3}/, /Last ACK received: (?!<none>)/],
  },
  "9800-cl.md": {
    device: { ...controller, platform: "c9800-cl" },
    before: threeAccessPointsJoin,
    promises: [/Version 17\.9\.4/, /ACK required: yes \(Product default\)/, /Last ACK received: (?!<none>)/],
  },
  "classic.md": {
    device: classicCatalyst,
    promises: [
      /Version 16\.9\.5/,
      /Status: REGISTERED/,
      /OUT OF COMPLIANCE/,
      /reservation is not part/,
      /register idtoken <token>/,
    ],
  },
  "transport-gateway.md": {
    device: classicCatalyst,
    promises: [/proxy\.example\.org/, /destination address http https:\/\/gateway\.example\.org/],
  },
  "device-led-conversion.md": {
    device: { platform: "c3850", softwareVersion: "16.9.5", hostname: "Switch" },
    meanwhile: { "show license status | section Conversion": allowConversion },
    promises: [/Status: REGISTERED/, /Status: Waiting for permission/, /Status: Complete/],
  },
  "replacement.md": {
    device: catalyst,
    before: hasTrust,
    promises: [/Reload required: yes/, /Trust Code Installed: <none>/, /(?: {4}INSTALLED on [\s\S]*){6}/],
  },
  "troubleshooting.md": {
    device: catalyst,
    standIns: { "203.0.113.10": "127.0.0.77" },
    before: nothingAnswers,
    meanwhile: {
      "show license history message | include Establishment|REQUEST|RESPONSE|OUTCOME": async (pair) => {
        pair.isReachable = true;
      },
    },
    promises: [
      /Fail=[1-9]/,
      /Connection refused/,
      /NO RESPONSE/,
      /point : LIC/,
      /Last Response: OK on/,
      /debugging is on/,
    ],
  },
  "support.md": { device: catalyst, promises: [/Smart Licensing Using Policy:/] },
};

for (const [page, { device, managerRole, before, promises, ...typed }] of Object.entries(pages)) {
  test(`[GEN-23] docs/manual/${page} is typed on ${device.platform} with ${device.softwareVersion}, and comes out as printed`, async (t) => {
    const stateDirectory = mkdtempSync(join(tmpdir(), "countersign-page-"));
    const pair = await startPair(t, { ...device, stateDirectory, opensControlSocket: false }, managerRole);
    t.after(() => rmSync(stateDirectory, { recursive: true, force: true }));
    flashes.set(pair, join(stateDirectory, "flash"));
    await before?.(pair);
    const shown = await typePage(pair, { ...typed, page: `manual/${page}` });
    for (const promise of promises) assert.match(shown, promise);
  });
}

test("[GEN-23] every page of the manual with something to type has its device", () => {
  const others = readdirSync(join(import.meta.dirname, "..", "..", "docs", "manual")).filter(
    (page) => typedBlocks(textOfPage(`manual/${page}`)).length > 0 && !(page in pages),
  );
  assert.deepEqual(others, []);
});

const flashes = new WeakMap<Pair, string>();

async function threeAccessPointsJoin(pair: Pair): Promise<void> {
  await pair.say("test platform access-point join count 3");
}

/** A name that leads to an address where nobody listens, and a first attempt in vain. */
async function nothingAnswers(pair: Pair): Promise<void> {
  pair.isReachable = false;
  for (const line of ["configure terminal", "ip host smartreceiver.cisco.com 127.0.0.77", "end"]) await pair.say(line);
  await pair.say(`license smart trust idtoken ${await pair.token()} all`);
  await pair.pass(5);
}

async function hasTrust(pair: Pair): Promise<void> {
  await pair.say(`license smart trust idtoken ${await pair.token()} all`);
  await pair.pass(60);
}

/** What `countersign manager policy set` of the page does. */
async function setExamplePolicy(pair: Pair): Promise<void> {
  const perpetual = { first_report_days: 30, reporting_frequency_days: 60, report_on_change_days: 14 };
  await pair.setPolicy({ name: "Example policy", classes: { perpetual } });
}

/** `countersign manager conversion allow`, and the hour until the device asks again. */
async function allowConversion(pair: Pair): Promise<void> {
  const [waiting] = await pair.manager.administration.listConversions({ smartAccount });
  if (waiting?.state !== "waiting") return;
  await pair.manager.administration.allowConversion({ smartAccount, device: waiting.udi, cause });
  await pair.pass(3600);
}

/** `countersign manager instance enrol`, and two walks. */
async function carryTrust(pair: Pair): Promise<void> {
  const { file } = await pair.manager.administration.enrolByFile({
    ...{ smartAccount, virtualAccount: "Lab", force: false, exportControlAllowed: false, cause },
    bytes: readFileSync(join(flashes.get(pair) ?? "", "ask.xml")),
  });
  writeFileSync(join(flashes.get(pair) ?? "", "trust.xml"), file);
}

/** `countersign manager report import`, and two walks. */
async function carryUsage(pair: Pair): Promise<void> {
  const { file } = await pair.manager.administration.importUsageFile({
    ...{ smartAccount, virtualAccount: "Lab", cause },
    bytes: readFileSync(join(flashes.get(pair) ?? "", "usage.xml")),
  });
  writeFileSync(join(flashes.get(pair) ?? "", "ack.xml"), file ?? "");
}
