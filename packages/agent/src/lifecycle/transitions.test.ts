import assert from "node:assert/strict";
import { test } from "node:test";
import { eventTable } from "./step.ts";
import {
  advantageTag,
  DrivenAgent,
  firstUdi,
  hourMs,
  identifier,
  minuteMs,
  received,
  secondUdi,
} from "./test-support/driven-agent.ts";
import { type Action, act } from "./test-support/random-life.ts";
import { type TransitionRow, transitions } from "./transitions.ts";

const use: Action = { do: "use", tag: 0, count: 2 };
const trust: Action = { do: "trust", force: false };
const taken = (policy = 0): Action => ({ do: "answer", share: 0, policy });
const refused: Action = { do: "answer", share: 2, policy: 0 };
const failed = (how = 0): Action => ({ do: "fail", how });
const wait = (seconds: number): Action => ({ do: "wait", seconds });
const close = (file = false): Action => ({ do: "close", file });
const sync: Action = { do: "sync" };
const authorize: Action = { do: "authorize", replaces: false };
const giveBack = (online: boolean): Action => ({ do: "give-back", online });
const transport = (type: "smart" | "off"): Action => ({ do: "transport", type });
const reset = (what: "all" | "trust" | "policy"): Action => ({ do: "reset", what });

/** From the start to a push that is under way. */
const pushing: readonly Action[] = [use, trust, taken(), wait(120), taken(), wait(120)];

const lives: Readonly<Record<string, readonly Action[]>> = {
  "acknowledged at once, a newer policy, renewal, reset": [
    ...pushing,
    taken(1),
    sync,
    taken(2),
    taken(3),
    { do: "trust", force: true },
    taken(4),
    reset("all"),
  ],
  "a poll that brings the ACK": [...pushing, { do: "put-off", seconds: 60, polls: true }, wait(60), taken()],
  "refused, then sent again": [...pushing, refused, sync, taken(), taken()],
  "an outage, and the transport off meanwhile": [...pushing, failed(), transport("off"), transport("smart"), taken()],
  "off and on again while all is well": [transport("off"), transport("smart")],
  "a token that is refused, and a reset": [trust, failed(4), reset("trust")],
  "the manager loses the instance and knows it again": [...pushing, failed(2), taken()],
  "reports by file": [use, wait(60), close(true), { do: "import", sequence: 1, policy: 3 }],
  "a file that the manager refuses over the network": [
    use,
    wait(60),
    close(true),
    trust,
    taken(),
    wait(120),
    taken(),
    wait(120),
    refused,
  ],
  "a report that was sent and is then written into a file": [
    ...pushing,
    failed(),
    { do: "answer", share: 0, policy: 0 },
    wait(60),
    failed(),
    close(true),
  ],
  "a code that is installed, confirmed, replaced, and given back": [
    ...[trust, taken(), wait(120), taken(), authorize, taken(), taken()],
    ...[{ do: "authorize", replaces: true } as const, taken(), giveBack(true), taken()],
    ...[authorize, taken(), taken(), giveBack(true), reset("all")],
  ],
  "a code that the manager refuses, and one that is given up before an answer": [
    ...[trust, taken(), wait(120), taken(), authorize, failed(4), authorize, reset("all")],
  ],
  "a code that is installed on another device": [
    ...[{ do: "members", set: 1 } as const, trust, taken(), wait(120), taken(), authorize, taken(), taken()],
    ...[{ do: "members", set: 0 } as const, giveBack(false), { do: "members", set: 2 } as const],
    ...[{ do: "members", set: 0 } as const],
  ],
  "the store merges and loses reports": [
    use,
    wait(4000),
    close(),
    wait(4000),
    close(),
    { do: "store", merges: true },
    { do: "store", merges: false },
  ],
};

function seenRows(): ReadonlySet<TransitionRow> {
  const agents = Object.values(lives).map((actions) => {
    const agent = DrivenAgent.booted();
    for (const what of actions) act(agent, what);
    return agent;
  });
  agents.push(refusedThenTaken(), sentThenWritten(), rewrittenThenConsistent(), lateCryptography());
  const observed = agents.flatMap((agent) => agent.observed);
  for (const { row, ...change } of observed)
    assert.notEqual(row, undefined, `not in the table: ${JSON.stringify(change)}`);
  return new Set(observed.flatMap(({ row }) => (row === undefined ? [] : [row])));
}

/** The manager refuses a report and its administrator settles it; the ACK comes by file. */
function refusedThenTaken(): DrivenAgent {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.acknowledge([], { refused: agent.handOut() });
  agent.send({ type: "acknowledgement-imported", ...received(agent.held, { sequence: 2 }) });
  return agent;
}

function lateCryptography(): DrivenAgent {
  const agent = DrivenAgent.trusted();
  agent.send({ type: "booted", reason: "reload", cryptographyRefusal: "key-1 cannot be read (EIO)" });
  agent.advance(minuteMs);
  agent.send({ type: "cryptography-tried", refusal: null });
  return agent;
}

function sentThenWritten(): DrivenAgent {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.handOut();
  agent.send({ type: "usage-file-written", reports: agent.held });
  return agent;
}

function rewrittenThenConsistent(): DrivenAgent {
  const agent = DrivenAgent.trusted();
  const headOf = (size: number) => ({ ledger_id: identifier, size, root_sha256: "a".repeat(64) });
  agent.send({ type: "acknowledgement-imported", ...received([], { treeHead: headOf(5) }) });
  for (const size of [4, 5])
    agent.send({ type: "acknowledgement-imported", ...received([], { sequence: 2, treeHead: headOf(size) }) });
  return agent;
}

test("every documented transition happens, and nothing happens that is not documented", () => {
  const seen = seenRows();
  const missing = transitions.filter((row) => !seen.has(row)).map(({ thing, from, to }) => `${thing}: ${from} → ${to}`);
  assert.deepEqual(missing, []);
});

test("every event has a row that says what it does", () => {
  for (const [name, { does }] of Object.entries(eventTable)) assert.match(does, /^[A-Z].+\.$/, name);
});

test("an event of an agent that never booted starts nothing", () => {
  const agent = new DrivenAgent({ members: [{ udi: firstUdi, role: "Active" }] });
  agent.use(advantageTag, 1);
  agent.send({ type: "trust-requested", token: "token", scope: "all", force: false });
  agent.send({ type: "members-changed", members: [{ udi: secondUdi, role: "Active" }] });
  agent.now += hourMs;
  agent.send({ type: "timer" });
  assert.equal(agent.requestType, null);
});
