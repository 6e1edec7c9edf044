import assert from "node:assert/strict";
import { test } from "node:test";
import { formatUdi } from "@countersign/protocol";
import { previewFactoryReset } from "./factory-reset.ts";
import {
  advantageTag,
  contact,
  DrivenAgent,
  firstUdi,
  minuteMs,
  policyOf,
  received,
} from "./test-support/driven-agent.ts";

function full(): DrivenAgent {
  const agent = DrivenAgent.trusted({ configuration: { usageIntervalDays: 7 } });
  agent.use(advantageTag, 2);
  agent.send({ type: "policy-imported", policy: policyOf(6) });
  agent.now += minuteMs;
  agent.send({ type: "reports-close-requested", reason: "CurrentUsageRequested" });
  agent.effects = [];
  return agent;
}

test("[HW-1] [HW-2] [HW-3] a factory reset removes all licence information at once, keeps other settings, and asks for a reload", () => {
  const agent = full();
  agent.send({ type: "factory-reset-requested", what: "all" });
  assert.deepEqual(agent.state.trust.members, { [formatUdi(firstUdi)]: { status: "none" } });
  assert.equal(agent.state.trust.account, null);
  assert.equal(agent.state.policy.inForce.name, "Default Policy");
  assert.equal(agent.state.reporting.counts.closed, 0);
  assert.equal(agent.state.configuration.usageIntervalDays, 7);
  assert.equal(agent.state.installation.reloadRequired, true);
  assert.deepEqual(agent.all("delete-keys"), [{ type: "delete-keys", keyIds: ["key-1"] }]);
  assert.equal(agent.all("delete-all-reports").length, 1);
  agent.send({ type: "booted", reason: "reload" });
  assert.equal(agent.state.installation.reloadRequired, false);
});

test("[HW-4] after reset and reload a new trust code can be installed", () => {
  const agent = full();
  agent.send({ type: "factory-reset-requested", what: "all" });
  agent.send({ type: "booted", reason: "reload" });
  agent.send({ type: "trust-requested", token: "token", scope: "all", force: false });
  agent.answerTrust();
  const trust = agent.state.trust.members[formatUdi(firstUdi)];
  assert.equal(trust?.status === "installed" && trust.keyId, "key-2");
});

test("[GEN-8] what is in use stays in use after a reset, under report ids that were never used", () => {
  const agent = full();
  const before = agent.state.metering.nextReportId;
  agent.send({ type: "factory-reset-requested", what: "all" });
  const usage = agent.state.metering.usages[advantageTag];
  assert.equal(usage?.count, 2);
  assert.ok((usage?.openReport?.reportId ?? 0) >= before);
});

test("trust alone or policy alone can be reset without a reload", () => {
  const trust = full();
  trust.send({ type: "factory-reset-requested", what: "trust" });
  assert.equal(trust.state.trust.members[formatUdi(firstUdi)]?.status, "none");
  assert.equal(trust.state.policy.inForce.policy_version, 6);
  assert.equal(trust.state.installation.reloadRequired, false);
  const policy = full();
  policy.send({ type: "factory-reset-requested", what: "policy" });
  assert.equal(policy.state.trust.members[formatUdi(firstUdi)]?.status, "installed");
  assert.equal(policy.state.policy.installedAtMs, null);
  assert.ok(policy.syslog.some((line) => line.includes("POLICY_REMOVED")));
});

test("the preview says what would go and what would stay, and changes nothing", () => {
  const agent = full();
  const preview = previewFactoryReset(agent.state, "all");
  assert.equal(preview.removes.length, 3);
  assert.match(preview.removes.join("; "), /trust of 1 of 1 devices.*"Policy 6".*1 reports/);
  assert.equal(preview.reloadRequired, true);
  assert.deepEqual(previewFactoryReset(agent.state, "policy").removes, ['policy "Policy 6"']);
});

test("an answer that comes after the reset brings nothing back", () => {
  const agent = DrivenAgent.booted();
  agent.send({ type: "trust-requested", token: "token", scope: "all", force: false });
  const devices = agent.wantedDevices();
  const { exchangeId } = agent;
  agent.send({ type: "factory-reset-requested", what: "trust" });
  agent.send({ type: "trust-answered", exchangeId, contact, devices, refused: [], account: null, policy: policyOf(9) });
  assert.equal(agent.state.trust.members[formatUdi(firstUdi)]?.status, "none");
  assert.equal(agent.state.policy.installedAtMs, null);
});

test("after a reset an ACK and a policy may begin anew", () => {
  const agent = full();
  agent.send({ type: "acknowledgement-imported", ...received(agent.held, { sequence: 9 }) });
  agent.send({ type: "factory-reset-requested", what: "all" });
  agent.now += minuteMs;
  agent.send({ type: "reports-close-requested", reason: "CurrentUsageRequested" });
  agent.send({ type: "acknowledgement-imported", ...received(agent.held, { sequence: 0, policy: policyOf(1) }) });
  assert.equal(agent.state.reporting.lastAckSequence, 0);
  assert.equal(agent.state.policy.inForce.policy_version, 1);
});
