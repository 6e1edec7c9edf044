import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { backOffMs, retryDelayMs } from "./back-off.ts";
import { reportAfterTrustMs } from "./members.ts";
import { drainPauseMs } from "./push-plan.ts";
import { advantageTag, contact, DrivenAgent, dayMs, identifier, trustedDevice } from "./test-support/driven-agent.ts";

/** Ways to take nothing of a push. */
const inVain = fc.constantFrom(
  "unanswered",
  "refused",
  "lost, same identity",
  "lost, new identity",
  "result refused",
  "nothing decided",
);
type InVain = typeof inVain extends fc.Arbitrary<infer T> ? T : never;

/** Lives until the next push leaves; trust is given whenever it is asked for, as a new identity or the one before. */
function nextPush(agent: DrivenAgent, identity: number): number {
  const limitMs = agent.now + 2 * dayMs;
  while (agent.requestType !== "LICENSE_USAGE") {
    assert.ok(agent.now < limitMs, "a push in vain is repeated within two days");
    const type = agent.requestType;
    if (type === "TRUST_SYNC") {
      const given = agent.wantedDevices().map(({ udi, keyId }) => ({
        ...trustedDevice(udi, keyId, String(2000 + identity)),
        productInstanceIdentifier: identity === 1 ? identifier : `00000000-0000-4000-8000-${100 + identity}`,
      }));
      agent.answerTrust(given);
    } else if (type === "POLL_REQ") {
      agent.fail({ stage: "refused", code: "poll_unknown", message: "no such poll" });
    } else {
      agent.advance(1000);
    }
  }
  return agent.now;
}

function takeNothing(agent: DrivenAgent, how: InVain): void {
  switch (how) {
    case "unanswered":
      agent.fail();
      break;
    case "refused":
      agent.handOut();
      agent.fail({ stage: "refused", code: "internal", message: "no" });
      break;
    case "lost, same identity":
    case "lost, new identity":
      agent.handOut();
      agent.fail({ stage: "refused", code: "identity_not_valid", message: "no" });
      break;
    case "result refused":
      agent.handOut();
      agent.send({ type: "poll-later", exchangeId: agent.exchangeId, contact, pollId: "7", afterSeconds: 1 });
      break;
    case "nothing decided":
      agent.handOut();
      agent.acknowledge([], { sequence: agent.state.reporting.lastAckSequence + 1 });
      break;
    default:
      how satisfies never;
  }
}

test("[BET-4] a manager that takes nothing, however it says so, is asked at the documented pauses, and at once only one time", () => {
  fc.assert(
    fc.property(fc.array(inVain, { minLength: 2, maxLength: 14 }), (life) => {
      const agent = DrivenAgent.trusted();
      agent.use(advantageTag, 1);
      let identity = 1;
      let pushedAtMs = nextPush(agent, identity);
      let atOnce = 0;
      for (const [before, how] of life.entries()) {
        takeNothing(agent, how);
        if (how === "lost, new identity") identity += 1;
        const nextAtMs = nextPush(agent, identity);
        const waitedMs = nextAtMs - pushedAtMs;
        if (waitedMs < retryDelayMs(before + 1)) atOnce += 1;
        assert.ok(waitedMs >= drainPauseMs);
        pushedAtMs = nextAtMs;
      }
      assert.ok(atOnce <= 1, `${atOnce} times at once`);
    }),
    { numRuns: 150 },
  );
});

test("[BET-4] a manager that gives trust and refuses the push for want of it is asked ever more seldom, down to every six hours", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  const times: number[] = [];
  for (let push = 0; push < backOffMs.length + 2; push += 1) {
    times.push(nextPush(agent, 1));
    takeNothing(agent, "lost, same identity");
  }
  const waits = times.slice(1).map((atMs, index) => Math.round((atMs - (times[index] ?? 0)) / 1000));
  // No push was answered yet, so the one after the first is the first of its trust.
  assert.deepEqual(waits, [reportAfterTrustMs / 1000, ...backOffMs.slice(1).map((ms) => ms / 1000), 21_600]);
});

test("an ACK that decides something ends the row: what is lost after it is sent again at once", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  for (let push = 0; push < 3; push += 1) {
    nextPush(agent, 1);
    takeNothing(agent, "result refused");
  }
  nextPush(agent, 1);
  agent.acknowledge(agent.handOut(), { sequence: 5 });
  assert.deepEqual([agent.state.reporting.failuresInARow, agent.state.reporting.isRepeatedAtOnce], [0, false]);
  agent.advance((agent.state.reporting.nextPushAtMs ?? 0) - agent.now);
  const lostAtMs = nextPush(agent, 1);
  takeNothing(agent, "result refused");
  // A second for the poll, then the pause of a drain.
  assert.ok(nextPush(agent, 1) - lostAtMs <= drainPauseMs + 2000);
});

for (const way of ["the manager", "a file"] as const)
  test(`[REP-5] a sync that was asked for while trust was lost is sent at once when ${way} gives it back, though the result of a push is owed`, () => {
    const agent = DrivenAgent.trusted();
    agent.use(advantageTag, 1);
    nextPush(agent, 1);
    agent.handOut();
    agent.send({ type: "poll-later", exchangeId: agent.exchangeId, contact, pollId: "7", afterSeconds: 3600 });
    agent.use(advantageTag, 2);
    agent.send({ type: "sync-requested", scope: "all" });
    agent.fail({ stage: "refused", code: "identity_not_valid", message: "no" });
    agent.send({ type: "sync-requested", scope: "all" });
    assert.equal(agent.requestType, "TRUST_SYNC");
    assert.equal(agent.state.reporting.nextPushRule, "waits_for_trust");
    agent.effects = agent.all("sync-trust");
    if (way === "a file") {
      agent.fail();
      const devices = agent.wantedDevices("2002");
      agent.send({ type: "trust-imported", devices, refused: [], account: null, policy: null });
    } else agent.answerTrust();
    assert.notEqual(agent.state.reporting.poll, null);
    assert.equal(agent.state.reporting.nextPushRule, "way_open_again");
    agent.advance(drainPauseMs);
    assert.equal(agent.requestType, "LICENSE_USAGE");
    assert.equal(agent.all("close-report").length, 1);
    agent.acknowledge(agent.handOut());
    assert.equal(agent.state.reporting.poll, null);
    assert.equal(agent.held.length, 0);
  });
