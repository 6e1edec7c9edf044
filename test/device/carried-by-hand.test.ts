// A site without any connection: a stack gets its trust, and its usage is counted and acknowledged, by files alone (TOP-4).

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ManagerError } from "@countersign/manager";
import { type Pair, startPair } from "./device-with-manager.test-support.ts";

const cause = { kind: "operator", name: "ada" } as const;
const account = { smartAccount: "Example Corp", virtualAccount: "Lab" };
const untouched = { force: false, exportControlAllowed: false, cause } as const;

type Site = Pair & {
  /** A file that the device wrote, as it is carried away. */
  carried(name: string): Uint8Array;
  /** A file that is carried to the device. */
  bring(name: string, content: string | Uint8Array): void;
  /** Counts by tag, as the manager has them. */
  inUse(): Promise<Readonly<Record<string, number>>>;
};

async function startSite(t: TestContext): Promise<Site> {
  const stateDirectory = mkdtempSync(join(tmpdir(), "countersign-site-"));
  const pair = await startPair(t, { stateDirectory, opensControlSocket: false });
  t.after(() => rmSync(stateDirectory, { recursive: true, force: true }));
  pair.isReachable = false;
  await pair.say("license smart transport off");
  const flash = (name: string) => join(stateDirectory, "flash", name);
  return Object.assign(pair, {
    carried: (name: string) => readFileSync(flash(name)),
    bring: (name: string, content: string | Uint8Array) => writeFileSync(flash(name), content),
    inUse: async () => {
      const rows = await pair.manager.administration.listLicenses({ ...account });
      return Object.fromEntries(rows.map(({ name, inUse }) => [name, inUse]));
    },
  });
}

/** Trust by file: the request goes to the manager, the codes come back. */
async function giveTrust(site: Site): Promise<string> {
  await site.say("license smart save trust-request flash:ask.xml");
  const { file } = await site.manager.administration.enrolByFile({
    ...account,
    ...untouched,
    bytes: site.carried("ask.xml"),
  });
  site.bring("trust.xml", file);
  return site.say("license smart import flash:trust.xml");
}

test("[TOP-4] [REP-16] a stack without a connection gets trust, is counted and acknowledged by files alone", async (t) => {
  const site = await startSite(t);
  assert.match(await giveTrust(site), /^Import Data Successful\n {2}TRUST CODE: PID:C9300-48P,SN:CSL2701A001\n/);
  const status = await site.say("show license status");
  assert.equal([...status.matchAll(/INSTALLED on /g)].length, 3);
  assert.match(status, /Smart Account: Example Corp As of .*\n {2}Virtual Account: Lab/);

  await site.pass(3600);
  await site.say("license smart save usage unreported file flash:usage.xml");
  const usage = site.carried("usage.xml");
  const imported = await site.manager.administration.importUsageFile({ ...account, bytes: usage, cause });
  assert.deepEqual(imported.reports, { accepted: 4, known: 0, refused: 0 });
  assert.deepEqual([imported.refused, imported.acknowledgements], [[], 1]);
  assert.deepEqual(Object.values(await site.inUse()).sort(), [1, 1, 2, 2]);

  site.bring("ack.xml", imported.file ?? "");
  assert.match(await site.say("license smart import flash:ack.xml"), /RUM ACK: 4 reports taken, 0 refused, 4 named/);
  assert.match(await site.say("show license status | include Last ACK"), /Last ACK received: \w{3} /);
  assert.equal(site.device.agent.state().reporting.counts.acknowledgedTotal, 4);
  assert.deepEqual(site.requests, [], "nothing ever left the device by itself");
});

test("[I2] [I9] the same files again give the same identities, count nothing twice and acknowledge the same", async (t) => {
  const site = await startSite(t);
  await giveTrust(site);
  const before = await site.manager.administration.listProductInstances(account);
  await site.say("license smart save usage unreported file flash:usage.xml");
  const bytes = site.carried("usage.xml");
  const { manager } = site;
  const first = await manager.administration.importUsageFile({ ...account, bytes, cause });
  const used = await site.inUse();
  const again = await manager.administration.importUsageFile({ ...account, bytes, cause });
  assert.deepEqual(again.reports, { accepted: 0, known: first.reports.accepted, refused: 0 });
  assert.deepEqual(await site.inUse(), used);
  await manager.administration.enrolByFile({ ...account, ...untouched, bytes: site.carried("ask.xml") });
  assert.deepEqual(await manager.administration.listProductInstances(account), before);
  site.bring("again.xml", again.file ?? "");
  assert.match(await site.say("license smart import flash:again.xml"), /reports taken, 0 refused/);
  assert.equal(site.device.agent.state().reporting.counts.acknowledgedTotal, first.reports.accepted);
});

test("a policy comes along by file, and an older one never replaces it", async (t) => {
  const site = await startSite(t);
  await giveTrust(site);
  await site.say("license smart save usage unreported file flash:one.xml");
  const older = await site.manager.administration.importUsageFile({
    ...account,
    bytes: site.carried("one.xml"),
    cause,
  });
  await site.setPolicy({ name: "Site", classes: { perpetual: { reporting_frequency_days: 30 } } });
  await site.device.configureFeatures(["network-advantage"]);
  await site.say("license smart save usage unreported file flash:two.xml");
  const newer = await site.manager.administration.importUsageFile({
    ...account,
    bytes: site.carried("two.xml"),
    cause,
  });
  site.bring("newer.xml", newer.file ?? "");
  assert.match(await site.say("license smart import flash:newer.xml"), /POLICY: "Site"/);
  site.bring("older.xml", older.file ?? "");
  const refused = await site.say("license smart import flash:older.xml");
  assert.match(refused, /^% The file was not imported; nothing was changed\. acknowledgement_replayed/);
  assert.match(await site.say("show license status | include Policy name"), /Site/);
});

test("what was altered, is for somebody else or is nothing is refused, and changes nothing", async (t) => {
  const site = await startSite(t);
  const other = await startSite(t);
  await giveTrust(site);
  await site.say("license smart save usage unreported file flash:usage.xml");
  const { manager } = site;
  const { file } = await manager.administration.importUsageFile({
    ...account,
    bytes: site.carried("usage.xml"),
    cause,
  });
  const before = site.device.agent.state();
  const importing = async (content: string) => {
    site.bring("bad.xml", content);
    return site.say("license smart import flash:bad.xml");
  };
  assert.match(await importing((file ?? "").replace("accepted", "rejected")), /signature_mismatch/);
  assert.match(await importing("<smartLicense></smartLicense>"), /file_empty/);
  assert.match(await importing(site.carried("usage.xml").toString()), /holds nothing that a manager gives/);
  const codeOf = async (name: string) => {
    const { json } = await site.device.execute(`license smart import flash:${name}`);
    return (json as { readonly code?: string }).code;
  };
  assert.equal(await codeOf("none.xml"), "flash_file_unreadable");
  assert.equal(await codeOf("bad.xml"), "import_refused");
  assert.match(await site.say("license smart import flash:../device.json"), /does not lie in the flash/);
  assert.deepEqual(site.device.agent.state(), before);

  await other.say("license smart save trust-request flash:ask.xml");
  other.bring("foreign.xml", file ?? "");
  assert.match(await other.say("license smart import flash:foreign.xml"), /not imported/);
  assert.equal(other.device.agent.state().reporting.lastAckAtMs, null);
});

test("usage of a device that the account does not know is refused with what to do, report by report", async (t) => {
  const site = await startSite(t);
  await site.say("license smart save usage all file flash:early.xml");
  const { manager } = site;
  const early = await manager.administration.importUsageFile({ ...account, bytes: site.carried("early.xml"), cause });
  assert.deepEqual([early.reports.accepted, early.file], [0, null]);
  assert.deepEqual([...new Set(early.refused.map(({ code }) => code))], ["sender_unknown"]);
  await giveTrust(site);
  const late = await manager.administration.importUsageFile({ ...account, bytes: site.carried("early.xml"), cause });
  assert.deepEqual(late.reports, { accepted: early.refused.length, known: 0, refused: 0 });
});

test("a trust request of a device that is registered with another key needs force", async (t) => {
  const site = await startSite(t);
  await giveTrust(site);
  await site.say("license smart factory reset");
  await site.say("license smart save trust-request flash:anew.xml");
  const bytes = site.carried("anew.xml");
  const { administration } = site.manager;
  await assert.rejects(
    administration.enrolByFile({ ...account, ...untouched, bytes }),
    (error) =>
      error instanceof ManagerError && error.code === "enrolment_refused" && /already_registered/.test(error.detail),
  );
  const { devices } = await administration.enrolByFile({ ...account, ...untouched, force: true, bytes });
  assert.deepEqual(
    devices.map(({ isEnrolled }) => isEnrolled),
    [true, true, true],
  );
});
