import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Agent, createAgent, MemoryDisk } from "@countersign/agent";
import { createRequestHandler, initManager, type Manager, openManager } from "@countersign/manager";
import { decodeRequest } from "@countersign/protocol";
import { ManualTime } from "@countersign/simulation";

const tag = "regid.2031-01.org.example.EDGE_BASE,1.0_5b2f6c10-7b1a-4f0e-8a53-6a1b2c3d4e5f";
const softwareTag = "regid.2031-01.org.example.EDGE_SW,v1_0d3a7e6e-4d5f-4a35-9d1a-0d5f6f5a1c01";
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const retrySeconds = 1234;
const devices = 40;
const by = { cause: { kind: "operator", name: "ada" } } as const;

test("[I1] [I2] more devices at once than the manager takes: those put off come back as told, and every report is acknowledged once", async (t) => {
  const fleet = await startFleet(t);
  for (const [at, device] of fleet.agents.entries()) await device.request(tag, 1 + at);
  await fleet.pass(5 * minuteMs);
  fleet.visits.splice(0);

  await Promise.all(fleet.agents.map((device) => device.sync()));
  await fleet.pass(0);
  const putOff = fleet.visits.filter(({ retryTimeSeconds }) => retryTimeSeconds !== null);
  assert.ok(putOff.length > devices / 4 && putOff.length < devices, `${putOff.length} of ${devices} were put off`);
  for (const device of fleet.agents) {
    const { closed, pending, unacknowledged } = device.state().reporting.counts;
    const isPutOff = putOff.some(({ from }) => from === identifierOf(device));
    assert.equal(
      closed + pending + unacknowledged > 0,
      isPutOff,
      "who was put off keeps its reports, nobody else has any",
    );
  }
  await fleet.pass(8 * hourMs);

  for (const { from, atMs } of putOff) {
    const next = fleet.visits.find((visit) => visit.from === from && visit.atMs > atMs);
    assert.ok(next !== undefined, `${from} was put off and never came back`);
    assert.ok(next.atMs - atMs >= retrySeconds * 1000, `${from} came back after ${(next.atMs - atMs) / 1000} s`);
  }
  await assertEachAcknowledgedOnce(fleet);
});

type Visit = { readonly from: string; readonly atMs: number; readonly retryTimeSeconds: number | null };
type Fleet = {
  readonly agents: readonly Agent[];
  readonly manager: Manager;
  /** Usage messages and what they were told. */
  readonly visits: Visit[];
  readonly pass: (ms: number) => Promise<void>;
};

/** Devices with trust, and a manager in which few reports may wait. */
async function startFleet(t: TestContext): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-overload-"));
  const time = new ManualTime(Date.parse("2031-05-21T12:00:00Z"));
  const dataDirectory = join(folder, "manager");
  const { rootCertificatePem } = await initManager({ dataDirectory, smartAccount: "Busy", clock: time });
  const limits = { waitingReportsMax: 10, retryWhenBusySeconds: retrySeconds };
  const options = { dataDirectory, clock: time, logLevel: "silent", isProcessMeasured: false, ...limits } as const;
  const manager = await openManager(options);
  const handle = createRequestHandler(manager);
  const visits: Visit[] = [];
  const exchange = async (_url: string, body: Uint8Array) => {
    const { requestType, header } = decodeRequest(body);
    const bytes = await handle(body);
    const { status_code, retry_time_seconds } = JSON.parse(JSON.parse(Buffer.from(bytes).toString()).response);
    const retryTimeSeconds = status_code === "OK_TRY_AGAIN" ? retry_time_seconds : null;
    if (requestType === "LICENSE_USAGE")
      visits.push({ from: header.product_instance_identifier, atMs: time.now(), retryTimeSeconds });
    return bytes;
  };
  const { text } = await manager.administration.createToken({ usesMax: devices, ...by });
  const agents: Agent[] = [];
  for (let number = 0; number < devices; number += 1) {
    const udi = { pid: "EDGE-24", serialNumber: `BUSY${number}` };
    agents.push(
      await createAgent({
        stateDirectory: new MemoryDisk(),
        product: { softwareTag, softwareVersion: "17.1", members: [{ udi, role: "Active" }] },
        transport: { type: "smart", url: "https://localhost/licservice/license" },
        ...{ trustAnchors: rootCertificatePem, keyType: "p-256", clock: time, timers: time, exchange },
      }),
    );
  }
  const settle = async () => {
    await Promise.all(agents.map((device) => device.idle()));
  };
  const pass = (ms: number) => time.advanceTo(time.now() + ms, settle);
  t.after(async () => {
    for (const device of agents) await device.stop();
    await manager.close();
    rmSync(folder, { recursive: true, force: true });
  });
  for (const device of agents) await device.trust(text);
  await pass(minuteMs);
  return { agents, manager, visits, pass };
}

function identifierOf(device: Agent): string {
  const [member] = Object.values(device.state().trust.members);
  assert.ok(member?.status === "installed");
  return member.productInstanceIdentifier;
}

async function assertEachAcknowledgedOnce({ agents, manager }: Fleet): Promise<void> {
  for (const [at, device] of agents.entries()) {
    const { reporting } = device.state();
    const instance = identifierOf(device);
    const reports = await manager.administration.listReports({ instance });
    assert.ok(reports.length > 0);
    assert.equal(new Set(reports.map(({ reportId }) => reportId)).size, reports.length);
    const { closed, pending, unacknowledged } = reporting.counts;
    assert.deepEqual([closed, pending, unacknowledged], [0, 0, 0]);
    const { usage } = await manager.administration.showProductInstance({ instance });
    assert.deepEqual(
      usage.map(({ count }) => count),
      [1 + at],
    );
  }
}
