import assert from "node:assert/strict";
import { test } from "node:test";
import { formatUdi } from "@countersign/protocol";
import { authorizationWishes, isAuthorized, nextAuthorizationAttempt } from "./authorization.ts";
import {
  advantageTag,
  authorizationGiven,
  DrivenAgent,
  dayMs,
  essentialsTag,
  firstUdi,
  minuteMs,
  secondUdi,
} from "./test-support/driven-agent.ts";

const exported = { tag: advantageTag, licenseClass: "export", count: 1 } as const;
const enforced = { tag: essentialsTag, licenseClass: "enforced", count: 2 } as const;
const first = formatUdi(firstUdi);

function ask(agent: DrivenAgent, licenses: readonly (typeof exported | typeof enforced)[] = [exported]): void {
  agent.send({ type: "authorization-requested", mode: "add", scope: "local", licenses });
}

function giveBack(agent: DrivenAgent, way: "online" | "offline" = "online"): void {
  agent.send({ type: "authorization-return-requested", scope: "local", way });
}

/** One that has a code for `exported`, confirmed. */
function authorized(): DrivenAgent {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1, "export");
  ask(agent);
  agent.answerAuthorization();
  agent.hearAuthorization();
  return agent;
}

test("a code is asked for at once, installed, confirmed, and given back, each told to the product", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1, "export");
  assert.deepEqual(agent.notices("not-authorized"), [{ type: "not-authorized", tag: advantageTag }]);
  ask(agent);
  assert.equal(agent.requestType, "AUTHORIZATION_REQUEST");
  agent.answerAuthorization();
  assert.equal(agent.requestType, "AUTHORIZATION_CONFIRM");
  assert.deepEqual(agent.notices("authorization-installed"), [
    { type: "authorization-installed", udi: first, tags: [advantageTag] },
  ]);
  assert.deepEqual(agent.notices("authorized"), [{ type: "authorized", tag: advantageTag }]);
  agent.hearAuthorization();
  assert.equal(agent.state.authorization.installed[first]?.confirmation, "heard");
  giveBack(agent);
  assert.equal(agent.requestType, "AUTHORIZATION_RETURN");
  assert.deepEqual(agent.state.authorization.installed, {});
  agent.hearAuthorization();
  assert.deepEqual(agent.state.authorization.returning, {});
  assert.equal(agent.state.authorization.nextTellAtMs, null);
  assert.equal(agent.notices("not-authorized").length, 2, "the use goes on, without a code");
  assert.equal(agent.state.metering.usages[advantageTag]?.count, 1);
});

test("without trust a request waits, and goes out when trust is there", () => {
  const agent = DrivenAgent.booted();
  ask(agent);
  assert.equal(agent.requestType, null);
  agent.advance(dayMs);
  agent.send({ type: "trust-requested", token: "token", scope: "all", force: false });
  agent.answerTrust();
  assert.equal(agent.requestType, "AUTHORIZATION_REQUEST");
});

test("the next attempt is never in the past: without a date it says what it waits for", () => {
  const agent = DrivenAgent.booted();
  const next = () => nextAuthorizationAttempt(agent.state, agent.now);
  assert.equal(next(), null);
  ask(agent);
  agent.advance(dayMs);
  assert.deepEqual(next(), { atMs: null, waitsFor: "waits_for_trust" });
  agent.send({ type: "trust-requested", token: "token", scope: "all", force: false });
  agent.answerTrust();
  assert.equal(agent.requestType, "AUTHORIZATION_REQUEST");
  assert.deepEqual(next(), { atMs: null, waitsFor: "waits_for_answer" });
  agent.fail();
  assert.deepEqual(next(), { atMs: agent.now + minuteMs, waitsFor: null });
  agent.send({ type: "configured", change: { transport: "off" } });
  assert.deepEqual(next(), { atMs: null, waitsFor: "transport_off" });
  agent.advance(dayMs);
  assert.deepEqual(next(), { atMs: null, waitsFor: "transport_off" });
});

test("requests that are added before an answer are one request, with the larger counts", () => {
  const agent = DrivenAgent.booted();
  ask(agent);
  ask(agent, [enforced]);
  agent.send({ type: "authorization-requested", mode: "add", scope: "local", licenses: [{ ...exported, count: 3 }] });
  const { licenses } = agent.state.authorization.attempt ?? assert.fail();
  assert.deepEqual(licenses, [{ ...exported, count: 3 }, enforced]);
  agent.send({ type: "authorization-requested", mode: "replace", scope: "local", licenses: [enforced] });
  assert.deepEqual(agent.state.authorization.attempt?.licenses, [enforced]);
});

test("silence is tried again with growing pauses; a refusal ends the request and is shown", () => {
  const agent = DrivenAgent.trusted();
  ask(agent);
  agent.fail();
  assert.equal(agent.state.authorization.attempt?.nextAttemptAtMs, agent.now + minuteMs);
  assert.deepEqual(
    agent.notices("authorization-refused").map(({ code, final }) => [code, final]),
    [["connection_timed_out", false]],
  );
  agent.advance(minuteMs);
  assert.equal(agent.requestType, "AUTHORIZATION_REQUEST");
  agent.answerAuthorization("authorization_not_purchased");
  assert.equal(agent.state.authorization.attempt, null);
  assert.equal(agent.state.authorization.lastRefusal?.code, "authorization_not_purchased");
  ask(agent);
  agent.fail({ stage: "refused", code: "request_type_unknown", message: "an older manager" });
  assert.equal(agent.state.authorization.attempt, null);
  assert.equal(agent.state.authorization.lastRefusal?.code, "request_type_unknown");
});

test("a return that was not heard is told again, also after a restart, and first of all", () => {
  const agent = authorized();
  giveBack(agent);
  agent.fail();
  ask(agent);
  assert.equal(agent.requestType, "AUTHORIZATION_REQUEST");
  agent.answerAuthorization();
  agent.send({ type: "booted", reason: "restart" });
  agent.advance(2 * minuteMs);
  const told = agent.all("return-authorization").at(-1);
  assert.equal(told?.told[0]?.sequence, 1);
});

test("a code that was given back is never installed again, not even after a factory reset", () => {
  const agent = authorized();
  giveBack(agent, "offline");
  assert.equal(agent.requestType, null, "a person carries it");
  for (const reset of [false, true]) {
    if (reset) agent.send({ type: "factory-reset-requested", what: "all" });
    agent.send({ type: "authorization-imported", given: [authorizationGiven(firstUdi, 1, [exported])] });
    assert.deepEqual(agent.state.authorization.installed, {});
  }
  agent.send({ type: "authorization-imported", given: [authorizationGiven(firstUdi, 2, [exported])] });
  assert.equal(agent.state.authorization.installed[first]?.sequence, 2);
});

test("what the manager withdrew is removed when it is confirmed; what it does not know is kept and not told again", () => {
  const agent = DrivenAgent.trusted();
  ask(agent);
  agent.answerAuthorization();
  agent.hearAuthorization("authorization_withdrawn");
  assert.deepEqual(agent.notices("authorization-removed"), [
    { type: "authorization-removed", udi: first, reason: "withdrawn" },
  ]);
  ask(agent);
  agent.answerAuthorization();
  agent.hearAuthorization("authorization_unknown");
  assert.equal(agent.state.authorization.installed[first]?.confirmation, "refused");
  assert.equal(agent.state.authorization.nextTellAtMs, null);
});

test("a device that is given less than it asked for, because it had forgotten its code, asks again when it has that", () => {
  const agent = DrivenAgent.trusted();
  ask(agent, [enforced, exported]);
  agent.answerAuthorization(null, [authorizationGiven(firstUdi, 4, [enforced])]);
  assert.equal(agent.state.authorization.installed[first]?.sequence, 4);
  while (agent.requestType !== "AUTHORIZATION_REQUEST") {
    assert.equal(agent.requestType, "AUTHORIZATION_CONFIRM");
    agent.hearAuthorization();
  }
  const [wish] = authorizationWishes(agent.state);
  assert.equal(wish?.confirm_code, agent.state.authorization.installed[first]?.confirmationCode);
  const pausedAtMs = agent.now;
  agent.answerAuthorization(null, [authorizationGiven(firstUdi, 4, [enforced])]);
  assert.ok((agent.state.authorization.attempt?.nextAttemptAtMs ?? 0) > pausedAtMs, "not without end");
  while (agent.requestType !== "AUTHORIZATION_REQUEST") agent.advance(minuteMs);
  agent.answerAuthorization(null, [authorizationGiven(firstUdi, 5, [enforced, exported])]);
  assert.equal(agent.state.authorization.attempt, null);
});

test("a confirmation that is answered with a newer code installs it, and confirms that one", () => {
  const agent = DrivenAgent.trusted();
  agent.send({ type: "authorization-imported", given: [authorizationGiven(firstUdi, 1, [exported])] });
  agent.advance(0);
  assert.equal(agent.requestType, "AUTHORIZATION_CONFIRM");
  agent.hearAuthorization(null, authorizationGiven(firstUdi, 3, [enforced]));
  const installed = agent.state.authorization.installed[first];
  assert.deepEqual([installed?.sequence, installed?.licenses, installed?.confirmation], [3, [enforced], "due"]);
  agent.advance(0);
  assert.equal(agent.requestType, "AUTHORIZATION_CONFIRM");
  agent.hearAuthorization();
  assert.equal(agent.state.authorization.installed[first]?.confirmation, "heard");
});

test("the same code again changes nothing, and an older one is not taken", () => {
  const agent = authorized();
  const before = agent.state.authorization;
  agent.send({ type: "authorization-imported", given: [authorizationGiven(firstUdi, 1, [exported])] });
  assert.deepEqual(agent.state.authorization, before);
  ask(agent, [enforced]);
  agent.answerAuthorization();
  agent.send({ type: "authorization-imported", given: [authorizationGiven(firstUdi, 1, [exported])] });
  assert.equal(agent.state.authorization.installed[first]?.sequence, 2);
});

test("a file with all that is asked for ends the request", () => {
  const agent = DrivenAgent.booted();
  ask(agent, [exported, enforced]);
  agent.send({ type: "authorization-imported", given: [authorizationGiven(firstUdi, 1, [exported])] });
  assert.notEqual(agent.state.authorization.attempt, null);
  agent.send({ type: "authorization-imported", given: [authorizationGiven(firstUdi, 2, [exported, enforced])] });
  assert.equal(agent.state.authorization.attempt, null);
});

test("in a stack the active device's code counts; a member that comes back still has its own", () => {
  const [active, standby] = [
    { udi: firstUdi, role: "Active" },
    { udi: secondUdi, role: "Standby" },
  ] as const;
  const agent = DrivenAgent.trusted({ members: [active, standby] });
  agent.use(advantageTag, 1, "export");
  ask(agent);
  agent.answerAuthorization();
  const isCovered = () => isAuthorized(agent.state, exported);
  assert.ok(isCovered());
  agent.send({ type: "members-changed", members: [{ udi: secondUdi, role: "Active" }] });
  assert.ok(!isCovered());
  agent.send({ type: "members-changed", members: [active, standby] });
  assert.ok(isCovered());
  assert.ok(!isAuthorized(agent.state, { ...exported, count: 2 }));
  assert.ok(isAuthorized(agent.state, { ...exported, licenseClass: "perpetual", count: 9 }));
});

test("to give back what is not there, or online without transport, is refused and changes nothing", () => {
  const agent = DrivenAgent.trusted();
  giveBack(agent);
  assert.deepEqual(
    agent.notices("request-refused").map(({ request, code }) => [request, code]),
    [["authorization", "authorization_missing"]],
  );
  const other = authorized();
  other.send({ type: "configured", change: { transport: "off" } });
  giveBack(other);
  assert.equal(other.notices("request-refused").at(-1)?.code, "transport_off");
  assert.notEqual(other.state.authorization.installed[first], undefined);
});
