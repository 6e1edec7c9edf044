import assert from "node:assert/strict";
import { test } from "node:test";
import { advantageTag, contact, DrivenAgent, dayMs, hourMs, minuteMs, startMs } from "./test-support/driven-agent.ts";

test("a clock that jumps ahead re-bases the running measurement, which keeps its duration and names the jump", () => {
  const agent = DrivenAgent.booted();
  agent.use(advantageTag, 1);
  agent.now += hourMs + 30 * dayMs;
  agent.send({ type: "clock-changed", deltaSeconds: (30 * dayMs) / 1000 });
  agent.now += hourMs;
  agent.send({ type: "reports-close-requested", reason: "CurrentUsageRequested" });
  const measured = agent.all("measure").at(-1);
  assert.equal((measured?.endSeconds ?? 0) - (measured?.startSeconds ?? 0), 7200);
  assert.equal(measured?.meta.clock_change_delta, "2592000");
  assert.ok(agent.syslog.some((line) => line.includes("%SMART_LIC-5-SYSTEM_CLOCK_CHANGED")));
});

test("a clock that jumps back does the same, and no wait grows longer by it", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.acknowledge(agent.handOut());
  const waitMs = (agent.state.reporting.nextPushAtMs ?? 0) - agent.now;
  agent.now -= 400 * dayMs;
  agent.send({ type: "clock-changed", deltaSeconds: (-400 * dayMs) / 1000 });
  assert.equal((agent.state.reporting.nextPushAtMs ?? 0) - agent.now, waitMs);
  assert.ok(agent.wakeAtMs - agent.now <= 15 * minuteMs);
  agent.now += hourMs;
  agent.use(advantageTag, 2);
  const measured = agent.all("measure").at(-1);
  assert.ok((measured?.endSeconds ?? 0) > (measured?.startSeconds ?? 0));
  assert.equal(measured?.meta.clock_change_delta, String((-400 * dayMs) / 1000));
});

test("a clock that went back unnoticed over a reload leaves no plan in the far future and no measurement upside down", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.acknowledge(agent.handOut());
  agent.now = startMs - 1000 * dayMs;
  agent.send({ type: "booted", reason: "reload" });
  assert.ok(agent.wakeAtMs <= agent.now + dayMs);
  assert.ok((agent.state.reporting.nextPushAtMs ?? 0) <= agent.now + 31 * dayMs);
  for (const { startSeconds, endSeconds } of agent.all("measure")) assert.ok(endSeconds >= startSeconds);
  assert.equal(
    agent.state.metering.usages[advantageTag]?.openReport?.runningSinceSeconds,
    Math.floor(agent.now / 1000),
  );
});

test("a new host name is logged and moves nothing else", () => {
  const agent = DrivenAgent.booted();
  const { trust, metering } = agent.state;
  agent.effects = [];
  agent.send({ type: "hostname-changed", hostname: "core" });
  assert.equal(agent.state.installation.hostname, "core");
  assert.deepEqual(agent.events, ["SAEVT_HOSTNAME_CHANGE"]);
  assert.equal(agent.state.trust, trust);
  assert.deepEqual(agent.state.metering.usages, metering.usages);
});

test("[LOG-25] privacy switches are logged at the start and when they change: enabled while the host name is sent", () => {
  const agent = DrivenAgent.booted();
  agent.send({ type: "configured", change: { privacy: { hostname: true, version: false } } });
  agent.send({ type: "configured", change: { privacy: { hostname: true, version: false } } });
  const changes = agent.all("record-event").filter(({ name }) => name === "SAEVT_PRIVACY_CHANGED");
  assert.deepEqual(
    changes.map(({ details }) => details),
    [{ enabled: "True" }, { enabled: "False" }],
  );
});

test("another address is tried at once and not asked for a result that the first peer owes", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.handOut();
  agent.send({ type: "poll-later", exchangeId: agent.exchangeId, contact, pollId: "4", afterSeconds: 3600 });
  agent.send({
    type: "configured",
    change: { urls: { smart: "https://other.example/licservice/license", cslu: null, utility: null } },
  });
  assert.equal(agent.state.reporting.poll, null);
  agent.advance(5_000);
  assert.equal(agent.requestType, "LICENSE_USAGE");
});

test("a trust attempt that waits is repeated at once when the proxy is set", () => {
  const agent = DrivenAgent.booted();
  agent.send({ type: "trust-requested", token: "token", scope: "all", force: false });
  agent.fail();
  assert.equal(agent.requestType, null);
  agent.send({
    type: "configured",
    change: { proxy: { address: "proxy.example", port: 8080, username: null, password: null } },
  });
  assert.equal(agent.requestType, "ID_TOKEN_TRUST");
});

test("a software upgrade closes reports under the old version", () => {
  const agent = DrivenAgent.booted();
  agent.use(advantageTag, 1);
  agent.now += minuteMs;
  agent.send({ type: "software-upgraded", softwareVersion: "2.0.0" });
  const [closed] = agent.all("close-report");
  assert.deepEqual([closed?.reason, closed?.facts.softwareVersion], ["SoftwareChange", "1.0.0"]);
  assert.equal(agent.state.installation.softwareVersion, "2.0.0");
});
