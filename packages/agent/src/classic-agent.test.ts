// An agent in the classic model with a manager on manual time: real keys, real certificates, real signatures, a disk that crashes.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { decodeRequestData, formatUdi } from "@countersign/protocol";
import { ManualTime, SeededRandomness, SimulatedDisk } from "@countersign/simulation";
import type { Agent } from "./agent.ts";
import { createAgent } from "./create-agent.ts";
import { isClassic, isRegistered } from "./lifecycle/classic/classic-state.ts";
import { evaluationRemainingMs } from "./lifecycle/classic/standing.ts";
import { advantageTag } from "./lifecycle/test-support/driven-agent.ts";
import { exampleUrl, product, startAtMs } from "./test-support/example-state.ts";
import { startScene, token } from "./test-support/start-agent.ts";
import { publicKeyOfRequest } from "./test-support/test-certificates.ts";
import { TestManager } from "./test-support/test-manager.ts";

const dayMs = 86_400_000;
const classic = { product: { ...product, softwareVersion: "16.12.4", licensingModel: "classic" as const } };
const policy = { product: { ...product, softwareVersion: "17.9.4" } };

test("[CLS-10] [CLS-11] [CLS-16] [CLS-19] [CLS-20] a device registers, is authorized, is short, is authorized after a purchase, and leaves", async (t) => {
  const { agent, manager, pass } = await startScene(t, { change: classic });
  await agent.request(advantageTag, 1);
  await pass(dayMs);
  assert.equal(manager.requests.length, 0);
  await agent.register(token);
  await pass(1_000);
  assert.deepEqual(
    manager.requests.map(({ requestType }) => requestType),
    ["REGISTER", "AUTHORIZE"],
  );
  assert.ok(manager.requests.every(({ header }) => !header.connect_info.capabilities.includes("POLICY_USAGE")));
  const standing = () => agent.state().classic?.authorization.standing;
  assert.equal(standing(), "authorized");
  const [identity] = Object.values(agent.state().trust.members);
  assert.ok(identity?.status === "installed");
  assert.equal(identity.expiresAtMs, (agent.state().classic?.registration.initial?.atMs ?? 0) + 365 * dayMs);
  manager.bought.set(advantageTag, 1);
  await agent.request(advantageTag, 3);
  await pass(2_000);
  assert.equal(standing(), "out_of_compliance");
  assert.equal(agent.state().classic?.authorization.verdicts[0]?.shortfall, 2);
  manager.bought.set(advantageTag, 3);
  await pass(dayMs);
  assert.equal(standing(), "authorized");
  await agent.deregister();
  await pass(1_000);
  assert.equal(manager.requests.at(-1)?.requestType, "DEREGISTER");
  assert.ok(!isRegistered(agent.state()));
  assert.deepEqual(manager.enrolledIdentifiers, []);
  await assert.rejects(agent.renew("id"), { code: "request_refused" });
});

test("[CLS-32] [CLS-33] [BET-35] registration, keys and evaluation survive a crash at any time; nothing has to be saved by hand", async (t) => {
  const scene = await startScene(t, { change: classic });
  await scene.agent.request(advantageTag, 1);
  await scene.pass(10 * dayMs);
  const evaluated = await scene.restart(classic);
  assert.ok(evaluationRemainingMs(evaluated.agent.state()) <= 80 * dayMs + 900_000);
  await evaluated.agent.register(token);
  await evaluated.pass(1_000);
  const again = await evaluated.restart(classic);
  assert.ok(isRegistered(again.agent.state()));
  await again.agent.renew("authorization");
  await again.pass(1_000);
  assert.equal(again.agent.state().classic?.authorization.last?.outcome, "SUCCEEDED");
});

test("[BET-31] an answer that was lost is asked for again with the same keys, and the token stands in no state, history or log", async (t) => {
  const { agent, manager, pass, log } = await startScene(t, { change: classic });
  manager.outage = { when: "after", error: new Error("cut") };
  await agent.register(token);
  await pass(1_000);
  assert.equal(agent.state().classic?.registration.attempt?.token, "<redacted>");
  manager.outage = null;
  await pass(120_000);
  assert.ok(isRegistered(agent.state()));
  const [first, second] = manager.requests
    .filter(({ requestType }) => requestType === "REGISTER")
    .map((request) => publicKeyOfRequest(csrOf(request)));
  assert.ok(first !== undefined && second !== undefined && first.equals(second));
  const told = JSON.stringify([agent.state(), await agent.history(), log]);
  assert.ok(!told.includes(token) && !told.includes("NDgyYjlkZDEt"));
});

function csrOf(request: Parameters<typeof decodeRequestData>[0]): string {
  const data = decodeRequestData({ ...request, requestType: "REGISTER" });
  return data.device_list[0]?.csr ?? "";
}

test("an ID certificate for another key, another device or from another root is not installed, and what is there stands", async (t) => {
  const { agent, manager, pass } = await startScene(t, { change: classic });
  const other = await startScene(t, { change: classic });
  const harms: readonly ((answer: string) => string)[] = [
    (answer) => answer.replace(/id_certificate/, "id_certificatE"),
    (answer) => answer.replace(/OK/, "KO"),
  ];
  for (const tamper of harms) {
    manager.tamper = tamper;
    await agent.register(token, { force: true });
    await pass(1_000);
    assert.ok(!isRegistered(agent.state()));
    assert.equal(agent.state().communication.statistics.registration?.lastFailure?.stage, "signature");
  }
  manager.tamper = (answer) => answer;
  manager.certifyFor = { sudi: { udi_pid: "EDGE-24", udi_serial_number: "OTHER" }, csr: null };
  await agent.register(token, { force: true });
  await pass(1_000);
  assert.equal(agent.state().communication.statistics.registration?.lastFailure?.code, "identity_mismatch");
  await other.agent.register(token);
  await other.pass(1_000);
  const csr = csrOf(other.manager.requests[0] ?? assert.fail("it was asked"));
  manager.certifyFor = { sudi: null, csr };
  await agent.register(token, { force: true });
  await pass(1_000);
  assert.equal(agent.state().communication.statistics.registration?.lastFailure?.code, "identity_mismatch");
  assert.ok(!isRegistered(agent.state()));
});

test("[BET-32] a certificate that the manager does not believe any more is replaced under the one before", async (t) => {
  const { agent, manager, pass } = await startScene(t, { change: classic });
  await agent.register(token);
  await pass(1_000);
  const before = serialOf(agent);
  manager.outage = { when: "after", error: new Error("cut") };
  await agent.renew("id");
  await pass(1_000);
  assert.equal(serialOf(agent), before);
  manager.outage = null;
  await agent.renew("id");
  const first = manager.requests.length;
  manager.withdrawsNext = true;
  await pass(60_000);
  assert.deepEqual(
    manager.requests.slice(first).map(({ requestType }) => requestType),
    ["RENEW_ID", "AUTHORIZE", "RENEW_ID", "AUTHORIZE"],
  );
  assert.equal(manager.requests.at(-2)?.signature?.key, before);
  assert.equal(agent.state().classic?.authorization.last?.outcome, "SUCCEEDED");
});

function serialOf(agent: { state(): ReturnType<Awaited<ReturnType<typeof startScene>>["agent"]["state"]> }): string {
  const [identity] = Object.values(agent.state().trust.members);
  return identity?.status === "installed" ? identity.certificateSerial : "";
}

test("[GEN-2] [GEN-5] [HW-9] a registered device that is upgraded gets its trust code without a token, and reports", async (t) => {
  const scene = await startScene(t, { change: classic });
  await scene.agent.request(advantageTag, 1);
  await scene.agent.register(token);
  await scene.pass(dayMs);
  const [identifier] = scene.manager.enrolledIdentifiers;
  const upgraded = await scene.restart(policy);
  assert.ok(!isClassic(upgraded.agent.state()));
  await upgraded.pass(300_000);
  const [identity] = Object.values(upgraded.agent.state().trust.members);
  assert.ok(identity?.status === "installed" && identity.isClassic === undefined);
  assert.equal(identity.productInstanceIdentifier, identifier);
  const types = upgraded.manager.requests.map(({ requestType }) => requestType);
  assert.ok(types.includes("TRUST_SYNC") && types.includes("LICENSE_USAGE") && !types.includes("ID_TOKEN_TRUST"));
  assert.ok(upgraded.manager.accepted.size > 0);
  await assert.rejects(upgraded.agent.register(token), { code: "request_refused" });
  assert.equal(
    formatUdi(product.members[0]?.udi ?? assert.fail()),
    Object.keys(upgraded.agent.state().trust.members)[0],
  );
});

test("what a manager gives by file belongs to the policy model and is refused as such", async (t) => {
  const { agent } = await startScene(t, { change: classic });
  await assert.rejects(agent.importFile(Buffer.from("<smartLicense/>")), { code: "import_refused" });
});

/** What a device does before the power goes away within its write of this number; null when it came to its end. */
async function liveUntilCrash(t: TestContext, write: number) {
  const time = new ManualTime(startAtMs);
  const manager = await TestManager.create(time);
  const disk = new SimulatedDisk(new SeededRandomness(write));
  disk.crashAtWrite(write);
  const crashed = new Promise<"crashed">((resolve) => {
    disk.onCrash = () => resolve("crashed");
  });
  const open = (stateDirectory: SimulatedDisk) =>
    createAgent({
      ...{ stateDirectory, ...classic, transport: { type: "smart", url: exampleUrl }, trustAnchors: manager.rootPem },
      ...{ keyType: "p-256", exchange: manager.exchange, clock: time, timers: time },
    });
  const pass = (agent: Agent, ms: number) => time.advanceTo(time.now() + ms, () => agent.idle());
  let isConfirmed = false;
  const live = async (): Promise<"done"> => {
    const agent = await open(disk);
    await agent.request(advantageTag, 1);
    await agent.register(token);
    isConfirmed = true;
    await pass(agent, 2_000);
    await agent.renew("id");
    await pass(agent, 2_000);
    await agent.stop();
    return "done";
  };
  if ((await Promise.race([live(), crashed])) === "done") return null;
  const agent = await open(disk.afterCrash());
  t.after(() => agent.stop());
  await pass(agent, 600_000);
  return { agent, isConfirmed, pass: (ms: number) => pass(agent, ms) };
}

test("[CLS-33] [BET-35] power lost within any write: what was confirmed is registered after the next start, and its keys with it", async (t) => {
  let write = 0;
  for (; ; write += 1) {
    const lived = await liveUntilCrash(t, write);
    if (lived === null) break;
    const { agent, isConfirmed, pass } = lived;
    if (isConfirmed) assert.ok(isRegistered(agent.state()), `write ${write}`);
    if (!isRegistered(agent.state())) {
      await agent.request(advantageTag, 1);
      await agent.register(token);
      await pass(2_000);
    }
    await agent.renew("authorization");
    await pass(2_000);
    const { classic: state, trust } = agent.state();
    assert.equal(state?.authorization.standing, "authorized", `write ${write}`);
    assert.equal(state.authorization.last?.outcome, "SUCCEEDED");
    const [identity] = Object.values(trust.members);
    assert.ok(identity?.status === "installed" && identity.isClassic === true);
    await agent.stop();
  }
  assert.ok(write > 15, `${write} writes`);
});
