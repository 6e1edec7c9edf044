import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import {
  type Acknowledgement,
  countMax,
  decodeLicenseFile,
  decodeRumReport,
  devicesPerInstallationMax,
  nameCharactersMax,
  tagCharactersMax,
  type Udi,
} from "@countersign/protocol";
import { AgentError } from "./agent-error.ts";
import type { AgentState } from "./lifecycle/state.ts";
import { DiskStateStore } from "./storage/state-store.ts";
import { advancedTag, baseTag, product, standbyUdi, udi } from "./test-support/example-state.ts";
import { startScene, token } from "./test-support/start-agent.ts";
import { temporaryDirectory } from "./test-support/temporary-directory.ts";
import { TransportFailure } from "./transport-failure.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;

test("[TRU-2] [REP-2] trust, usage, signed report, verified acknowledgement, from one agent to one manager", async (t) => {
  const { agent, manager, notices, pass } = await startScene(t);
  await agent.request(baseTag, 3);
  await agent.trust(token);
  await pass(10 * minuteMs);
  assert.deepEqual(
    notices
      .map((notice) => notice.type)
      .filter((type) => type !== "policy-installed" && type !== "acknowledgement-due"),
    ["trust-installed", "acknowledged"],
  );
  assert.equal(manager.accepted.size, 1);
  const usage = manager.requests.find((request) => request.requestType === "LICENSE_USAGE");
  assert.notEqual(usage?.signature, null);
  assert.equal(agent.state().reporting.counts.acknowledgedTotal, 1);
  assert.deepEqual(agent.reports({ status: "pending" }), []);
  assert.equal(agent.schedule().acknowledgementState, "received");
});

test("[REP-13] with OK_POLL the agent asks again when it was told to, and gets its acknowledgement", async (t) => {
  const { agent, manager, notices, pass } = await startScene(t);
  manager.mode = "poll";
  await agent.request(baseTag, 1);
  await agent.trust(token);
  await pass(5 * minuteMs);
  assert.equal(agent.state().communication.statistics.result_polling.total, 0);
  assert.notEqual(agent.schedule().nextPollAtMs, null);
  await pass(10 * minuteMs);
  assert.equal(agent.state().communication.statistics.result_polling.succeeded, 1);
  assert.ok(notices.some((notice) => notice.type === "acknowledged"));
});

test("a product goes on without an answer, and its usage arrives when the manager is back", async (t) => {
  const { agent, manager, notices, log, pass } = await startScene(t);
  await agent.trust(token);
  await agent.request(baseTag, 1);
  await pass(10 * minuteMs);
  const down = new TransportFailure("connection_timed_out", "manager.test");
  manager.outage = { when: "before", error: down };
  for (const count of [2, 5, 0, 7]) {
    await agent.request(baseTag, count);
    await pass(3 * dayMs);
  }
  assert.equal(agent.state().metering.usages[baseTag]?.count, 7);
  assert.ok(log.some((line) => line.startsWith("%SMART_LIC-3-COMM_FAILED") && line.includes("Connection timed out")));
  manager.outage = null;
  await pass(2 * dayMs);
  assert.ok(log.some((line) => line.includes("COMM_RESTORED")));
  const last = notices.at(-1);
  assert.ok(
    notices.some((notice) => notice.type === "communication-restored"),
    last?.type,
  );
  assert.deepEqual(
    agent.reports().filter((report) => report.status !== "open"),
    [],
  );
});

test("[I9] when the trust answer is lost the next attempt asks with the same key and gets the same identity", async (t) => {
  const { agent, manager, pass } = await startScene(t);
  manager.outage = { when: "after", error: new TransportFailure("empty_answer", "manager.test") };
  await agent.trust(token);
  await pass(1000);
  const [identifier] = manager.enrolledIdentifiers;
  manager.outage = null;
  await pass(10 * minuteMs);
  const trust = agent.state().trust.members["PID:EDGE-24,SN:EXA00000001"];
  assert.equal(trust?.status === "installed" && trust.productInstanceIdentifier, identifier);
  assert.equal(manager.requests.filter((request) => request.requestType === "ID_TOKEN_TRUST").length, 2);
});

test("[MSG-11] every attempt carries a fresh nonce and a fresh time", async (t) => {
  const { agent, manager, pass } = await startScene(t);
  manager.outage = { when: "after", error: new TransportFailure("empty_answer") };
  await agent.trust(token);
  await pass(30 * minuteMs);
  const attempts = manager.requests.filter((request) => request.requestType === "ID_TOKEN_TRUST");
  assert.ok(attempts.length >= 3);
  assert.equal(new Set(attempts.map((request) => request.header.nonce)).size, attempts.length);
  assert.equal(new Set(attempts.map((request) => request.header.timestamp)).size, attempts.length);
  for (const { header } of attempts) assert.match(header.nonce ?? "", /^\d{1,20}$/);
});

test("[TRU-3] one act brings trust to every device of the installation", async (t) => {
  const members = [
    { udi, role: "Active" },
    { udi: standbyUdi, role: "Standby" },
  ] as const;
  const { agent, notices, pass } = await startScene(t, { change: { product: { ...product, members } } });
  await agent.trust(token, { scope: "all" });
  await pass(minuteMs);
  assert.deepEqual(
    Object.values(agent.state().trust.members).map((trust) => trust.status),
    ["installed", "installed"],
  );
  assert.equal(notices.filter((notice) => notice.type === "trust-installed").length, 2);
});

test("[BET-11] the token stands in no history, no log, no event and no view of the state", async (t) => {
  const { agent, manager, log, pass } = await startScene(t);
  manager.outage = { when: "before", error: new TransportFailure("connection_refused") };
  await agent.trust(token);
  await pass(10 * minuteMs);
  const seen = JSON.stringify([agent.state(), await agent.history(), await agent.eventLog(), log]);
  assert.ok(!seen.includes(token.slice(0, 20)));
  assert.ok(seen.includes("<redacted>"));
  manager.outage = null;
  await pass(60 * minuteMs);
  const history = await agent.history();
  assert.ok(!JSON.stringify(history).includes(token.slice(0, 20)));
  assert.equal(
    JSON.parse(JSON.parse(history.trust_establishment.at(-1)?.request ?? "").request).header.request_type,
    "ID_TOKEN_TRUST",
  );
});

test("[BET-1] [BET-18] when no answer came the history says so, after how long and why", async (t) => {
  const { agent, manager, pass } = await startScene(t);
  manager.outage = { when: "before", error: new TransportFailure("connection_timed_out", "manager.test") };
  await agent.trust(token);
  await pass(1000);
  const entry = (await agent.history()).trust_establishment.at(-1);
  assert.equal(entry?.response, "NO RESPONSE after 0 s: Connection timed out (manager.test)");
  const { lastFailure } = agent.state().communication.statistics.trust_establishment;
  assert.deepEqual([lastFailure?.stage, lastFailure?.code], ["tcp", "connection_timed_out"]);
});

test("[I7] an acknowledgement that was altered on its way deletes nothing", async (t) => {
  const { agent, manager, notices, pass } = await startScene(t);
  await agent.trust(token);
  await pass(minuteMs);
  manager.tamper = (answer) => answer.replace("status_message", "status_massage");
  await agent.request(baseTag, 1);
  await agent.sync();
  await pass(5 * minuteMs);
  assert.ok(!notices.some((notice) => notice.type === "acknowledged"));
  const { lastFailure } = agent.state().communication.statistics.usage_reporting;
  assert.equal(lastFailure?.stage, "signature");
  assert.equal(agent.reports({ status: "pending" }).length, 1);
  manager.tamper = (answer) => answer;
  await pass(2 * dayMs);
  assert.ok(notices.some((notice) => notice.type === "acknowledged"));
  assert.deepEqual(agent.reports({ status: "pending" }), []);
});

test("[I7] reports are sent again byte for byte until they are acknowledged", async (t) => {
  const { agent, manager, pass } = await startScene(t);
  await agent.trust(token);
  await pass(1000);
  await agent.request(baseTag, 1);
  manager.outage = { when: "after", error: new TransportFailure("connection_reset") };
  await pass(minuteMs * 30);
  manager.outage = null;
  await pass(dayMs);
  const sent = manager.requests.flatMap((request) => {
    if (request.requestType !== "LICENSE_USAGE") return [];
    return [(JSON.parse(request.data as string) as { rum_reports: { payload: string }[] }).rum_reports[0]?.payload];
  });
  assert.ok(sent.length >= 2);
  assert.equal(new Set(sent).size, 1);
});

test("[I7] an acknowledgement of other bytes, of another device or from the past deletes nothing", async (t) => {
  const wrong: Record<string, (acknowledgement: Acknowledgement) => Acknowledgement> = {
    "other bytes": (acknowledgement) => ({
      ...acknowledgement,
      reports: acknowledgement.reports.map((entry) => ({ ...entry, payload_sha256: "0".repeat(64) })),
    }),
    "another device": (acknowledgement) => ({ ...acknowledgement, product_instance_identifier: randomUUID() }),
    "the past": (acknowledgement) => ({ ...acknowledgement, sequence: 0 }),
  };
  for (const [name, alter] of Object.entries(wrong)) {
    const { agent, manager, pass } = await startScene(t);
    await agent.trust(token);
    await agent.request(baseTag, 1);
    await pass(10 * minuteMs);
    await agent.request(baseTag, 2);
    manager.alterAcknowledgement = alter;
    await agent.sync();
    await pass(1000);
    assert.deepEqual(
      agent.reports().map((report) => report.status),
      ["pending", "open"],
      name,
    );
  }
});

test("an installation whose active device changed takes the new one's acknowledgements from their beginning", async (t) => {
  const members = (active: Udi, standby: Udi) =>
    [
      { udi: active, role: "Active" },
      { udi: standby, role: "Standby" },
    ] as const;
  const { agent, manager, pass } = await startScene(t, {
    change: { product: { ...product, members: members(udi, standbyUdi) } },
  });
  await agent.trust(token);
  await agent.request(baseTag, 1);
  await pass(10 * minuteMs);
  for (const count of [2, 3, 4]) {
    await agent.request(baseTag, count);
    await agent.sync();
    await pass(10 * minuteMs);
  }
  await agent.changeMembers(members(standbyUdi, udi));
  await agent.request(baseTag, 5);
  await agent.sync();
  await pass(10 * minuteMs);
  assert.deepEqual(
    agent.reports().map((report) => report.status),
    ["open"],
  );
  assert.equal(manager.requests.at(-1)?.header.sudi.udi_serial_number, standbyUdi.serialNumber);
});

test("hostname and version are withheld when privacy is on", async (t) => {
  const { agent, manager, pass } = await startScene(t);
  await agent.configure({ privacy: { hostname: true, version: true } });
  await agent.trust(token);
  await pass(minuteMs);
  const data = JSON.parse(manager.requests[0]?.data as string) as Record<string, unknown>;
  assert.equal(data.hostname, "");
  assert.equal("software_version" in data, false);
});

test("[REP-16] usage is saved as a licence file of signed reports, and waits for its acknowledgement", async (t) => {
  const { agent, pass } = await startScene(t);
  await agent.trust(token);
  await agent.request(baseTag, 4);
  await pass(20_000);
  const path = join(temporaryDirectory(t), "usage.xml");
  const { reportIds } = await agent.saveUsage("unreported", path);
  const { reports } = decodeLicenseFile(await readFile(path));
  assert.deepEqual(
    reports.map((report) => decodeRumReport(report.payload).asset_identification.report_id),
    reportIds,
  );
  assert.deepEqual(
    reports.map((report) => report.signature.signing_type),
    ["trust"],
  );
  assert.deepEqual(
    agent
      .reports()
      .filter((report) => report.status !== "open")
      .map((report) => report.status),
    ["unacknowledged"],
  );
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test("there is nothing to save before anything was used", async (t) => {
  const { agent } = await startScene(t);
  const path = join(temporaryDirectory(t), "usage.xml");
  await assert.rejects(
    agent.saveUsage("all", path),
    (error) => error instanceof AgentError && error.code === "report_not_found",
  );
});

test("a request for authorization codes is saved once something is asked for and there is trust to name", async (t) => {
  const { agent, pass } = await startScene(t);
  const path = join(temporaryDirectory(t), "request.xml");
  const isRefused = (error: unknown) => error instanceof AgentError && error.code === "request_refused";
  await assert.rejects(agent.saveAuthorizationRequest(path), isRefused);
  const wish = { tag: advancedTag, licenseClass: "export" } as const;
  for (const licenses of [[], [{ ...wish, count: 0 }], [{ ...wish, count: countMax + 1 }]])
    await assert.rejects(agent.requestAuthorization(licenses), { code: "option_invalid" });
  for (const count of [-1, 0.5, countMax + 1])
    await assert.rejects(agent.request(baseTag, count), { code: "option_invalid" });
  for (const count of [countMax - 1, countMax]) await agent.request(baseTag, count);
  await agent.configure({ transport: "off" });
  await agent.requestAuthorization([wish]);
  await assert.rejects(agent.saveAuthorizationRequest(path), isRefused);
  await agent.configure({ transport: "smart" });
  await agent.trust(token);
  await pass(1000);
  await agent.configure({ transport: "off" });
  await agent.requestAuthorization([wish]);
  await agent.saveAuthorizationRequest(path);
  const { authorizationRequest = [] } = decodeLicenseFile(await readFile(path));
  assert.deepEqual(
    authorizationRequest.map(({ mode, keys }) => [mode, keys]),
    [["add", [{ entitlement_tag: advancedTag, license_class: "export", count: 1 }]]],
  );
  await assert.rejects(agent.returnAuthorization({ way: "offline" }), isRefused);
});

test("a state of an earlier version, which knows of no authorization codes, is taken up", async (t) => {
  const first = await startScene(t);
  await first.agent.request(baseTag, 2);
  const disk = first.disk.copy();
  const states = new DiskStateStore(disk);
  const { stored } = await states.load();
  assert.ok(stored !== null);
  const { authorization: _unknown, ...state } = stored.state;
  await states.save({ ...stored, step: stored.step + 1, state: state as AgentState });
  const { agent } = await startScene(t, { disk });
  assert.equal(agent.state().metering.usages[baseTag]?.count, 2);
  await agent.requestAuthorization([{ tag: baseTag, licenseClass: "enforced" }]);
  assert.equal(agent.state().authorization.attempt?.licenses.length, 1);
});

test("[TRU-4] trust that is installed is replaced only with force", async (t) => {
  const { agent, pass } = await startScene(t);
  await agent.trust(token);
  await pass(minuteMs);
  const before = agent.state().trust.members["PID:EDGE-24,SN:EXA00000001"];
  await assert.rejects(agent.trust(token), (error) => error instanceof AgentError && error.code === "request_refused");
  await agent.trust(token, { force: true });
  await pass(minuteMs);
  const after = agent.state().trust.members["PID:EDGE-24,SN:EXA00000001"];
  assert.ok(before?.status === "installed" && after?.status === "installed");
  assert.notEqual(after.certificateSerial, before.certificateSerial);
});

test("a callback that throws does not stop licensing", async (t) => {
  const change = {
    on: {
      acknowledged: () => {
        throw new Error("product bug");
      },
    },
  };
  const { agent, manager, pass } = await startScene(t, { change });
  await agent.trust(token);
  await agent.request(baseTag, 1);
  await pass(10 * minuteMs);
  assert.equal(manager.accepted.size, 1);
  assert.ok((await agent.eventLog()).some((line) => line.includes('SAEVT_CALLBACK_FAILED error="product bug"')));
});

test("a clock that is set by hand is noticed and told", async (t) => {
  const { agent, time, log, pass } = await startScene(t);
  await agent.request(baseTag, 1);
  time.jump(3 * 3_600_000);
  await pass(20 * minuteMs);
  assert.ok(log.some((line) => line.includes("SYSTEM_CLOCK_CHANGED")));
});

test("after a crash the agent goes on where it was: usage, trust, reports, schedule", async (t) => {
  const first = await startScene(t);
  await first.agent.trust(token);
  await first.agent.request(baseTag, 3);
  await first.agent.request(advancedTag, 2, { licenseClass: "subscription" });
  await first.pass(10 * minuteMs);
  await first.agent.request(baseTag, 4);
  const before = first.agent.state();
  const { agent, pass, manager } = await first.restart();
  const after = agent.state();
  assert.equal(after.metering.usages[baseTag]?.count, 4);
  assert.equal(after.metering.usages[advancedTag]?.licenseClass, "subscription");
  assert.deepEqual(after.trust.members, before.trust.members);
  assert.ok(after.metering.nextReportId >= before.metering.nextReportId);
  await agent.sync();
  await pass(10 * minuteMs);
  assert.ok(manager.accepted.size >= 3);
});

test("what a product says at a later start is taken over: version, name, transport", async (t) => {
  const first = await startScene(t);
  const changed = { ...product, softwareVersion: "1.1.0", hostname: "edge-renamed" };
  const url = "https://other.test/licservice/license";
  const { agent } = await first.restart({ product: changed, transport: { type: "smart", url } });
  const { installation, configuration } = agent.state();
  assert.deepEqual(
    [installation.softwareVersion, installation.hostname, configuration.urls.smart],
    ["1.1.0", "edge-renamed", url],
  );
});

test("options that cannot work are refused at once, by name", async (t) => {
  const isInvalid = (name: string) => (error: unknown) =>
    error instanceof AgentError && error.code === "option_invalid" && error.detail.startsWith(name);
  const wrongTag = { product: { ...product, softwareTag: "nonsense" } };
  await assert.rejects(startScene(t, { change: wrongTag }), isInvalid("product.softwareTag"));
  await assert.rejects(
    startScene(t, { change: { product: { ...product, members: [] } } }),
    isInvalid("product.members"),
  );
  await assert.rejects(startScene(t, { change: { trustAnchors: "no certificate" } }), isInvalid("trustAnchors[0]"));
  const long = "n".repeat(nameCharactersMax + 1);
  for (const name of ["hostname", "softwareVersion"] as const) {
    const change = { product: { ...product, [name]: long } };
    await assert.rejects(startScene(t, { change }), isInvalid(`product.${name}`));
  }
  const { agent } = await startScene(t, { change: { product: { ...product, softwareVersion: long.slice(1) } } });
  const tagOf = (characters: number) => baseTag.replace("Edge", "Edge".padEnd(characters - baseTag.length + 4, "e"));
  assert.equal(tagOf(tagCharactersMax).length, tagCharactersMax);
  for (const tag of ["nonsense", tagOf(tagCharactersMax + 1)])
    await assert.rejects(agent.request(tag, 1), isInvalid("tag"));
  await agent.request(tagOf(tagCharactersMax), 1);
  await assert.rejects(agent.changeHostname(long), isInvalid("hostname"));
  await agent.changeHostname(long.slice(1));
  const members = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      udi: { pid: "EDGE-APP", serialNumber: `S${at}` },
      role: at === 0 ? ("Active" as const) : ("Member" as const),
    }));
  await assert.rejects(agent.changeMembers(members(devicesPerInstallationMax + 1)), isInvalid("members"));
  await agent.changeMembers(members(devicesPerInstallationMax));
});

test("a stopped agent takes nothing more", async (t) => {
  const { agent } = await startScene(t);
  await agent.stop();
  await assert.rejects(agent.request(baseTag, 1), (error) => error instanceof AgentError && error.code === "stopped");
});
