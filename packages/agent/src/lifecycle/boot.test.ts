import assert from "node:assert/strict";
import { test } from "node:test";
import { formatUdi } from "@countersign/protocol";
import {
  advantageTag,
  DrivenAgent,
  firstUdi,
  hourMs,
  minuteMs,
  secondUdi,
  startMs,
} from "./test-support/driven-agent.ts";

test("[LOG-21] [LOG-26] the start is logged in the field's order, and syslog says ready and enabled", () => {
  const agent = DrivenAgent.booted();
  assert.deepEqual(
    agent.events.map((name) => name.replace("SAEVT_", "")),
    [
      "INIT_START",
      "INIT_CRYPTO",
      "READY",
      "ENABLED",
      "EXPORT_FLAG",
      "HA_EVENT",
      "HA_CHASSIS_ROLE",
      "HA_EVENT",
      "HA_CHASSIS_ROLE",
      "HA_EVENT",
      "HA_ROLE",
      "INIT_CONFIG_READ_BEGIN",
      "HOSTNAME_CHANGE",
      "HA_EVENT",
      "INIT_CONFIG_READ_DONE",
      "HA_CONFIG",
      "HA_UDI",
      "INIT_SYSTEM_INIT",
      "INIT_COMPLETE",
      "PRIVACY_CHANGED",
    ],
  );
  assert.deepEqual(agent.syslog, [
    "%SMART_LIC-6-AGENT_READY: Smart Agent for Licensing is initialized",
    "%SMART_LIC-6-AGENT_ENABLED: Smart Agent for Licensing is enabled",
  ]);
});

test("[LOG-22] redundancy begins, registers and keeps its checkpoint, with the role of each device once it is known", () => {
  const agent = DrivenAgent.booted({
    members: [
      { udi: firstUdi, role: "Active" },
      { udi: secondUdi, role: "Standby" },
    ],
  });
  const [first, second] = [formatUdi(firstUdi), formatUdi(secondUdi)];
  const told = agent.all("record-event").filter(({ name }) => name.startsWith("SAEVT_HA_"));
  const both = (name: string) => [
    [name, { udi: first, haRole: "Active" }],
    [name, { udi: second, haRole: "Standby" }],
  ];
  assert.deepEqual(
    told.map(({ name, details }) => [name, details]),
    [
      ["SAEVT_HA_EVENT", { eventType: "SmartAgentEvtHArmfInitialize" }],
      ["SAEVT_HA_CHASSIS_ROLE", { udi: first }],
      ["SAEVT_HA_CHASSIS_ROLE", { udi: second }],
      ["SAEVT_HA_EVENT", { eventType: "SmartAgentEvtHArmfRegister" }],
      ...both("SAEVT_HA_CHASSIS_ROLE"),
      ["SAEVT_HA_EVENT", { eventType: "SmartAgentEvtHAchkptRegister" }],
      ...both("SAEVT_HA_ROLE"),
      ["SAEVT_HA_EVENT", { eventType: "SmartAgentSetNVPairs" }],
      ["SAEVT_HA_CONFIG", {}],
      ...both("SAEVT_HA_UDI"),
    ],
  );
});

test("[LOG-24] [LOG-25] [LOG-26] tags in use are named before the roles, and utility reporting starts last", () => {
  const agent = DrivenAgent.booted();
  agent.use(advantageTag, 2);
  agent.effects = [];
  agent.send({ type: "booted", reason: "reload" });
  const names = agent.events.map((name) => name.replace("SAEVT_", ""));
  assert.equal(names[5], "TAG_AUTHORIZED");
  const [authorized] = agent.all("record-event").filter(({ name }) => name === "SAEVT_TAG_AUTHORIZED");
  assert.deepEqual(authorized?.details, { count: "2", entitlementTag: advantageTag });
  assert.equal(names[6], "HA_EVENT");
  assert.equal(names[7], "HA_CHASSIS_ROLE");
  assert.equal(names.at(-1), "UTILITY_REPORT_START");
  assert.ok(!names.includes("HOSTNAME_CHANGE"));
});

test("a reload closes open reports where the agent last surely ran, and measures on from the start", () => {
  const agent = DrivenAgent.booted();
  agent.use(advantageTag, 2);
  agent.advance(hourMs);
  const ranUntilMs = agent.state.metering.measuredUntilMs;
  agent.now += 5 * hourMs;
  agent.send({ type: "booted", reason: "reload" });
  const [measured] = agent.all("measure");
  assert.equal(measured?.endSeconds, Math.floor(ranUntilMs / 1000));
  assert.equal(agent.all("close-report")[0]?.reason, "ProductReload");
  const open = agent.state.metering.usages[advantageTag]?.openReport;
  assert.equal(open?.runningSinceSeconds, Math.floor(agent.now / 1000));
  assert.equal(open?.runningCount, 2);
});

test("a restart of the program leaves the report open and measures nothing for the time in between", () => {
  const agent = DrivenAgent.booted();
  agent.use(advantageTag, 2);
  agent.now += hourMs;
  agent.send({ type: "stopping" });
  agent.now += hourMs;
  agent.send({ type: "booted", reason: "restart" });
  assert.deepEqual(agent.all("close-report"), []);
  const [measured] = agent.all("measure");
  assert.deepEqual([measured?.endSeconds, measured?.meta.termination_reason], [(startMs + hourMs) / 1000, "reload"]);
  assert.equal(
    agent.state.metering.usages[advantageTag]?.openReport?.runningSinceSeconds,
    (startMs + 2 * hourMs) / 1000,
  );
});

test("a push that a crash cut off is sent again", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.handOut();
  agent.send({ type: "booted", reason: "restart" });
  assert.equal(agent.state.reporting.nextPushRule, "retry");
  agent.advance(minuteMs);
  assert.equal(agent.requestType, "LICENSE_USAGE");
});

test("[BET-4] a trust attempt goes on after a start without the token being entered again", () => {
  const agent = DrivenAgent.booted();
  agent.send({ type: "trust-requested", token: "token", scope: "all", force: false });
  agent.send({ type: "booted", reason: "reload" });
  assert.equal(agent.requestType, "ID_TOKEN_TRUST");
  assert.deepEqual(
    agent.all("establish-trust").map(({ token }) => token),
    ["token", "token"],
  );
});

test("no report id that the store has seen is used again", () => {
  const agent = new DrivenAgent();
  agent.send({ type: "booted", reason: "restart", greatestReportId: 5_000_000_000 });
  agent.use(advantageTag, 1);
  assert.equal(agent.state.metering.usages[advantageTag]?.openReport?.reportId, 5_000_000_001);
});

test("stopping begins nothing", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.now += hourMs;
  agent.send({ type: "stopping" });
  assert.equal(agent.requestType, null);
  assert.equal(agent.state.metering.measuredUntilMs, agent.now);
});

test("a push that fell due while the device was off waits for two minutes after the start", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.acknowledge(agent.handOut());
  agent.now += 60 * 24 * hourMs;
  agent.send({ type: "booted", reason: "reload" });
  assert.equal(agent.requestType, null);
  assert.equal(agent.state.reporting.nextPushAtMs, agent.now + 2 * minuteMs);
});

const refusal = "key-1 cannot be read (EIO)";

function attemptsOf(agent: DrivenAgent) {
  return agent.all("record-event").flatMap(({ name, details }) => (name === "SAEVT_INIT_CRYPTO" ? [details] : []));
}

function inVain(attempt: number) {
  return {
    success: "False",
    error: "Crypto Initialization has not been completed",
    reason: refusal,
    attempt: String(attempt),
  };
}

test("[SEC-15] [LOG-20] [LOG-25] [LOG-26] refused cryptography is tried after one second, then every thirty; the start is complete when it succeeds", () => {
  const agent = new DrivenAgent();
  agent.send({ type: "booted", reason: "first", cryptographyRefusal: refusal });
  assert.deepEqual(agent.events.slice(0, 3), ["SAEVT_INIT_START", "SAEVT_INIT_CRYPTO", "SAEVT_READY"]);
  assert.equal(agent.events.at(-1), "SAEVT_INIT_SYSTEM_INIT");
  agent.use(advantageTag, 1);
  const triedAtMs: number[] = [];
  agent.watch = (effects, now) => {
    if (effects.some(({ type }) => type === "try-cryptography")) triedAtMs.push(now - startMs);
  };
  for (const ms of [1_000, 30_000, 30_000, 30_000]) {
    agent.advance(ms);
    agent.send({ type: "cryptography-tried", refusal: triedAtMs.length < 4 ? refusal : null });
  }
  assert.deepEqual(triedAtMs, [1_000, 31_000, 61_000, 91_000]);
  assert.deepEqual(attemptsOf(agent), [inVain(1), inVain(2), inVain(3), inVain(4), { success: "True" }]);
  assert.deepEqual(agent.events.slice(-4), [
    "SAEVT_INIT_CRYPTO",
    "SAEVT_INIT_COMPLETE",
    "SAEVT_PRIVACY_CHANGED",
    "SAEVT_UTILITY_REPORT_START",
  ]);
  agent.advance(hourMs);
  assert.equal(triedAtMs.length, 4);
});

test("[SEC-15] trust that is asked for too early waits, says why, and begins with the attempt that succeeds", () => {
  const agent = new DrivenAgent();
  agent.send({ type: "booted", reason: "first", cryptographyRefusal: refusal });
  agent.send({ type: "trust-requested", token: "token", scope: "all", force: false });
  assert.match(
    agent.syslog.at(-1) ?? "",
    /^%SMART_LIC-3-TRUST_CODE_INSTALL_FAILED: .* Crypto Initialization has not been completed: key-1 cannot be read/,
  );
  agent.advance(10 * minuteMs);
  assert.deepEqual(agent.all("establish-trust"), []);
  assert.equal(agent.state.trust.attempt?.attempts, 0);
  assert.deepEqual(agent.all("try-cryptography").at(-1)?.keyIds, ["key-1"]);
  agent.send({ type: "cryptography-tried", refusal: null });
  assert.equal(agent.requestType, "ID_TOKEN_TRUST");
});

test("[SEC-15] without cryptography nothing is sent and no file asks for trust, but usage is measured", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.send({ type: "booted", reason: "restart", cryptographyRefusal: refusal });
  agent.send({ type: "sync-requested", scope: "all" });
  agent.send({ type: "trust-file-requested", scope: "all" });
  assert.equal(agent.notices("request-refused")[0]?.code, "cryptography_not_ready");
  agent.advance(40 * 24 * hourMs);
  assert.equal(agent.requestType, null);
  assert.equal(agent.state.metering.measuredUntilMs, agent.now);
  agent.send({ type: "cryptography-tried", refusal: null });
  assert.equal(agent.requestType, "TRUST_SYNC");
});

test("[SEC-15] a jump of the clock neither hurries nor delays an attempt", () => {
  const agent = new DrivenAgent();
  agent.send({ type: "booted", reason: "first", cryptographyRefusal: refusal });
  agent.now += hourMs;
  agent.send({ type: "clock-changed", deltaSeconds: hourMs / 1000 });
  assert.deepEqual(agent.all("try-cryptography"), []);
  assert.equal(agent.wakeAtMs, agent.now + 1_000);
  // Back, and nobody has noticed.
  agent.now -= 24 * hourMs;
  agent.send({ type: "timer" });
  assert.ok(agent.wakeAtMs <= agent.now + 30_000);
});
