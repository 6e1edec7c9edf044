import assert from "node:assert/strict";
import { test } from "node:test";
import { acknowledgementDeadline, effectivePushInterval } from "./policy-mode.ts";
import { scheduleOf, timeRemaining } from "./schedule.ts";
import {
  advantageTag,
  DrivenAgent,
  dayMs,
  essentialsTag,
  hourMs,
  minuteMs,
  policyOf,
  received,
  startMs,
} from "./test-support/driven-agent.ts";

function acknowledged(agent: DrivenAgent, sequence = 1): DrivenAgent {
  agent.send({ type: "reports-close-requested", reason: "CurrentUsageRequested" });
  agent.send({ type: "acknowledgement-imported", ...received(agent.held, { sequence }) });
  return agent;
}

/** Reporting by file only, so that nothing but the policy moves. */
function silent(): DrivenAgent {
  return DrivenAgent.booted({ configuration: { transport: "off" } });
}

function reminders(agent: DrivenAgent): readonly (readonly [number, string])[] {
  const found: [number, string][] = [];
  const untilMs = agent.now + 120 * dayMs;
  while (agent.now < untilMs) {
    agent.effects = [];
    agent.advance(hourMs);
    for (const line of agent.syslog)
      if (line.includes("REPORTING_REQUIRED")) found.push([(agent.now - startMs) / dayMs, line]);
  }
  return found;
}

test("the deadline before the first ACK counts from the first use, by the strictest class in use", () => {
  const agent = silent();
  agent.use(essentialsTag, 1, "perpetual");
  assert.equal(acknowledgementDeadline(agent.state)?.atMs, startMs + 365 * dayMs);
  agent.now += dayMs;
  agent.use(advantageTag, 1);
  assert.deepEqual(acknowledgementDeadline(agent.state), {
    atMs: startMs + 90 * dayMs,
    rule: "first_report",
    days: 90,
    licenseClass: "subscription",
  });
});

test("usage that was released before any ACK still has to be reported", () => {
  const agent = silent();
  agent.use(advantageTag, 1);
  agent.now += dayMs;
  agent.use(advantageTag, 0);
  assert.equal(acknowledgementDeadline(agent.state)?.atMs, startMs + 90 * dayMs);
});

test("after an ACK the deadline is that ACK plus the reporting frequency, and a change brings it no later", () => {
  const agent = silent();
  agent.use(advantageTag, 1);
  agent.now += dayMs;
  acknowledged(agent);
  assert.equal(acknowledgementDeadline(agent.state)?.atMs, agent.now + 90 * dayMs);
  agent.now += 10 * dayMs;
  agent.use(essentialsTag, 1, "perpetual");
  assert.equal(acknowledgementDeadline(agent.state)?.rule, "reporting_frequency");
});

test("with perpetual licences alone nothing is demanded after the first ACK until a licence comes or goes", () => {
  const agent = silent();
  agent.use(essentialsTag, 1, "perpetual");
  agent.now += dayMs;
  acknowledged(agent);
  assert.equal(acknowledgementDeadline(agent.state), null);
  assert.equal(effectivePushInterval(agent.state).days, 0);
  agent.now += dayMs;
  agent.use(essentialsTag, 0, "perpetual");
  assert.deepEqual(acknowledgementDeadline(agent.state), {
    atMs: agent.now + 90 * dayMs,
    rule: "report_on_change",
    days: 90,
    licenseClass: "perpetual",
  });
});

test("at first use the log says how many whole days remain: 364 or 89", () => {
  for (const [licenseClass, days] of [
    ["perpetual", 364],
    ["subscription", 89],
  ] as const) {
    const agent = silent();
    agent.use(advantageTag, 1, licenseClass);
    agent.advance(1_000);
    const expected = `%SMART_LIC-6-REPORTING_REQUIRED: A Usage report acknowledgement will be required in ${days} days.`;
    assert.equal(agent.syslog.at(-1), expected);
    assert.deepEqual(
      agent.notices("acknowledgement-due").map((notice) => notice.days),
      [days],
    );
  }
});

test("a product that asks for a perpetual licence and then for a subscription is told of the nearer deadline, once", () => {
  const agent = silent();
  agent.use(essentialsTag, 1, "perpetual");
  agent.use(advantageTag, 1);
  agent.advance(dayMs);
  assert.deepEqual(
    agent.notices("acknowledgement-due").map(({ days }) => days),
    [89],
  );
});

test("[POL-2] [GEN-12] reminders come 30 days before the deadline, at it and daily after it, and usage goes on", () => {
  const agent = silent();
  agent.use(advantageTag, 3);
  const [, ...found] = reminders(agent);
  assert.deepEqual(
    found.slice(0, 4).map(([day]) => day),
    [60, 90, 91, 92],
  );
  assert.match(found[0]?.[1] ?? "", /will be required in 29 days/);
  assert.match(found[1]?.[1] ?? "", /overdue for 0 days/);
  assert.match(found[3]?.[1] ?? "", /overdue for 2 days/);
  assert.equal(agent.state.metering.usages[advantageTag]?.openReport?.runningCount, 3);
});

test("[POL-3] an overdue acknowledgement is told to the product every day with its deadline", () => {
  const agent = silent();
  agent.use(advantageTag, 1);
  agent.advance(92 * dayMs);
  const overdue = agent.notices("acknowledgement-overdue");
  assert.equal(overdue.length, 3);
  assert.equal(overdue[0]?.deadlineAtMs, startMs + 90 * dayMs);
  assert.equal(scheduleOf(agent.state, agent.now).isOverdue, true);
});

test("an ACK silences the reminders until the next deadline draws near", () => {
  const agent = silent();
  agent.use(advantageTag, 1);
  agent.advance(95 * dayMs);
  acknowledged(agent);
  agent.effects = [];
  agent.advance(59 * dayMs);
  assert.deepEqual(agent.syslog, []);
  agent.advance(dayMs);
  assert.match(agent.syslog[0] ?? "", /will be required in 29 days/);
});

test("[I10] a policy of a lower version is refused and one of the same version changes nothing", () => {
  const agent = silent();
  agent.send({ type: "policy-imported", policy: policyOf(5) });
  agent.effects = [];
  agent.send({ type: "policy-imported", policy: policyOf(4) });
  agent.send({ type: "policy-imported", policy: policyOf(5) });
  assert.equal(agent.state.policy.inForce.policy_version, 5);
  assert.equal(agent.syslog.length, 1);
  assert.match(agent.syslog[0] ?? "", /%SMART_LIC-3-POLICY_INSTALL_FAILED: .*version 4 is older/);
});

test("a policy that arrives is logged, told, and moves the plan at once", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  const classes = { subscription: { first_report_days: 7, reporting_frequency_days: 7, report_on_change_days: 7 } };
  agent.effects = [];
  agent.acknowledge(agent.handOut(), { policy: policyOf(2, { classes }) });
  assert.ok(
    agent.syslog.includes("%SMART_LIC-6-POLICY_INSTALL_SUCCESS: A new licensing policy was successfully installed."),
  );
  assert.deepEqual(
    agent.notices("policy-installed").map(({ policyVersion }) => policyVersion),
    [2],
  );
  assert.equal(agent.state.reporting.nextPushAtMs, agent.now + 7 * dayMs);
  assert.equal(acknowledgementDeadline(agent.state)?.atMs, agent.now + 7 * dayMs);
});

test("the schedule shows the push interval as configured and as in effect, with the reason", () => {
  const agent = silent();
  agent.use(advantageTag, 1);
  agent.send({ type: "configured", change: { usageIntervalDays: 10 } });
  const { pushInterval } = scheduleOf(agent.state, agent.now);
  assert.deepEqual([pushInterval.configuredDays, pushInterval.days, pushInterval.inPolicyDays], [10, 10, 90]);
  assert.match(pushInterval.reason, /configured to 10 days/);
  agent.send({ type: "configured", change: { usageIntervalDays: 60 } });
  assert.match(scheduleOf(agent.state, agent.now).pushInterval.reason, /30 days is the longest/);
});

test("[REP-10] [REP-11] the schedule names the measurement, send and process jobs with the time that remains", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.acknowledge(agent.handOut());
  const { jobs } = scheduleOf(agent.state, agent.now);
  const remaining = (name: string): string | null => {
    const job = jobs.find((candidate) => candidate.name === name);
    return job === undefined || job.atMs === null ? null : timeRemaining(job.atMs, agent.now);
  };
  assert.equal(remaining("Send Utility RUM reports"), "30 days, 0 hours, 0 minutes, 0 seconds");
  assert.match(remaining("Start Utility Measurements") ?? "", /^1[0-4] minutes, \d+ seconds$/);
  assert.match(remaining("Process Utility RUM reports") ?? "", /^23 hours, 5\d minutes, \d+ seconds$/);
});

test("remaining times leave out leading zero parts, and a date that has passed has none", () => {
  assert.equal(timeRemaining(278_000, 0), "4 minutes, 38 seconds");
  assert.equal(timeRemaining(0, 0), "0 seconds");
  assert.equal(timeRemaining(0, 1), null);
});
