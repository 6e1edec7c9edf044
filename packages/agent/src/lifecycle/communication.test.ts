import assert from "node:assert/strict";
import { test } from "node:test";
import { advantageTag, contact, DrivenAgent, hourMs, minuteMs } from "./test-support/driven-agent.ts";

function failing(): DrivenAgent {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.handOut();
  agent.fail({ stage: "name", code: "name_not_found", message: "Unable to resolve server hostname/domain name" });
  return agent;
}

test("[REP-18] [LOG-6] [LOG-27] an outage is logged once when it begins and once when it ends, with stage and reason", () => {
  const agent = failing();
  agent.advance(minuteMs);
  agent.fail();
  agent.advance(2 * minuteMs);
  agent.acknowledge(agent.held);
  const lines = agent.syslog.filter((line) => line.includes("COMM_"));
  assert.deepEqual(lines, [
    "%SMART_LIC-3-COMM_FAILED: Communications failure with the Cisco Smart Software Manager (CSSM) : Unable to resolve server hostname/domain name",
    "%SMART_LIC-5-COMM_RESTORED: Communications with the Cisco Smart Software Manager (CSSM) restored",
  ]);
  const events = agent.all("record-event").filter(({ name }) => name.startsWith("SAEVT_COMM_"));
  const error = "Unable to resolve server hostname/domain name";
  assert.deepEqual(
    events.map(({ name, details }) => [name, details]),
    [
      ["SAEVT_COMM_FAIL", { error, stage: "name", code: "name_not_found" }],
      ["SAEVT_COMM_RESTORED", {}],
    ],
  );
  assert.deepEqual(
    agent.notices("communication-failed").map(({ stage, code, kind }) => [stage, code, kind]),
    [["name", "name_not_found", "usage_reporting"]],
  );
  assert.equal(agent.notices("communication-restored").length, 1);
});

test("a refusal is no outage: the way is open", () => {
  const agent = failing();
  agent.advance(minuteMs);
  agent.fail({
    stage: "refused",
    code: "internal",
    message: "Your request could not be processed right now. Please try again",
  });
  assert.equal(agent.state.communication.failingSinceMs, null);
  assert.equal(agent.notices("communication-restored").length, 1);
});

test("the peer is named after the transport in use", () => {
  const agent = DrivenAgent.booted({ configuration: { transport: "cslu" } });
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.fail();
  assert.match(agent.syslog.at(-1) ?? "", /with the Cisco Smart License Utility \(CSLU\) : Connection timed out/);
});

test("[BET-18] the reason of a failure is never empty", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.fail({ stage: "tls", code: "certificate_expired", message: " " });
  const { lastFailure, lastResponse } = agent.state.communication.statistics.usage_reporting;
  assert.equal(lastFailure?.message, "The secure connection could not be established (certificate_expired)");
  assert.equal(lastResponse?.text, "NO REPLY");
});

test("failures in a row are counted by all kinds and by silence alone, until the next success", () => {
  const agent = failing();
  agent.advance(minuteMs);
  agent.fail({ stage: "refused", code: "internal", message: "later" });
  const refused = agent.state.communication.statistics.usage_reporting;
  assert.deepEqual([refused.ongoingFailures, refused.ongoingCommunicationFailures], [2, 0]);
  agent.advance(2 * minuteMs);
  agent.acknowledge(agent.held);
  const { ongoingFailures, lastResponse, lastSuccessAtMs } = agent.state.communication.statistics.usage_reporting;
  assert.equal(ongoingFailures, 0);
  assert.deepEqual([lastResponse?.text, lastSuccessAtMs], ["OK", agent.now]);
});

test("what the peer says of itself is kept", () => {
  const agent = failing();
  assert.deepEqual(agent.state.communication.peer, contact.peer);
  assert.equal(agent.state.trust.signingCertificate, contact.signingCertificate);
});

test("at most one exchange is under way, and one that nobody answers is given up after ten minutes", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(85_000);
  agent.send({ type: "sync-requested", scope: "all" });
  assert.equal(agent.requestType, "LICENSE_USAGE");
  agent.effects = [];
  agent.advance(10 * minuteMs - 1);
  assert.deepEqual(agent.all("sync-trust"), []);
  agent.advance(1);
  assert.equal(agent.all("sync-trust").length, 1);
});

test("with the transport off nothing is sent, and what waited goes when it is on again", () => {
  const agent = failing();
  agent.send({ type: "configured", change: { transport: "off" } });
  agent.effects = [];
  agent.advance(hourMs);
  assert.deepEqual(agent.all("push-usage"), []);
  assert.equal(agent.state.reporting.nextPushRule, "transport_off");
  agent.send({ type: "configured", change: { transport: "smart" } });
  assert.equal(agent.state.reporting.nextPushRule, "way_open_again");
  agent.advance(5_000);
  assert.equal(agent.requestType, "LICENSE_USAGE");
});

test("[POL-4] a peer that does not announce POLICY_USAGE is named once and gets usage only when a person asks", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  const old = { ...contact, peer: { ...contact.peer, name: "OLD", capabilities: ["UTILITY"] } };
  agent.advance(85_000);
  agent.send({ type: "try-again", exchangeId: agent.exchangeId, contact: old, afterSeconds: 60 });
  agent.effects = [];
  agent.advance(30 * 24 * hourMs);
  assert.deepEqual(agent.all("push-usage"), []);
  assert.equal(agent.state.reporting.nextPushRule, "not_supported");
  agent.send({ type: "sync-requested", scope: "all" });
  agent.send({ type: "try-again", exchangeId: agent.exchangeId, contact: old, afterSeconds: 60 });
  assert.equal(agent.requestType, "LICENSE_USAGE");
  assert.equal(agent.syslog.filter((line) => line.includes("REPORTING_NOT_SUPPORTED")).length, 0);
  agent.acknowledge(agent.handOut());
  assert.equal(agent.state.reporting.nextPushRule, "interval");
});
