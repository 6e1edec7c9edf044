// The promise of the whole project, on the real programs: a manager that is killed at any moment forgets nothing that a
// device saw acknowledged, and counts nothing twice.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type LabInstance, labDirectory, RunningLab } from "@countersign/lab";
import { type Manager, openManager } from "@countersign/manager";
import { formatUdi, sha256Hex } from "@countersign/protocol";
import { SeededRandomness } from "@countersign/simulation";

const kills = 100;
const seed = 20_311_107;
/** The kill comes after some of the round's ACKs and some turns of the event loop: before, between and after answers. */
const turnsMax = 200;

/** What a device knows of itself when the lab has stopped. */
type Witness = {
  readonly name: string;
  readonly udi: string;
  readonly acknowledged: ReadonlySet<number>;
  readonly counts: ReadonlyMap<string, number>;
};

test(`[I1] [I2] [I3] [I5] a manager killed ${kills} times loses no acknowledged report and counts none twice`, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-killed-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  t.diagnostic(`seed ${seed}`);
  const directory = labDirectory(folder);
  const counter = new AcknowledgementCounter();
  const onAcknowledged = () => counter.count();
  const lab = await RunningLab.start({ directory, say: () => undefined, onAcknowledged });
  const witnesses = await killWhileReporting(lab, counter, t.signal);
  const manager = await openManager({ dataDirectory: directory.manager, logLevel: "silent", isProcessMeasured: false });
  try {
    const stored = await checkReports(manager, witnesses);
    assert.ok(stored > kills, `only ${stored} reports were stored`);
    await checkUsage(manager, witnesses);
  } finally {
    await manager.close();
  }
});

class AcknowledgementCounter {
  #waitFor = 0;
  #resolve: () => void = () => undefined;

  count(): void {
    this.#waitFor -= 1;
    if (this.#waitFor <= 0) this.#resolve();
  }

  /** Resolves after so many further ACKs; at once for none. */
  reaches(count: number): Promise<void> {
    this.#waitFor = count;
    return new Promise((resolve) => {
      this.#resolve = resolve;
      if (count === 0) resolve();
    });
  }
}

async function killWhileReporting(
  lab: RunningLab,
  counter: AcknowledgementCounter,
  signal: AbortSignal,
): Promise<readonly Witness[]> {
  try {
    await lab.acknowledgeAll(signal);
    const randomness = new SeededRandomness(seed);
    for (let round = 0; round < kills; round += 1) {
      await lab.manager.running();
      const enough = counter.reaches(randomness.nextBelow(lab.instances.length + 1));
      const syncing = lab.syncAll();
      await Promise.race([enough, syncing]);
      for (let turn = randomness.nextBelow(turnsMax); turn > 0; turn -= 1) await nextTurn();
      await lab.manager.kill("SIGKILL");
      await syncing;
    }
    await lab.manager.running();
    await lab.syncAll();
    assert.ok(lab.manager.restarts >= kills, `only ${lab.manager.restarts} of ${kills} kills met a running manager`);
    return lab.instances.map(testify);
  } finally {
    await lab.stop();
  }
}

function testify({ instance, device, acknowledged }: LabInstance): Witness {
  const { installation, metering, reporting } = device.agent.state();
  const active = installation.members.find((member) => member.role === "Active");
  assert.ok(active, `${instance.name} has no active member`);
  assert.equal(reporting.counts.pending + reporting.counts.closed, 0, `${instance.name} could not report at last`);
  const counts = new Map(Object.values(metering.usages).map(({ tag, count }) => [tag, count]));
  return { name: instance.name, udi: formatUdi(active.udi), acknowledged, counts };
}

/** Every acknowledged id is there, none twice, and each body is the one that was hashed. Answers how many there are. */
async function checkReports(manager: Manager, witnesses: readonly Witness[]): Promise<number> {
  let stored = 0;
  for (const { name, udi, acknowledged } of witnesses) {
    const ids = await reportIdsOf(manager, udi);
    assert.equal(new Set(ids).size, ids.length, `${name}: a report is stored twice`);
    const lost = [...acknowledged].filter((id) => !ids.includes(id));
    assert.deepEqual(lost, [], `${name}: acknowledged and lost`);
    stored += ids.length;
  }
  return stored;
}

async function reportIdsOf(manager: Manager, udi: string): Promise<readonly number[]> {
  const ids: number[] = [];
  for (let after: number | undefined; ; after = ids.at(-1)) {
    const page = await manager.administration.listReports({ instance: udi, limit: 1000, after });
    if (page.length === 0) return ids;
    for (const { reportId, payloadSha256 } of page) {
      const { payload } = await manager.administration.showReport({ instance: udi, reportId });
      assert.equal(sha256Hex(payload), payloadSha256, `report ${reportId} of ${udi} is not what was acknowledged`);
      ids.push(reportId);
    }
  }
}

/** What the manager counts is what the devices use: nothing of the many repetitions was added twice. */
async function checkUsage(manager: Manager, witnesses: readonly Witness[]): Promise<void> {
  const inUse = new Map<string, number>();
  for (const { counts } of witnesses) {
    for (const [tag, count] of counts) inUse.set(tag, (inUse.get(tag) ?? 0) + count);
  }
  for (const license of await manager.administration.listLicenses({})) {
    assert.equal(license.inUse, inUse.get(license.tag) ?? 0, `in use of ${license.name}`);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
