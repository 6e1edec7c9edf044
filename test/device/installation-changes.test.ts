// What happens to the devices of an installation, seen at a real manager: trust reaches who joined, and nothing is counted
// twice or lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Pair, startPair } from "./device-with-manager.test-support.ts";

const daySeconds = 86_400;

/** Units in use at the manager by the name of the tag, without zeros. */
async function inUse({ manager }: Pair): Promise<Record<string, number>> {
  const rows = await manager.administration.listLicenses({});
  return Object.fromEntries(rows.filter((row) => row.inUse > 0).map((row) => [row.name, row.inUse]));
}

async function trusted(pair: Pair): Promise<Record<string, number>> {
  await pair.say(`license smart trust idtoken ${await pair.token()} all`);
  await pair.pass(600);
  return inUse(pair);
}

test("[TRU-19] [CNT-3] a member that joins a trusted stack gets trust by a sync, and the manager counts one more", async (t) => {
  const pair = await startPair(t);
  const before = await trusted(pair);
  await pair.say("test platform member add C9300-48P CSL2701A009");
  await pair.pass(120);
  const codes = await pair.say("show license status | section Trust Code");
  assert.match(codes, /Member: PID:C9300-48P,SN:CSL2701A009\n +INSTALLED on /);
  assert(pair.requests.includes("TRUST_SYNC"));
  await pair.pass(daySeconds + 600);
  assert.deepEqual(await inUse(pair), {
    ...before,
    C9300_48P_NW_Advantagek9: (before.C9300_48P_NW_Advantagek9 ?? 0) + 1,
    C9300_48P_Dna_Advantage: (before.C9300_48P_Dna_Advantage ?? 0) + 1,
  });
});

for (const platform of ["c9300-stack", "c9407r", "c9500-svl"]) {
  test(`[CNT-2] switchovers and reloads of a ${platform} change no count at the manager and double none`, async (t) => {
    const pair = await startPair(t, { platform });
    const before = await trusted(pair);
    assert.notDeepEqual(before, {});
    const [, standby] = pair.device.slots;
    for (const line of ["redundancy force-switchover", `reload slot ${standby?.number}`, "reload"]) {
      await pair.say(line);
      await pair.pass(daySeconds + 600);
      assert.deepEqual(await inUse(pair), before, line);
    }
    assert.equal(
      (await pair.manager.administration.listLicenses({})).every((row) => row.installations <= 1),
      true,
    );
  });
}

test("[HW-5] [CNT-2] a member that fails and is replaced by another leaves the counts as they were", async (t) => {
  const pair = await startPair(t);
  const before = await trusted(pair);
  await pair.say("test platform member fail 1");
  await pair.pass(daySeconds + 600);
  assert.equal((await inUse(pair)).C9300_48P_NW_Advantagek9, (before.C9300_48P_NW_Advantagek9 ?? 0) - 1);
  await pair.say("test platform member add C9300-48P CSL2701A010");
  await pair.pass(2 * daySeconds);
  assert.deepEqual(await inUse(pair), before);
  const codes = await pair.say("show license status | section Trust Code");
  assert.match(codes, /PID:C9300-48P,SN:CSL2701A010\n +INSTALLED on /);
});

test("an active device that fails is absent at the manager with the contact of then, and one is active", async (t) => {
  const pair = await startPair(t);
  await trusted(pair);
  const rolesOf = async () =>
    (await pair.manager.administration.listProductInstances({})).map(({ role, udi, lastContactAtMs }) => ({
      role,
      serialNumber: udi.serialNumber,
      lastContactAtMs,
    }));
  const before = await rolesOf();
  const failed = before.find(({ role }) => role === "Active");
  await pair.say("test platform member fail 1");
  await pair.pass(daySeconds + 600);
  await pair.say("license smart sync all");
  await pair.pass(600);
  const after = await rolesOf();
  assert.deepEqual(after.map(({ role }) => role).sort(), ["Absent", "Active", "Standby"]);
  assert.deepEqual(
    after.find(({ role }) => role === "Absent"),
    { ...failed, role: "Absent" },
  );
});

test("[REP-6] [REP-9] the lists of a controller name the access points behind the counts of its last report", async (t) => {
  const pair = await startPair(t, { platform: "c9800-cl" });
  await pair.say("test platform access-point join count 3");
  await trusted(pair);
  await pair.say("test platform access-point leave count 1");
  await pair.say("test platform access-point join X AP9");
  await pair.pass(8 * 3600);
  const list = (name: string) => pair.say(`show license air entities ${name}`);
  assert.equal(await list("added"), "Number of access points: 1\n  PID:X,SN:AP9");
  assert.equal(await list("deleted"), "Number of access points: 1\n  PID:C9130AXI-B,SN:FJC26000003");
  assert.match(await list("no-change"), /^Number of access points: 2\n.*000001\n.*000002$/);
  assert.match(await list("bulk"), /^Number of access points: 3\n/);
  assert.deepEqual(await inUse(pair), { DNA_NWStack: 3, "AIR-DNA-A": 3 });
});
