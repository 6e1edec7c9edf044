import assert from "node:assert/strict";
import { test } from "node:test";
import { measurementsPerReportMax } from "@countersign/protocol";
import {
  advantageTag,
  DrivenAgent,
  dayMs,
  essentialsTag,
  hourMs,
  minuteMs,
  secondUdi,
  startMs,
} from "./test-support/driven-agent.ts";

const startSeconds = startMs / 1000;

test("[REP-17] measuring starts with the first request of a tag and is logged", () => {
  const agent = DrivenAgent.booted();
  agent.effects = [];
  agent.use(advantageTag, 2);
  assert.deepEqual(agent.events, ["SAEVT_TAG_AUTHORIZED", "SAEVT_LICENSE_USAGE", "SAEVT_UTILITY_REPORT_START"]);
  const usage = agent.state.metering.usages[advantageTag];
  assert.equal(usage?.count, 2);
  assert.equal(usage?.openReport?.runningSinceSeconds, startSeconds);
  assert.equal(agent.state.reporting.counts.open, 1);
});

test("[REP-17] [LOG-24] a count of 0 is logged as destroy, and the zero is a measurement of its own", () => {
  const agent = DrivenAgent.booted();
  agent.use(advantageTag, 2);
  agent.now += 1000_000;
  agent.effects = [];
  agent.use(advantageTag, 0);
  const destroyed = agent.all("record-event").find((effect) => effect.name === "SAEVT_LICENSE_USAGE");
  assert.deepEqual(destroyed?.details, { count: "0", type: "destroy", entitlementTag: advantageTag });
  agent.now += 500_000;
  agent.send({ type: "reports-close-requested", reason: "CurrentUsageRequested" });
  const [report] = [...agent.store.values()];
  assert.deepEqual(
    report?.measurements.map(({ count, startSeconds: from, endSeconds: to }) => [count, to - from]),
    [
      [2, 1000],
      [0, 500],
    ],
  );
  assert.equal(agent.state.metering.usages[advantageTag]?.openReport, null);
});

test("[REP-4] [BET-22] the same count again makes neither a measurement nor a report, however often a tick passes", () => {
  const agent = DrivenAgent.booted();
  agent.use(advantageTag, 2);
  agent.effects = [];
  for (let tick = 0; tick < 20; tick += 1) {
    agent.advance(15 * minuteMs);
    agent.use(advantageTag, 2);
  }
  assert.deepEqual(agent.all("measure"), []);
  assert.deepEqual(agent.all("close-report"), []);
  assert.equal(agent.state.metering.usages[advantageTag]?.openReport?.finished, 0);
});

test("[REP-10] the measurement tick comes every 15 minutes and never falls behind", () => {
  const agent = DrivenAgent.booted();
  assert.equal(agent.state.metering.nextTickAtMs, startMs + 15 * minuteMs);
  agent.advance(15 * minuteMs);
  assert.equal(agent.state.metering.nextTickAtMs, startMs + 30 * minuteMs);
  agent.now += 3 * hourMs + 1;
  agent.send({ type: "timer" });
  assert.equal(agent.state.metering.nextTickAtMs, startMs + 30 * minuteMs + 3 * hourMs);
});

test("a full report is closed and the next one goes on without a gap", () => {
  const agent = DrivenAgent.booted();
  for (let change = 0; change <= measurementsPerReportMax; change += 1) {
    agent.use(advantageTag, 1 + (change % 2));
    agent.now += 1000;
  }
  const closed = agent.all("close-report");
  assert.equal(closed.length, 1);
  assert.equal(closed[0]?.reason, "ReportFull");
  const report = agent.store.get(closed[0]?.reportId ?? 0);
  assert.equal(report?.measurements.length, measurementsPerReportMax);
  const last = report?.measurements.at(-1);
  assert.equal(last?.meta.close_reason, "ReportFull");
  const open = agent.state.metering.usages[advantageTag]?.openReport;
  assert.equal(open?.runningSinceSeconds, last?.endSeconds);
  assert.equal(open?.previousReportId, closed[0]?.reportId);
});

test("a release that fills a report still says its zero in the next one", () => {
  const agent = DrivenAgent.booted();
  for (let change = 0; change < measurementsPerReportMax; change += 1) {
    agent.use(advantageTag, 1 + (change % 2));
    agent.now += 1000;
  }
  agent.use(advantageTag, 0);
  assert.equal(agent.all("close-report").length, 1);
  assert.equal(agent.state.metering.usages[advantageTag]?.openReport?.runningCount, 0);
});

test("[I3] a zero by a clock that was set right is said again until it ends later than the use by the wrong one", () => {
  const agent = DrivenAgent.booted();
  agent.use(advantageTag, 2);
  agent.now += 9 * dayMs;
  const measuredToSeconds = agent.now / 1000;
  agent.use(advantageTag, 0);
  agent.now -= 9 * dayMs;
  agent.send({ type: "clock-changed", deltaSeconds: (-9 * dayMs) / 1000 });
  const closeAfter = (ms: number) => {
    agent.now += ms;
    agent.send({ type: "reports-close-requested", reason: "CurrentUsageRequested" });
    const reports = [...agent.store.values()];
    return reports.at(-1)?.measurements.at(-1);
  };
  // What ends before the use is news still, however often it was said; at the very second the higher id decides.
  for (const days of [1, 4]) {
    const zero = closeAfter(days * dayMs);
    assert.equal(zero?.count, 0);
    assert.ok((zero?.endSeconds ?? 0) < measuredToSeconds);
    assert.equal(agent.state.metering.usages[advantageTag]?.openReport?.runningCount, 0);
  }
  assert.equal(closeAfter(4 * dayMs)?.endSeconds, measuredToSeconds);
  assert.equal(agent.state.metering.usages[advantageTag]?.openReport, null);
});

test("all tags of an installation share one ascending report counter", () => {
  const agent = DrivenAgent.booted();
  agent.use(advantageTag, 1);
  agent.use(essentialsTag, 1, "perpetual");
  const [first, second] = [advantageTag, essentialsTag].map(
    (tag) => agent.state.metering.usages[tag]?.openReport?.reportId ?? 0,
  );
  assert.equal(second, (first ?? 0) + 1);
  assert.equal(first, startSeconds);
});

test("[REP-9] access points that come and go stand at the measurement that begins with them", () => {
  const agent = DrivenAgent.booted();
  agent.send({ type: "usage-set", tag: advantageTag, licenseClass: "subscription", count: 1, added: [secondUdi] });
  agent.now += 60_000;
  agent.send({ type: "usage-set", tag: advantageTag, licenseClass: "subscription", count: 1, removed: [secondUdi] });
  agent.now += 60_000;
  agent.send({ type: "reports-close-requested", reason: "CurrentUsageRequested" });
  const sudi = { udi_pid: secondUdi.pid, udi_serial_number: secondUdi.serialNumber };
  const metas = [...agent.store.values()][0]?.measurements.map(({ meta }) => meta);
  assert.deepEqual(metas?.[0]?.added_sudi_list, [sudi]);
  assert.deepEqual(metas?.[1]?.removed_sudi_list, [sudi]);
  assert.equal(metas?.[1]?.added_sudi_list, undefined);
});
