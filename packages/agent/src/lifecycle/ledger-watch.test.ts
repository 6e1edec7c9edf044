import assert from "node:assert/strict";
import { test } from "node:test";
import {
  appendLeaves,
  consistencyRanges,
  emptyTree,
  hexOfHash,
  type LeafRange,
  leafHash,
  rootOf,
  type TreeHead,
} from "@countersign/protocol";
import { ledgersKeptMax } from "./ledger-watch.ts";
import { advantageTag, contact, DrivenAgent, minuteMs, received } from "./test-support/driven-agent.ts";

const ledgerId = "00000000-0000-4000-8000-0000000000d1";
const leaves = Array.from({ length: 40 }, (_, at) => leafHash(Buffer.from(`leaf ${at}`)));
const rootOfRange = ({ start, end }: LeafRange) => hexOfHash(rootOf(appendLeaves(emptyTree, leaves.slice(start, end))));
const headOf = (size: number, ledger = ledgerId): TreeHead => ({
  ledger_id: ledger,
  size,
  root_sha256: rootOfRange({ start: 0, end: size }),
});
const proofOf = (from: number, to: number) => consistencyRanges(from, to).map(rootOfRange);
const listening = { ...contact, peer: { ...contact.peer, capabilities: ["POLICY_USAGE", "LEDGER"] } };

/** An agent that knows the ledger with eleven leaves, with a push under way that names them. */
function pushing(): DrivenAgent {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  answer(agent, { treeHead: headOf(11), sequence: 1 });
  agent.use(advantageTag, 2);
  agent.send({ type: "sync-requested", scope: "all" });
  agent.advance(minuteMs);
  if (agent.requestType === "TRUST_SYNC") agent.answerTrust([]);
  agent.advance(minuteMs);
  assert.equal(agent.requestType, "LICENSE_USAGE");
  agent.effects = [];
  return agent;
}

function answer(agent: DrivenAgent, more: Parameters<typeof received>[1]): void {
  const { exchangeId } = agent;
  agent.send({ type: "usage-acknowledged", exchangeId, contact: listening, ...received(agent.handOut(), more) });
}

function untilPush(agent: DrivenAgent): void {
  for (let minutes = 0; agent.requestType !== "LICENSE_USAGE"; minutes += 1) {
    assert.ok(minutes < 24 * 60, "no push within a day");
    agent.advance(minuteMs);
  }
}

const eventNames = (agent: DrivenAgent) => agent.all("record-event").map(({ name }) => name);
const mnemonics = (agent: DrivenAgent) => agent.all("log").map(({ line }) => line.mnemonic);
const heads = (agent: DrivenAgent) => agent.state.reporting.ledger.heads;

test("[BET-22] the newest head that was verified is kept", () => {
  const agent = pushing();
  answer(agent, { sequence: 2, treeHead: headOf(30), ledger: { named: headOf(11), proof: proofOf(11, 30) } });
  assert.deepEqual(heads(agent), [headOf(30)]);
  assert.equal(agent.held.length, 0);
  assert.ok(!eventNames(agent).some((name) => name.startsWith("SAEVT_LEDGER")));
});

for (const [what, treeHead, proof] of [
  ["smaller", headOf(10), proofOf(10, 11)],
  ["of equal size with another root", { ...headOf(11), root_sha256: "c".repeat(64) }, []],
  ["larger with a proof that fails", headOf(30), proofOf(10, 30)],
  ["larger without the proof that was asked for", headOf(30), null],
] as const) {
  test(`[I7] [BET-22] a head that is ${what} is rewritten history: nothing is deleted, and everybody is told`, () => {
    const agent = pushing();
    const held = agent.handOut().length;
    assert.ok(held > 0);
    answer(agent, { sequence: 2, treeHead, ledger: { named: headOf(11), proof } });
    assert.equal(agent.held.length, held);
    assert.equal(agent.all("delete-reports").length, 0);
    assert.equal(agent.state.reporting.lastAckSequence, 1);
    assert.deepEqual(heads(agent), [headOf(11)]);
    assert.ok(eventNames(agent).includes("SAEVT_LEDGER_REWRITTEN"));
    assert.ok(mnemonics(agent).includes("LEDGER_REWRITTEN"));
    const notice = agent.all("notify").find(({ notice: { type } }) => type === "ledger-rewritten")?.notice;
    assert.deepEqual(notice, { type: "ledger-rewritten", kept: headOf(11), offered: treeHead });
    const { refused } = agent.state.reporting.ledger;
    assert.deepEqual([refused?.kept, refused?.offered, refused?.isTold], [headOf(11), treeHead, false]);
    assert.equal(agent.state.reporting.nextPushRule, "retry");
  });
}

test("the manager is told once, by the push after the refusal; then its ledger may go on", () => {
  const agent = pushing();
  const rewritten = { sequence: 2, treeHead: headOf(10), ledger: { named: headOf(11), proof: null } };
  answer(agent, rewritten);
  const { sinceMs } = agent.state.reporting.ledger.refused ?? assert.fail("nothing was refused");
  untilPush(agent);
  answer(agent, rewritten);
  const refused = agent.state.reporting.ledger.refused;
  assert.deepEqual([refused?.isTold, refused?.sinceMs], [true, sinceMs]);
  untilPush(agent);
  answer(agent, { sequence: 2, treeHead: headOf(12), ledger: { named: headOf(11), proof: proofOf(11, 12) } });
  assert.deepEqual([agent.state.reporting.ledger.refused, heads(agent)], [null, [headOf(12)]]);
  assert.ok(eventNames(agent).includes("SAEVT_LEDGER_CONSISTENT"));
  assert.equal(agent.held.length, 0);
});

test("a manager that does not hear of ledgers has not been told", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.send({ type: "acknowledgement-imported", ...received([], { treeHead: headOf(11) }) });
  agent.acknowledge(agent.handOut(), { sequence: 2, treeHead: headOf(10) });
  untilPush(agent);
  agent.acknowledge(agent.handOut(), { sequence: 2, treeHead: headOf(10) });
  assert.equal(agent.state.reporting.ledger.refused?.isTold, false);
});

test("a restored manager's new ledger is taken and written down with both heads; the old one is still held against it", () => {
  const agent = pushing();
  const other = "00000000-0000-4000-8000-0000000000d2";
  answer(agent, { sequence: 2, treeHead: headOf(5, other), ledger: { named: headOf(11), proof: null } });
  assert.equal(agent.held.length, 0);
  assert.deepEqual(heads(agent), [headOf(5, other), headOf(11)]);
  const event = agent.all("record-event").find(({ name }) => name === "SAEVT_LEDGER_CHANGED");
  assert.deepEqual([event?.details.keptLedger, event?.details.offeredLedger], [ledgerId, other]);
  assert.ok(mnemonics(agent).includes("LEDGER_CHANGED"));
  agent.send({ type: "acknowledgement-imported", ...received([], { sequence: 3, treeHead: headOf(10) }) });
  assert.equal(agent.state.reporting.ledger.refused?.kept.size, 11);
});

test("a ledger that comes back larger stands with its kept head until a proof was asked for", () => {
  const agent = pushing();
  const other = "00000000-0000-4000-8000-0000000000d2";
  answer(agent, { sequence: 2, treeHead: headOf(5, other), ledger: { named: headOf(11), proof: null } });
  agent.send({ type: "acknowledgement-imported", ...received([], { sequence: 3, treeHead: headOf(30) }) });
  assert.deepEqual(heads(agent), [headOf(11), headOf(5, other)]);
});

test("a larger head that nobody proves because nobody asked is taken, written down, and not kept", () => {
  const agent = pushing();
  answer(agent, { sequence: 2, treeHead: headOf(30) });
  assert.equal(agent.held.length, 0);
  assert.deepEqual(heads(agent), [headOf(11)]);
  assert.ok(eventNames(agent).includes("SAEVT_LEDGER_UNPROVED"));
});

test("an ACK without a head leaves what is kept as it is", () => {
  const agent = pushing();
  answer(agent, { sequence: 2, treeHead: null });
  assert.deepEqual(heads(agent), [headOf(11)]);
});

test("a file with a rewritten history is refused and plans no push", () => {
  const agent = pushing();
  const { nextPushAtMs } = agent.state.reporting;
  agent.send({ type: "acknowledgement-imported", ...received(agent.held, { sequence: 2, treeHead: headOf(10) }) });
  assert.equal(agent.all("delete-reports").length, 0);
  assert.equal(agent.state.reporting.nextPushAtMs, nextPushAtMs);
  assert.notEqual(agent.state.reporting.ledger.refused, null);
});

test(`of ${ledgersKeptMax} ledgers each head is kept, of one more the oldest is let go`, () => {
  const agent = pushing();
  for (let number = 0; number < ledgersKeptMax; number += 1) {
    const other = `00000000-0000-4000-8000-0000000001${String(number).padStart(2, "0")}`;
    agent.send({
      type: "acknowledgement-imported",
      ...received([], { sequence: 2 + number, treeHead: headOf(3, other) }),
    });
    assert.equal(heads(agent).length, Math.min(number + 2, ledgersKeptMax));
  }
  assert.ok(!heads(agent).some(({ ledger_id: id }) => id === ledgerId));
  assert.equal(agent.all("record-event").filter(({ name }) => name === "SAEVT_LEDGER_CHANGED").length, ledgersKeptMax);
});
