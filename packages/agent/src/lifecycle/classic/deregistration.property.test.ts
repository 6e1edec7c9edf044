// Deregistration at any moment, on a way that loses messages and answers, against a manager that keeps nothing but the key it
// lists the device under.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ClassicAgent } from "../test-support/classic-agent.ts";
import { contact, firstUdi } from "../test-support/driven-agent.ts";
import { registeredSpeaker } from "./classic-state.ts";

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("register" as const), force: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("deregister" as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("answer" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("lose answer" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lose message" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("put off" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("advance" as const), seconds: fc.integer({ min: 1, max: 7_200 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

class Life {
  readonly agent = ClassicAgent.fresh({ members: [{ udi: firstUdi, role: "Active" }] });
  /** What the manager lists the device under; null while it does not. */
  listed: string | null = null;
  #heardExchange = 0;
  #answer: (() => void) | null = null;
  #serial = 0;

  act(what: Step): void {
    const { agent } = this;
    // What is under way has reached the manager at the worst moment: before whatever comes next.
    if (what.do !== "lose message" && what.do !== "put off") this.#hear();
    switch (what.do) {
      case "register":
        agent.register(what.force);
        break;
      case "deregister":
        agent.send({ type: "deregistration-requested" });
        break;
      case "answer":
        this.#answer?.();
        break;
      case "lose answer":
        if (agent.requestType !== null) agent.fail();
        break;
      case "lose message":
        if (agent.requestType !== null && this.#heardExchange !== agent.exchangeId) agent.fail({ stage: "name" });
        break;
      case "put off":
        if (agent.requestType !== null && this.#heardExchange !== agent.exchangeId)
          agent.send({ type: "try-again", exchangeId: agent.exchangeId, contact, afterSeconds: 60 });
        break;
      case "advance":
        agent.advance(what.seconds * 1000);
        break;
      case "restart":
        agent.send({ type: "booted", reason: "restart" });
        break;
      default:
        what satisfies never;
    }
  }

  /** The manager does what it is asked, once for each message; what it says waits to be delivered. */
  #hear(): void {
    const { agent } = this;
    if (agent.requestType === null || this.#heardExchange === agent.exchangeId) return;
    this.#heardExchange = agent.exchangeId;
    this.#answer = this.#decide();
  }

  #decide(): () => void {
    const { agent } = this;
    const { exchangeId } = agent;
    const ifStill = (answer: () => void) => () => {
      if (agent.requestType !== null && agent.exchangeId === exchangeId) answer();
    };
    const own = registeredSpeaker(agent.state)?.keyId ?? null;
    if (agent.requestType === "REGISTER") {
      const asked = agent.effects.findLast((effect) => effect.type === "register");
      const key = asked?.devices[0]?.keyId ?? "";
      if (this.listed !== null && this.listed !== key && asked?.force !== true)
        return ifStill(() => agent.refuse("already_registered"));
      this.listed = key;
      this.#serial += 1;
      return ifStill(() => agent.answerRegistration(String(this.#serial)));
    }
    if (own === null || own !== this.listed) return ifStill(() => agent.refuse("identity_not_valid"));
    if (agent.requestType !== "DEREGISTER") return ifStill(() => agent.answerAuthorize());
    this.listed = null;
    return ifStill(() => agent.answerDeregistration());
  }
}

const saysDeregistered = (line: string) => line.includes("AGENT_DEREG_SUCCESS");
const saysPerhapsListed = (line: string) => line.includes("AGENT_DEREG_FAILED");

/** Every moment at which the device has said that it is deregistered or has given a registration up, and whether it is true. */
function live(steps: readonly Step[]): void {
  const life = new Life();
  for (const one of steps) {
    const [saidBefore, eventsBefore] = [life.agent.syslog.length, life.agent.events.length];
    life.act(one);
    const said = life.agent.syslog.slice(saidBefore);
    const gaveUp = life.agent.events.slice(eventsBefore).includes("SAEVT_REGISTER_CANCEL");
    if (said.some(saysDeregistered) || gaveUp)
      assert.equal(life.listed, null, `${one.do}: still listed as ${life.listed}`);
    // The log has told a person to remove the product instance there.
    if (said.some(saysPerhapsListed)) life.listed = null;
  }
}

test("whatever is lost and whenever it is asked for, a device that says that it is deregistered is not listed by its manager any more", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => live(steps)),
    { numRuns: 400 },
  );
});

test("deregistration waits for a registration under way: its answer is taken and given back, and the next one needs no force", () => {
  const life = new Life();
  const { agent } = life;
  life.act({ do: "register", force: false });
  life.act({ do: "deregister" });
  assert.equal(agent.requestType, "REGISTER");
  life.act({ do: "answer" });
  assert.equal(agent.requestType, "DEREGISTER");
  life.act({ do: "answer" });
  assert.equal(life.listed, null);
  assert.ok(agent.syslog.some(saysDeregistered));
  life.act({ do: "register", force: false });
  life.act({ do: "answer" });
  assert.ok(registeredSpeaker(agent.state) !== null);
});

test("whoever registers again while a deregistration waits stays registered", () => {
  const life = new Life();
  life.act({ do: "register", force: false });
  life.act({ do: "deregister" });
  life.act({ do: "register", force: false });
  life.act({ do: "answer" });
  assert.notEqual(life.agent.requestType, "DEREGISTER");
  assert.ok(registeredSpeaker(life.agent.state) !== null);
});
