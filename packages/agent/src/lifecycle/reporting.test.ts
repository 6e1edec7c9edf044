import assert from "node:assert/strict";
import { test } from "node:test";
import type { HeldReport } from "./event.ts";
import { acknowledgementDeadline } from "./policy-mode.ts";
import {
  advantageTag,
  contact,
  DrivenAgent,
  dayMs,
  essentialsTag,
  hourMs,
  identifier,
  minuteMs,
  policyOf,
  received,
  startMs,
} from "./test-support/driven-agent.ts";

/** An agent whose first report was acknowledged at once. */
function reported(options: ConstructorParameters<typeof DrivenAgent>[0] = {}): DrivenAgent {
  const agent = DrivenAgent.trusted(options);
  agent.use(advantageTag, 1);
  while (agent.requestType !== "LICENSE_USAGE") agent.advance(minuteMs);
  agent.acknowledge(agent.handOut());
  return agent;
}

function tagsOf(agent: DrivenAgent, reports: readonly HeldReport[]): Set<string | undefined> {
  return new Set(reports.map(({ reportId }) => agent.store.get(reportId)?.tag));
}

function advanceToPush(agent: DrivenAgent): void {
  while (agent.requestType !== "LICENSE_USAGE") {
    if (agent.requestType === "TRUST_SYNC") agent.answerTrust([]);
    else agent.advance(1000);
  }
}

test("[REP-3] the first report is pushed two minutes after initialisation", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  assert.equal(agent.state.reporting.nextPushAtMs, startMs + 2 * minuteMs);
  assert.equal(agent.state.reporting.nextPushRule, "first_push");
  agent.advance(2 * minuteMs);
  assert.equal(agent.requestType, "LICENSE_USAGE");
  assert.deepEqual(
    agent.all("close-report").map(({ reason }) => reason),
    ["SMART"],
  );
});

test("[REP-11] after an ACK the next push comes exactly 30 days after the last one", () => {
  const agent = reported();
  assert.equal(agent.state.reporting.nextPushAtMs, (agent.state.reporting.lastPushAtMs ?? 0) + 30 * dayMs);
  assert.equal(agent.state.reporting.nextPushRule, "interval");
  agent.effects = [];
  agent.advance(30 * dayMs - 1);
  assert.deepEqual(agent.all("push-usage"), []);
  agent.advance(1);
  assert.equal(agent.all("push-usage").length, 1);
});

test("[REP-3] changes are pushed at most once a day", () => {
  const agent = reported();
  const pushedAtMs = agent.state.reporting.lastPushAtMs ?? 0;
  agent.advance(hourMs);
  agent.use(essentialsTag, 1, "perpetual");
  assert.equal(agent.state.reporting.nextPushRule, "usage_changed");
  assert.equal(agent.state.reporting.nextPushAtMs, pushedAtMs + dayMs);
});

test("[REP-5] [REP-12] [TRU-20] sync synchronises trust and pushes at once, past the daily limit", () => {
  const agent = reported();
  agent.advance(hourMs);
  agent.effects = [];
  agent.send({ type: "sync-requested", scope: "all" });
  assert.equal(agent.requestType, "TRUST_SYNC");
  agent.answerTrust([]);
  assert.equal(agent.requestType, "LICENSE_USAGE");
  assert.deepEqual(
    agent.all("close-report").map(({ reason }) => reason),
    ["CurrentUsageRequested"],
  );
});

test("sync without trust and without transport is refused with its reason and changes nothing", () => {
  const agent = DrivenAgent.booted();
  agent.use(advantageTag, 1);
  agent.send({ type: "sync-requested", scope: "all" });
  agent.send({ type: "configured", change: { transport: "off" } });
  agent.send({ type: "sync-requested", scope: "all" });
  assert.deepEqual(
    agent.notices("request-refused").map(({ code }) => code),
    ["trust_missing", "transport_off"],
  );
  assert.equal(agent.requestType, null);
});

test("a sync repeated every minute without an answer does not close an unchanged report again", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  for (let minute = 0; minute < 50; minute += 1) {
    agent.send({ type: "sync-requested", scope: "all" });
    while (agent.requestType !== null) agent.fail();
    agent.now += minuteMs;
  }
  assert.equal(agent.all("close-report").length, 1);
});

test("[REP-13] [REP-14] OK_POLL is followed by a poll with the identity of the push, and the poll brings the ACK", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  const sent = agent.handOut();
  agent.send({
    type: "poll-later",
    exchangeId: agent.exchangeId,
    contact,
    pollId: "12345678901234567890",
    afterSeconds: 300,
  });
  assert.equal(agent.state.reporting.nextPushRule, "waits_for_result");
  const pushedAtMs = agent.state.reporting.lastPushAtMs ?? 0;
  agent.advance(5 * minuteMs - 1);
  assert.deepEqual(agent.all("poll-result"), []);
  agent.advance(1);
  const [poll, ...others] = agent.all("poll-result");
  assert.deepEqual(others, []);
  assert.deepEqual(
    { pollId: poll?.pollId, identifier: poll?.productInstanceIdentifier },
    { pollId: "12345678901234567890", identifier },
  );
  assert.equal(agent.now, pushedAtMs + 5 * minuteMs);
  agent.acknowledge(sent);
  assert.equal(agent.state.reporting.poll, null);
  assert.equal(agent.state.reporting.lastAckAtMs, agent.now);
  assert.equal(agent.state.reporting.nextPushAtMs, pushedAtMs + 30 * dayMs);
});

const pollsInVain = [
  [
    "that the manager refuses",
    {
      stage: "refused",
      code: "poll_instance_unknown",
      message: `Invalid ProductInstanceIdentifier: ${identifier} provided in the polling request 7`,
    },
  ],
  [
    "whose result is older than an ACK that came by file",
    { stage: "signature", code: "acknowledgement_replayed", message: "older" },
  ],
] as const;

for (const [name, failure] of pollsInVain) {
  test(`[REP-13] a poll ${name} is dropped and the report is sent again`, () => {
    const agent = DrivenAgent.trusted();
    agent.use(advantageTag, 1);
    agent.advance(2 * minuteMs);
    agent.handOut();
    agent.send({ type: "poll-later", exchangeId: agent.exchangeId, contact, pollId: "7", afterSeconds: 60 });
    agent.advance(minuteMs);
    agent.fail(failure);
    assert.equal(agent.state.reporting.poll, null);
    assert.equal(agent.state.reporting.nextPushRule, "result_lost");
    agent.advance(5_000);
    assert.equal(agent.requestType, "LICENSE_USAGE");
    agent.fail({ stage: "refused", code: "identity_not_valid", message: "not valid" });
    assert.equal(agent.requestType, "TRUST_SYNC");
    assert.equal(agent.syslog.filter((line) => line.includes("TRUST_LOST")).length, 1);
  });
}

test("a result that is not ready for a day is given up and the reports are sent again", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.send({ type: "poll-later", exchangeId: agent.exchangeId, contact, pollId: "7", afterSeconds: 3600 });
  for (let hour = 0; hour < 23; hour += 1) {
    agent.advance(hourMs);
    agent.send({ type: "poll-later", exchangeId: agent.exchangeId, contact, pollId: "7", afterSeconds: 3600 });
    assert.notEqual(agent.state.reporting.poll, null);
  }
  agent.advance(hourMs);
  agent.send({ type: "poll-later", exchangeId: agent.exchangeId, contact, pollId: "7", afterSeconds: 3600 });
  assert.equal(agent.state.reporting.nextPushRule, "result_lost");
});

test("[I7] only what the ACK took is deleted; refused reports are kept, marked, and not sent for ever", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.use(essentialsTag, 1, "perpetual");
  agent.advance(2 * minuteMs);
  const [taken, refused] = agent.handOut();
  assert.ok(taken !== undefined && refused !== undefined);
  agent.effects = [];
  agent.acknowledge([taken], { refused: [refused] });
  assert.deepEqual(
    agent.all("delete-reports").map(({ reportIds }) => reportIds),
    [[taken.reportId]],
  );
  assert.deepEqual(agent.all("mark-reports"), [
    { type: "mark-reports", reportIds: [refused.reportId], status: "refused" },
  ]);
  assert.equal(agent.state.reporting.counts.refused, 1);
  agent.advance(29 * dayMs);
  assert.deepEqual(agent.all("push-usage"), []);
  agent.send({ type: "sync-requested", scope: "all" });
  assert.deepEqual(agent.all("requeue-refused").length, 1);
  assert.equal(agent.state.reporting.counts.refused, 0);
});

test("[I10] an ACK with an older sequence than the installed one changes nothing", () => {
  const agent = reported();
  const before = agent.state.reporting;
  agent.send({ type: "acknowledgement-imported", ...received([{ reportId: 1, status: "pending" }], { sequence: 0 }) });
  assert.deepEqual(agent.state.reporting, before);
});

test("more reports than one message holds are drained one message after the other", () => {
  const agent = DrivenAgent.trusted();
  for (let tag = 0; tag < 60; tag += 1) agent.use(`${advantageTag}${tag}`.replace("_ADVANTAGE", `_A${tag}`), 1);
  agent.advance(2 * minuteMs);
  agent.acknowledge(agent.handOut());
  assert.equal(agent.state.reporting.nextPushRule, "more_to_send");
  assert.equal(agent.held.length, 20);
  agent.advance(5_000);
  assert.equal(agent.requestType, "LICENSE_USAGE");
  agent.acknowledge(agent.handOut(), { sequence: 2 });
  assert.equal(agent.held.length, 0);
  assert.equal(agent.state.reporting.nextPushRule, "interval");
});

test("an ACK that decides nothing is not asked for again at once", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.handOut();
  agent.acknowledge([]);
  assert.equal(agent.state.reporting.lastAckAtMs, null);
  assert.equal(agent.state.reporting.nextPushRule, "retry");
  assert.equal(agent.state.reporting.nextPushAtMs, agent.now + minuteMs);
});

test("[REP-18] a push that failed is repeated with growing waits up to six hours, for ever", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  const waits: number[] = [];
  for (let attempt = 0; attempt < 12; attempt += 1) {
    agent.fail();
    waits.push(((agent.state.reporting.nextPushAtMs ?? 0) - agent.now) / minuteMs);
    agent.advance((agent.state.reporting.nextPushAtMs ?? 0) - agent.now);
    assert.equal(agent.requestType, "LICENSE_USAGE");
  }
  assert.deepEqual(waits, [1, 2, 5, 15, 30, 60, 120, 240, 360, 360, 360, 360]);
});

test("OK_TRY_AGAIN is obeyed", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.send({ type: "try-again", exchangeId: agent.exchangeId, contact, afterSeconds: 1800 });
  assert.equal(agent.state.reporting.nextPushRule, "server_asked_to_wait");
  assert.equal(agent.state.reporting.nextPushAtMs, agent.now + 1800_000);
});

test("[REP-6] a platform with its own rhythm reports every eight hours whatever is configured", () => {
  const agent = DrivenAgent.trusted({ configuration: { platformReportEverySeconds: 28_800, usageIntervalDays: 20 } });
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  for (let sequence = 1; sequence <= 3; sequence += 1) {
    agent.acknowledge(agent.handOut(), { sequence });
    assert.equal(agent.state.reporting.nextPushRule, "platform_rhythm");
    assert.equal(agent.state.reporting.nextPushAtMs, agent.now + 8 * hourMs);
    agent.advance(8 * hourMs);
    assert.equal(agent.requestType, "LICENSE_USAGE");
    assert.equal(agent.all("close-report").length, sequence + 1);
  }
});

test("[TRU-9] towards a relay usage is pushed without a token and without trust", () => {
  const agent = DrivenAgent.booted({ configuration: { transport: "cslu" } });
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  assert.equal(agent.requestType, "LICENSE_USAGE");
});

test("[REP-16] reports in a file wait for an ACK that comes by file", () => {
  const agent = DrivenAgent.booted({ configuration: { transport: "off" } });
  agent.use(advantageTag, 1);
  agent.now += hourMs;
  agent.send({ type: "reports-close-requested", reason: "CurrentUsageRequested" });
  agent.send({ type: "usage-file-written", reports: agent.held });
  assert.equal(agent.state.reporting.counts.unacknowledged, 1);
  assert.equal(agent.state.reporting.lastFileWriteAtMs, agent.now);
  agent.now += dayMs;
  agent.send({ type: "acknowledgement-imported", ...received(agent.held, { policy: policyOf(3) }) });
  assert.equal(agent.held.length, 0);
  assert.equal(agent.state.reporting.lastAckAtMs, agent.now);
  assert.equal(agent.state.policy.inForce.policy_version, 3);
  assert.equal(agent.state.reporting.counts.acknowledgedTotal, 1);
});

test("[REP-16] reports that are signed for a file are not pushed on that account", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.now += 10_000;
  agent.send({ type: "reports-close-requested", reason: "CurrentUsageRequested" });
  agent.handOut();
  assert.equal(agent.requestType, null);
  assert.equal(agent.state.reporting.nextPushRule, "first_push");
});

test("a change after the push stays to be reported when the ACK of that push comes", () => {
  const agent = reported();
  agent.advance(30 * dayMs);
  agent.handOut();
  agent.send({ type: "poll-later", exchangeId: agent.exchangeId, contact, pollId: "9", afterSeconds: 60 });
  const sent = agent.held;
  agent.now += 1000;
  agent.use(advantageTag, 0);
  agent.advance(minuteMs);
  agent.acknowledge(sent, { sequence: 5 });
  assert.equal(agent.state.reporting.nextPushRule, "usage_changed");
  assert.notEqual(agent.state.metering.changedAtMs, null);
});

test("[REP-3] what the push after a new trust finds in use is in it, however long the manager was silent before", () => {
  const agent = reported();
  agent.advance(29 * dayMs);
  agent.send({ type: "factory-reset-requested", what: "trust" });
  agent.advance(60 * dayMs);
  agent.use(essentialsTag, 1, "perpetual");
  agent.send({ type: "trust-requested", token: "token", scope: "all", force: true });
  agent.answerTrust();
  while (agent.requestType !== "LICENSE_USAGE") {
    agent.advance(minuteMs);
    if (agent.requestType === "TRUST_SYNC") agent.answerTrust([]);
  }
  assert.ok(tagsOf(agent, agent.handOut()).has(essentialsTag));
});

test("[REP-3] what a new identity finds in use is in its first push, whatever waits since the manager lost the old one", () => {
  const agent = reported();
  agent.advance(30 * dayMs);
  agent.handOut();
  agent.fail({ stage: "refused", code: "identity_not_valid", message: "lost" });
  agent.fail({ stage: "refused", code: "identity_not_valid", message: "lost" });
  agent.use(essentialsTag, 3);
  agent.send({ type: "trust-requested", token: "token", scope: "all", force: true });
  agent.answerTrust(agent.wantedDevices("2002").map((device) => ({ ...device, productInstanceIdentifier: "anew" })));
  assert.equal(agent.state.reporting.nextPushRule, "trust_established");
  advanceToPush(agent);
  assert.deepEqual(tagsOf(agent, agent.handOut()), new Set([advantageTag, essentialsTag]));
});

test("[REP-3] what came into use while the manager had forgotten the device is in the push after it knows the device again", () => {
  const agent = lostWithReportsWaiting();
  agent.use(essentialsTag, 3);
  agent.now += minuteMs;
  findAgain(agent);
  assert.equal(agent.state.reporting.nextPushRule, "way_open_again");
  agent.advance(5_000);
  assert.equal(agent.requestType, "LICENSE_USAGE");
  const told = agent.handOut();
  assert.deepEqual(tagsOf(agent, told), new Set([advantageTag, essentialsTag]));
  agent.acknowledge(told, { sequence: 2 });
  assert.equal(agent.state.metering.changedAtMs, null);
});

test("[REP-5] a sync that was taken while trust was lost is carried out when it is found again", () => {
  const agent = lostWithReportsWaiting();
  agent.now += hourMs;
  agent.send({ type: "sync-requested", scope: "all" });
  assert.equal(agent.notices("request-refused").length, 0);
  agent.effects = agent.all("sync-trust");
  findAgain(agent);
  agent.advance(5_000);
  // Nothing new was used, and the usage of this moment is told all the same.
  assert.equal(agent.requestType, "LICENSE_USAGE");
  assert.deepEqual(
    agent.all("measure").map(({ tag, endSeconds }) => [tag, endSeconds]),
    [[advantageTag, Math.floor(agent.now / 1000)]],
  );
});

test("a manager that forgets the device again and again gets no report for it that says nothing new", () => {
  const agent = lostWithReportsWaiting();
  agent.use(essentialsTag, 3);
  agent.now += minuteMs;
  findAgain(agent);
  agent.effects = [];
  for (let time = 0; time < 8; time += 1) {
    while (agent.requestType !== "LICENSE_USAGE") agent.advance(5_000);
    agent.handOut();
    agent.fail({ stage: "refused", code: "identity_not_valid", message: "lost" });
    findAgain(agent);
  }
  assert.equal(agent.all("close-report").length, 1);
});

/** The manager does not know the device any more; a report was sent to it, and a young one is open. */
function lostWithReportsWaiting(): DrivenAgent {
  const agent = reported();
  agent.advance(30 * dayMs);
  agent.handOut();
  agent.fail({ stage: "refused", code: "identity_not_valid", message: "lost" });
  agent.fail({ stage: "refused", code: "identity_not_valid", message: "lost" });
  assert.equal(agent.state.reporting.nextPushRule, "waits_for_trust");
  return agent;
}

/** It recognises the device as the one that it was: no new identity. */
function findAgain(agent: DrivenAgent): void {
  if (agent.requestType === null) agent.send({ type: "trust-requested", token: "token", scope: "all", force: true });
  agent.answerTrust();
  assert.equal(agent.state.trust.lostSinceMs, null);
}

test("[REP-3] what was told to an old identity alone is in the first push of a new one, whatever else waits", () => {
  const agent = reported();
  agent.advance(30 * dayMs);
  const sent = agent.handOut();
  agent.use(essentialsTag, 3);
  agent.now += minuteMs;
  agent.send({ type: "reports-close-requested", reason: "CurrentUsageRequested" });
  agent.acknowledge(sent, { sequence: 2 });
  agent.advance(5_000);
  assert.equal(agent.requestType, "LICENSE_USAGE");
  assert.deepEqual(tagsOf(agent, agent.handOut()), new Set([essentialsTag]));
  agent.fail({ stage: "refused", code: "identity_not_valid", message: "lost" });
  agent.answerTrust(agent.wantedDevices("2002").map((device) => ({ ...device, productInstanceIdentifier: "anew" })));
  while (agent.requestType !== "LICENSE_USAGE") agent.advance(1000);
  assert.deepEqual(tagsOf(agent, agent.handOut()), new Set([advantageTag, essentialsTag]));
});

test("[REP-3] a new identity says once more what is no longer in use, though the old one's zero was acknowledged", () => {
  const agent = reported();
  agent.use(essentialsTag, 3, "perpetual");
  agent.now += minuteMs;
  agent.use(essentialsTag, 0, "perpetual");
  agent.now += minuteMs;
  agent.send({ type: "reports-close-requested", reason: "CurrentUsageRequested" });
  advanceToPush(agent);
  agent.acknowledge(agent.handOut(), { sequence: 2 });
  const openReport = () => agent.state.metering.usages[essentialsTag]?.openReport ?? null;
  assert.deepEqual(openReport(), null);
  advanceToPush(agent);
  agent.handOut();
  agent.fail({ stage: "refused", code: "identity_not_valid", message: "lost" });
  agent.fail({ stage: "refused", code: "identity_not_valid", message: "lost" });
  agent.send({ type: "trust-requested", token: "token", scope: "all", force: true });
  agent.answerTrust(agent.wantedDevices("2002").map((device) => ({ ...device, productInstanceIdentifier: "anew" })));
  assert.deepEqual([openReport()?.runningCount, openReport()?.countBefore], [0, null]);
  assert.equal(agent.state.reporting.nextPushRule, "trust_established");
  advanceToPush(agent);
  const sent = agent.handOut();
  assert.deepEqual(tagsOf(agent, sent), new Set([advantageTag, essentialsTag]));
  agent.acknowledge(sent, { sequence: 1 });
  assert.deepEqual(openReport(), null);
});

test("[REP-3] a change that an outage's last repetition left open is pushed after the ACK, and is told only then", () => {
  const agent = reported();
  agent.advance(30 * dayMs);
  const outageEndsAtMs = agent.now + 40 * dayMs;
  while (agent.now < outageEndsAtMs || agent.requestType !== "LICENSE_USAGE") {
    if (agent.requestType === "LICENSE_USAGE") {
      agent.handOut();
      agent.fail();
    }
    agent.advance(minuteMs);
    if (agent.now >= outageEndsAtMs) agent.use(essentialsTag, 1, "perpetual");
  }
  const changedAtMs = agent.state.metering.changedAtMs ?? 0;
  const sent = agent.handOut();
  assert.ok(!tagsOf(agent, sent).has(essentialsTag));
  agent.acknowledge(sent, { sequence: 2 });
  assert.equal(agent.state.metering.changedAtMs, changedAtMs);
  assert.equal(agent.state.reporting.nextPushRule, "usage_changed");
  agent.advance(dayMs);
  const told = agent.handOut();
  assert.ok(tagsOf(agent, told).has(essentialsTag));
  agent.acknowledge(told, { sequence: 3 });
  assert.equal(agent.state.metering.changedAtMs, null);
  assert.equal(agent.state.reporting.nextPushRule, "interval");
});

test("a change while the first push is under way is pushed by the rule of change, and sets no deadline before", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  const sent = agent.handOut();
  agent.now += 1000;
  agent.use(essentialsTag, 1, "perpetual");
  assert.equal(acknowledgementDeadline(agent.state)?.rule, "first_report");
  agent.now += 1000;
  agent.acknowledge(sent);
  assert.equal(agent.state.reporting.nextPushRule, "usage_changed");
  assert.equal(acknowledgementDeadline(agent.state)?.rule, "report_on_change");
});

test("an ACK by file says nothing of what changed after the file was written", () => {
  const agent = reported();
  agent.advance(10 * dayMs);
  agent.send({ type: "reports-close-requested", reason: "CurrentUsageRequested" });
  const written = agent.held;
  agent.send({ type: "usage-file-written", reports: written });
  agent.now += hourMs;
  agent.use(advantageTag, 0);
  agent.now += hourMs;
  agent.send({ type: "acknowledgement-imported", ...received(written, { sequence: 2 }) });
  assert.notEqual(agent.state.metering.changedAtMs, null);
});

test("[REP-4] a year of changes that nobody acknowledges makes a report for many of them, not one for each", () => {
  const agent = DrivenAgent.trusted();
  const changes = 365 * 4;
  for (let change = 1; change <= changes; change += 1) {
    agent.use(advantageTag, 1 + (change % 5));
    agent.advance(6 * hourMs);
    if (agent.requestType === "LICENSE_USAGE") {
      agent.handOut();
      agent.fail();
    }
  }
  assert.ok(agent.all("measure").length >= changes - 1);
  assert.ok(agent.held.length < changes / 10, `${agent.held.length} reports of ${changes} changes`);
});

test("[BET-22] [REP-4] a year without an ACK makes dozens of reports, not hundreds, and constant work for each step", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  let effectsMax = 0;
  const untilMs = agent.now + 365 * dayMs;
  while (agent.now < untilMs) {
    agent.advance(6 * hourMs);
    if (agent.requestType === "LICENSE_USAGE") {
      agent.handOut();
      agent.fail();
    }
    effectsMax = Math.max(effectsMax, agent.effects.length);
    agent.effects = [];
  }
  assert.ok(agent.held.length < 90, `${agent.held.length} reports`);
  assert.ok(effectsMax < 60 * 24, `${effectsMax} effects in six hours`);
  assert.ok(JSON.stringify(agent.state).length < 12_000);
  assert.equal(agent.state.metering.usages[advantageTag]?.count, 1);
});

test("nothing that was never used is reported", () => {
  const agent = DrivenAgent.trusted();
  agent.advance(40 * dayMs);
  assert.deepEqual(agent.all("push-usage"), []);
  assert.equal(agent.state.reporting.nextPushRule, "nothing_to_report");
});

test("a store that has nothing after all is believed", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.send({ type: "nothing-to-report", exchangeId: agent.exchangeId });
  const { closed, pending, unacknowledged } = agent.state.reporting.counts;
  assert.deepEqual([closed, pending, unacknowledged], [0, 0, 0]);
  agent.effects = [];
  agent.advance(hourMs);
  assert.deepEqual(agent.all("push-usage"), []);
});

test("the result of an exchange that was given up changes nothing", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  const late = agent.exchangeId;
  const sent = agent.handOut();
  agent.advance(10 * minuteMs);
  assert.equal(agent.state.communication.statistics.usage_reporting.lastFailure?.code, "no_result");
  agent.effects = [];
  agent.send({ type: "usage-acknowledged", exchangeId: late, contact, ...received(sent) });
  assert.deepEqual(agent.all("delete-reports"), []);
});
