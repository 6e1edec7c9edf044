// A device, a manager on premises and a manager above it, as three programs on real TLS. Nobody enters a token on the device; what
// it reports is acknowledged on premises, travels up as it was signed, and is counted above exactly once, however often and
// however badly the synchronisation goes.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { createAgent, MemoryDisk } from "@countersign/agent";
import { initManager, type RunningManager, startManager } from "@countersign/manager";

const cause = { cause: { kind: "operator", name: "test" } } as const;
const tag = "regid.2031-01.org.example.EDGE_BASE,1.0_5b2f6c10-7b1a-4f0e-8a53-6a1b2c3d4e5f";
const softwareTag = "regid.2031-01.org.example.EDGE_SW,v1_0d3a7e6e-4d5f-4a35-9d1a-0d5f6f5a1c01";

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "countersign-premises-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function start(t: TestContext, folder: string, role: "cloud" | "onprem", smartAccount: string) {
  const dataDirectory = join(folder, role);
  await initManager({ dataDirectory, smartAccount, virtualAccount: "North", role, logLevel: "silent" });
  const options = { dataDirectory, logLevel: "silent", isProcessMeasured: false } as const;
  const floor = { dataDirectory, running: await startManager({ ...options, port: 0 }), restart };
  t.after(() => floor.running.stop());
  return floor;

  async function restart(): Promise<void> {
    const { port } = floor.running;
    await floor.running.stop();
    floor.running = await startManager({ ...options, port });
  }
}

const administrationOf = ({ manager }: RunningManager) => manager.administration;
const rootOf = (dataDirectory: string) => readFileSync(join(dataDirectory, "certificates/licensing-root.pem"), "utf8");

/** In front of the manager above: passes requests on, and may keep an answer to itself after the manager has given it. */
async function startGate(t: TestContext, above: RunningManager) {
  const state = { losesAnswers: false, bodies: [] as Buffer[] };
  const { key, cert } = above.manager.authority.tlsIdentity();
  const server = createServer({ key, cert }, async (incoming, outgoing) => {
    const body = await buffer(incoming);
    if (incoming.url === "/premises/v1/sync") state.bodies.push(body);
    const inner = request(`${above.url}${incoming.url}`, {
      method: "POST",
      ca: above.rootCertificatePem,
      agent: false,
    });
    inner.end(body);
    const [answer] = await once(inner, "response");
    const text = await buffer(answer);
    if (state.losesAnswers) outgoing.destroy();
    else outgoing.writeHead(answer.statusCode, { connection: "close" }).end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { state, url: `https://localhost:${(server.address() as AddressInfo).port}` };
}

/** An agent with trust, and a way to report so many and hear that it was acknowledged. */
async function startDevice(t: TestContext, rootPem: string, url: string) {
  const trusted = Promise.withResolvers<unknown>();
  let acknowledged = Promise.withResolvers<unknown>();
  const agent = await createAgent({
    stateDirectory: new MemoryDisk(),
    product: {
      ...{ softwareTag, softwareVersion: "1.0" },
      members: [{ udi: { pid: "EDGE-24", serialNumber: "EXA00000001" }, role: "Active" }],
    },
    trustAnchors: rootPem,
    keyType: "p-256",
    transport: { type: "cslu", url },
    on: { trust: trusted.resolve, acknowledged: (notice) => acknowledged.resolve(notice) },
  });
  t.after(() => agent.stop());
  await trusted.promise;
  const report = async (count: number) => {
    await agent.request(tag, count);
    acknowledged = Promise.withResolvers<unknown>();
    await agent.sync();
    await acknowledged.promise;
  };
  return { agent, report };
}

async function inUse(running: RunningManager, virtualAccount: string) {
  const rows = await administrationOf(running).listLicenses({ virtualAccount });
  return rows
    .filter((row) => row.tag === tag)
    .map(({ inUseVerified, inUseUnverified }) => [inUseVerified, inUseUnverified]);
}

async function reportsAt(running: RunningManager) {
  const [instance] = await administrationOf(running).listProductInstances({});
  assert.ok(instance);
  const reports = await administrationOf(running).listReports({ instance: instance.productInstanceIdentifier });
  return reports.map(({ reportId, payloadSha256 }) => `${reportId} ${payloadSha256}`).sort();
}

test("[TOP-3] [TRU-8] [ONP-6] [I1] [I2] [I3] reports pass two floors and are counted once on each, whatever becomes of the answers and of the programs", async (t) => {
  const folder = temporaryFolder(t);
  const cloud = await start(t, folder, "cloud", "Example Corp");
  const premises = await start(t, folder, "onprem", "Example Works");
  const [above, below] = [cloud.dataDirectory, premises.dataDirectory];
  const gate = await startGate(t, cloud.running);
  const { token } = await administrationOf(cloud.running).addLowerManager({
    name: "works",
    virtualAccount: "North",
    ...cause,
  });
  await administrationOf(cloud.running).addPurchase({
    purchase: { tag, quantity: 7, virtualAccount: "North" },
    ...cause,
  });
  await administrationOf(cloud.running).setPolicy({ virtualAccount: "North", layer: { name: "Works" }, ...cause });
  const wish = { url: gate.url, rootPem: rootOf(above), token, ...cause };
  await administrationOf(premises.running).connectUpstream(wish);
  assert.equal(rootOf(below), rootOf(above), "devices on premises need the licensing root of the manager above");

  const { report } = await startDevice(t, rootOf(above), `${premises.running.url}/cslu/v1/pi/North-1`);
  await report(3);
  assert.deepEqual(await inUse(premises.running, "North"), [[3, 0]]);
  const figures = async ({ running }: { readonly running: RunningManager }) => {
    const { text } = await running.manager.applicationPorts.metrics.render();
    return Object.fromEntries(
      [...text.matchAll(/^countersign_upstream_(\w+) (\S+)$/gm)].map(([, name, value]) => [name, value]),
    );
  };
  assert.deepEqual(await figures(cloud), {}, "a figure of 0 would say that all is well");
  const { synchronised_seconds: age, ...waiting } = await figures(premises);
  assert.deepEqual(waiting, { waiting_reports: "1", failed_attempts: "0", overdue: "0" });
  assert.ok(Number(age) >= 0);
  assert.match(
    (await premises.running.manager.health()).dependencies.upstream?.detail ?? "",
    /^never synchronised, 1 reports wait$/,
  );
  assert.deepEqual(await administrationOf(cloud.running).listProductInstances({}), []);

  gate.state.losesAnswers = true;
  await assert.rejects(administrationOf(premises.running).syncUpstream(cause), { code: "upstream_unreachable" });
  const lost = gate.state.bodies.at(-1) as Buffer;
  assert.deepEqual(await inUse(cloud.running, "North"), [[3, 0]], "committed above before its answer was lost");
  gate.state.losesAnswers = false;
  await Promise.all([cloud.restart(), premises.restart()]);
  await report(5);
  const synced = await administrationOf(premises.running).syncUpstream(cause);
  assert.deepEqual([synced.refused, synced.upstream.waitingReports, synced.upstream.failure], [0, 0, null]);
  assert.deepEqual(await inUse(cloud.running, "North"), [[5, 0]]);

  const stored = await reportsAt(cloud.running);
  assert.deepEqual(stored, await reportsAt(premises.running), "the same reports with the same bytes on both floors");
  await cloud.running.manager.applicationPorts.useCases.floorDoor.sync(lost);
  assert.deepEqual(await reportsAt(cloud.running), stored, "an old document once more adds nothing");
  assert.deepEqual(await inUse(cloud.running, "North"), [[5, 0]]);

  const [purchase, ...others] = await administrationOf(premises.running).listPurchases({});
  assert.deepEqual([purchase?.tag, purchase?.quantity, others.length], [tag, 7, 0]);
  assert.equal((await administrationOf(premises.running).getPolicy({})).policy.name, "Works");
  const health = await premises.running.manager.health();
  assert.deepEqual(
    [health.status, health.dependencies.upstream],
    ["ok", { state: "ok", detail: "synchronised 0 hours ago, 0 reports wait" }],
  );
  assert.equal((await figures(premises)).waiting_reports, "0");
  const repeated = await administrationOf(premises.running).syncUpstream(cause);
  assert.deepEqual([repeated.acknowledged, repeated.refused], [0, 0]);
  assert.equal((await administrationOf(premises.running).listPurchases({})).length, 1);
});
