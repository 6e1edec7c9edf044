// Classic Smart Licensing with the real agent and the real manager, on one clock: what the manager decides and does by itself. A generic
// licence and a move, renewals through years, silence until everything is given back.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Agent, createAgent, MemoryDisk, TransportFailure } from "@countersign/agent";
import { createRequestHandler, initManager, openManager } from "@countersign/manager";
import { ManualTime } from "@countersign/simulation";

const generic = "regid.2031-01.org.example.EDGE_GENERIC,1.0_5b2f6c10-7b1a-4f0e-8a53-6a1b2c3d4e5f";
const specific = "regid.2031-01.org.example.EDGE_SPECIFIC,1.0_6c3f7d21-8c2b-4a1f-9b64-7b2c3d4e5f60";
const softwareTag = "regid.2031-01.org.example.EDGE_SW,v1_0d3a7e6e-4d5f-4a35-9d1a-0d5f6f5a1c01";
const cause = { cause: { kind: "operator", name: "test" } } as const;
const dayMs = 86_400_000;

async function openStage(t: TestContext) {
  const time = new ManualTime(Date.parse("2031-05-21T12:00:00Z"));
  const folder = mkdtempSync(join(tmpdir(), "countersign-classic-"));
  const dataDirectory = join(folder, "data");
  const { rootCertificatePem } = await initManager({ dataDirectory, smartAccount: "Example", clock: time });
  const manager = await openManager({ dataDirectory, clock: time, logLevel: "silent", isProcessMeasured: false });
  const handle = createRequestHandler(manager);
  const line = { isCut: false };
  const agents = new Set<Agent>();
  t.after(async () => {
    for (const agent of agents) await agent.stop();
    await manager.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const exchange = async (_url: string, body: Uint8Array) => {
    if (line.isCut) throw new TransportFailure("connection_timed_out");
    return handle(body);
  };
  /** The manager does each day what it does each minute. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= dayMs) {
      await time.advanceTo(time.now() + Math.min(left, dayMs), async () => {
        for (const agent of agents) await agent.idle();
      });
      await manager.upkeep.keepClassic();
      await manager.upkeep.noteStandings();
    }
  };
  const start = async (serialNumber: string, disk = new MemoryDisk()) => {
    const agent = await createAgent({
      stateDirectory: disk,
      product: {
        ...{ softwareTag, softwareVersion: "16.12.4", licensingModel: "classic" },
        members: [{ udi: { pid: "EDGE-24", serialNumber }, role: "Active" }],
      },
      transport: { type: "smart", url: "https://localhost/licservice/license" },
      ...{ trustAnchors: rootCertificatePem, keyType: "p-256", exchange, clock: time, timers: time },
    });
    agents.add(agent);
    return { agent, disk };
  };
  const stop = async (agent: Agent) => {
    agents.delete(agent);
    await agent.stop();
  };
  const { administration } = manager;
  const token = async () => (await administration.createToken({ usesMax: 9, expiresAfterDays: 9999, ...cause })).text;
  const licenses = async () =>
    Object.fromEntries(
      (await administration.listLicenses({})).map((one) => [
        `${one.virtualAccount} ${one.name}`,
        [one.inUse, one.balance],
      ]),
    );
  return { administration, time, line, pass, start, stop, token, licenses };
}

const standing = (agent: Agent) => agent.state().classic?.authorization.standing;
const identityOf = (agent: Agent) => {
  const [identity] = Object.values(agent.state().trust.members);
  assert.ok(identity?.status === "installed");
  return identity;
};

test("[MGR-11] [CLS-20] [CNT-12] [MGR-8] a registered device is short, then covered by a purchase of the generic licence, and keeps that through a move", async (t) => {
  const { administration, start, pass, token, licenses } = await openStage(t);
  await administration.declareSubstitutions({ declaration: { hierarchies: [[[generic], [specific]]] }, ...cause });
  await administration.createVirtualAccount({ name: "Branch", ...cause });
  const { agent } = await start("OLD1");
  await agent.request(specific, 2);
  await pass(dayMs);
  assert.deepEqual(await licenses(), {}, "an evaluation speaks to nobody");
  await agent.register(await token());
  await pass(dayMs);
  assert.equal(standing(agent), "out_of_compliance");
  assert.equal(agent.state().classic?.authorization.verdicts[0]?.shortfall, 2);
  assert.deepEqual(await licenses(), { "DEFAULT EDGE_SPECIFIC": [2, -2] });
  const [short] = (await administration.listAlerts({})).alerts;
  assert.ok(short?.kind === "license_short" && short.sinceMs !== null);
  await administration.addPurchase({ purchase: { tag: generic, quantity: 5 }, ...cause });
  await pass(dayMs);
  assert.equal(standing(agent), "authorized");
  assert.deepEqual(await licenses(), { "DEFAULT EDGE_GENERIC": [0, 3], "DEFAULT EDGE_SPECIFIC": [2, 0] });
  const move = { tag: generic, quantity: 2, from: "DEFAULT", to: "Branch" };
  await administration.transferLicenses({ ...move, ...cause });
  const { productInstanceIdentifier: instance } = identityOf(agent);
  await administration.transferProductInstance({ instance, virtualAccount: "Branch", ...cause });
  await agent.renew("authorization");
  await pass(dayMs);
  assert.equal(standing(agent), "authorized");
  assert.deepEqual((await licenses())["Branch EDGE_SPECIFIC"], [2, 0]);
  await agent.deregister();
  await pass(dayMs);
  assert.deepEqual((await licenses())["Branch EDGE_SPECIFIC"], [0, 0]);
  assert.deepEqual(await administration.listProductInstances({}), []);
});

test("[CLS-14] [MGR-12] [CLS-26] renewals last through years; 90 days of silence free what is used and an answer takes it back; the end of the certificate ends the registration on both sides", async (t) => {
  const { administration, time, line, start, stop, pass, token, licenses } = await openStage(t);
  await administration.addPurchase({ purchase: { tag: generic, quantity: 5 }, ...cause });
  const { agent, disk } = await start("OLD2");
  await agent.request(generic, 1);
  await agent.register(await token());
  await pass(370 * dayMs);
  const { productInstanceIdentifier: instance, expiresAtMs } = identityOf(agent);
  assert.ok(expiresAtMs > time.now() + 300 * dayMs, "renewed, and again");
  assert.equal(agent.state().classic?.authorization.last?.outcome, "SUCCEEDED");
  const inUse = async () => (await licenses())["DEFAULT EDGE_GENERIC"]?.[0];
  line.isCut = true;
  await pass(92 * dayMs);
  assert.deepEqual([standing(agent), await inUse()], ["expired", 0]);
  line.isCut = false;
  await pass(dayMs);
  assert.notEqual(standing(agent), "expired");
  assert.equal(await inUse(), 1);
  assert.equal((await administration.showProductInstance({ instance })).classic?.releasedAtMs, null);
  await stop(agent);
  await pass(expiresAtMs - time.now() + dayMs);
  assert.deepEqual(await administration.listProductInstances({}), []);
  const { agent: later } = await start("OLD2", disk);
  await pass(dayMs);
  assert.ok(Object.values(later.state().trust.members).every(({ status }) => status !== "installed"));
  await later.register(await token());
  await pass(dayMs);
  assert.equal(await inUse(), 1);
});
