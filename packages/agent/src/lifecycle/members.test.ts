import assert from "node:assert/strict";
import { test } from "node:test";
import { formatUdi } from "@countersign/protocol";
import { activeMember, speakerOf } from "./installation.ts";
import {
  advantageTag,
  DrivenAgent,
  dayMs,
  firstUdi,
  hourMs,
  minuteMs,
  secondUdi,
  trustedDevice,
} from "./test-support/driven-agent.ts";

const pair = [
  { udi: firstUdi, role: "Active" as const },
  { udi: secondUdi, role: "Standby" as const },
];
const switched = [
  { udi: firstUdi, role: "Standby" as const },
  { udi: secondUdi, role: "Active" as const },
];
const sudi = { udi_pid: secondUdi.pid, udi_serial_number: secondUdi.serialNumber };

test("a switchover closes the reports in the old active's name and doubles no count", () => {
  const agent = DrivenAgent.trusted({ members: pair });
  agent.use(advantageTag, 2);
  agent.now += hourMs;
  agent.effects = [];
  agent.send({ type: "members-changed", members: switched });
  const [closed] = agent.all("close-report");
  assert.equal(closed?.reason, "HaSwitchover");
  assert.deepEqual(closed?.facts.udi, firstUdi);
  assert.deepEqual(activeMember(agent.state).udi, secondUdi);
  const usage = agent.state.metering.usages[advantageTag];
  assert.equal(usage?.count, 2);
  assert.equal(usage?.openReport?.runningSinceSeconds, Math.floor(agent.now / 1000));
  assert.deepEqual(agent.events.filter((name) => name === "SAEVT_HA_ROLE").length, 2);
});

test("a member that joins draws a line in the measurement and gets trust from a sync shortly after", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.acknowledge(agent.handOut());
  agent.now += dayMs;
  agent.send({ type: "members-changed", members: pair });
  assert.equal(agent.all("measure").at(-1)?.meta.termination_reason, "member_change");
  agent.effects = [];
  agent.advance(35_000);
  const [asked] = agent.all("sync-trust");
  assert.deepEqual(
    asked?.devices.map(({ udi, keyId, wantsCertificate }) => [udi.serialNumber, keyId, wantsCertificate]),
    [
      [firstUdi.serialNumber, "key-1", false],
      [secondUdi.serialNumber, "key-2", true],
    ],
  );
  agent.answerTrust([trustedDevice(secondUdi, "key-2", "1002")]);
  assert.equal(agent.state.trust.members[formatUdi(secondUdi)]?.status, "installed");
  assert.equal(agent.state.reporting.nextPushRule, "members_changed");
  agent.advance(70_000);
  assert.equal(agent.requestType, "LICENSE_USAGE");
  const report = agent.store.get(agent.all("close-report")[0]?.reportId ?? 0);
  assert.deepEqual(report?.measurements.at(-1)?.meta.added_sudi_list, [sudi]);
});

test("a member that leaves is named where it left, and its key goes with it", () => {
  const agent = DrivenAgent.trusted({ members: pair });
  agent.use(advantageTag, 2);
  agent.now += minuteMs;
  agent.send({ type: "members-changed", members: [{ udi: firstUdi, role: "Active" }] });
  assert.deepEqual(agent.all("delete-keys"), [{ type: "delete-keys", keyIds: ["key-2"] }]);
  assert.equal(agent.state.trust.members[formatUdi(secondUdi)], undefined);
  agent.now += minuteMs;
  agent.send({ type: "reports-close-requested", reason: "CurrentUsageRequested" });
  const [report] = [...agent.store.values()];
  assert.deepEqual(report?.measurements.at(-1)?.meta.removed_sudi_list, [sudi]);
});

test("two supervisors of one chassis are one member", () => {
  const agent = DrivenAgent.booted({
    members: [
      { udi: firstUdi, role: "Standby" },
      { udi: firstUdi, role: "Active" },
    ],
  });
  assert.deepEqual(
    agent.state.installation.members.map(({ role, trustId }) => [role, trustId]),
    [["Active", 1]],
  );
});

test("an untrusted device that became active speaks in the name of a trusted one", () => {
  const agent = DrivenAgent.trusted();
  agent.send({ type: "members-changed", members: pair });
  agent.send({ type: "members-changed", members: switched });
  assert.deepEqual(speakerOf(agent.state)?.member.udi, firstUdi);
});

test("the same members again change nothing", () => {
  const agent = DrivenAgent.trusted({ members: pair });
  agent.use(advantageTag, 1);
  agent.effects = [];
  agent.send({ type: "members-changed", members: pair });
  assert.deepEqual(
    agent.effects.map(({ type }) => type),
    ["wake-at"],
  );
});

test("an installation without an active member is a broken promise", () => {
  const agent = DrivenAgent.booted();
  assert.throws(
    () => agent.send({ type: "members-changed", members: [{ udi: firstUdi, role: "Standby" }] }),
    /broken promise/,
  );
});
