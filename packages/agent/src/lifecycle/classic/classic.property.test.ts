// Whatever happens to a device in the classic model, in whatever order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatUdi } from "@countersign/protocol";
import fc from "fast-check";
import { ClassicAgent } from "../test-support/classic-agent.ts";
import {
  advantageTag,
  type DrivenAgent,
  dayMs,
  essentialsTag,
  firstUdi,
  secondUdi,
} from "../test-support/driven-agent.ts";
import { evaluationMs } from "./classic-state.ts";

const seconds = fc.oneof(fc.integer({ min: 0, max: 7_200 }), fc.integer({ min: 0, max: 120 * 86_400 }));
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("advance" as const), seconds }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("answer" as const), shortfall: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("fail" as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("refuse" as const),
      code: fc.constantFrom(
        "identity_not_valid",
        "signature_mismatch",
        "already_registered",
        "overloaded",
        "key_revoked",
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("register" as const), force: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("use" as const),
      tag: fc.constantFrom(advantageTag, essentialsTag),
      count: fc.nat(3),
    }),
  },
  fc.record({ do: fc.constant("renew" as const), what: fc.constantFrom("id" as const, "authorization" as const) }),
  fc.record({ do: fc.constant("deregister" as const) }),
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("convert" as const), both: fc.boolean(), stops: fc.boolean() }),
  },
  fc.record({
    do: fc.constant("reboot" as const),
    seconds,
    reason: fc.constantFrom("reload" as const, "restart" as const),
  }),
  fc.record({ do: fc.constant("clock" as const), delta: fc.integer({ min: -200 * 86_400, max: 200 * 86_400 }) }),
  fc.record({ do: fc.constant("members" as const), which: fc.nat(3) }),
  fc.record({ do: fc.constant("reset" as const), what: fc.constantFrom("all" as const, "trust" as const) }),
  fc.record({
    do: fc.constant("transport" as const),
    transport: fc.constantFrom("off" as const, "smart" as const, "callhome" as const),
  }),
  fc.record({ do: fc.constant("upgrade" as const), model: fc.constantFrom("policy" as const, "classic" as const) }),
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

const constellations = [
  [{ udi: firstUdi, role: "Active" }],
  [
    { udi: firstUdi, role: "Active" },
    { udi: secondUdi, role: "Standby" },
  ],
  [
    { udi: firstUdi, role: "Standby" },
    { udi: secondUdi, role: "Active" },
  ],
  [{ udi: secondUdi, role: "Active" }],
] as const;

let serial = 0;

function act(agent: ClassicAgent, given: Action): void {
  switch (given.do) {
    case "advance":
      agent.advance(given.seconds * 1000);
      break;
    case "answer":
      answer(agent, given.shortfall);
      break;
    case "fail":
      agent.fail();
      break;
    case "refuse":
      agent.fail({ stage: "refused", code: given.code, message: given.code });
      break;
    case "register":
      agent.register(given.force);
      break;
    case "use":
      agent.use(given.tag, given.count);
      break;
    case "renew":
      agent.send({ type: "renewal-requested", what: given.what });
      break;
    case "convert":
      if (given.stops) agent.send({ type: "conversion-stopped" });
      else agent.convert(...(given.both ? [firstUdi, secondUdi] : [firstUdi]));
      break;
    case "deregister":
      agent.send({ type: "deregistration-requested" });
      break;
    case "reboot":
      agent.now += given.seconds * 1000;
      agent.send({ type: "booted", reason: given.reason });
      break;
    case "clock":
      agent.now = Math.max(0, agent.now + given.delta * 1000);
      agent.send({ type: "clock-changed", deltaSeconds: given.delta });
      break;
    case "members":
      agent.send({ type: "members-changed", members: constellations[given.which] ?? constellations[0] });
      break;
    case "reset":
      agent.send({ type: "factory-reset-requested", what: given.what });
      break;
    case "transport":
      agent.send({ type: "configured", change: { transport: given.transport } });
      break;
    case "upgrade":
      agent.send({ type: "software-upgraded", softwareVersion: given.model, licensingModel: given.model });
      break;
    default:
      given satisfies never;
  }
}

function answer(agent: ClassicAgent, shortfall: number): void {
  switch (agent.requestType) {
    case "REGISTER":
    case "RENEW_ID":
      serial += 1;
      agent.answerRegistration(String(serial));
      break;
    case "AUTHORIZE":
      agent.answerAuthorize({ [advantageTag]: shortfall });
      break;
    case "CONVERSION":
      agent.answerConversion([null, "conversion_not_allowed", "conversion_done_elsewhere"][shortfall]);
      break;
    case "DEREGISTER":
      agent.answerDeregistration();
      break;
    case "TRUST_SYNC":
    case "ID_TOKEN_TRUST":
      agent.answerTrust();
      break;
    // Nothing is under way, or what the policy model asks for after an upgrade.
    default:
  }
}

const life = fc.array(action, { maxLength: 40 });
const runs = { numRuns: 50 };

function live(actions: readonly Action[], look: (agent: ClassicAgent) => void): ClassicAgent {
  const agent = ClassicAgent.fresh({ members: constellations[1] });
  for (const one of actions) {
    act(agent, one);
    look(agent);
  }
  return agent;
}

test("[CLS-5] [CLS-8] what was used of the evaluation period is never given back, and is never more than what has passed", () => {
  fc.assert(
    fc.property(life, (actions) => {
      const agent = ClassicAgent.fresh();
      let used = 0;
      let passed = 0;
      for (const one of actions) {
        const { now } = agent;
        act(agent, one);
        if (one.do === "advance") passed += agent.now - now;
        const { usedMs } = agent.classic.evaluation;
        assert.ok(usedMs >= used && usedMs <= Math.min(passed, evaluationMs), `${usedMs} of ${passed}`);
        used = usedMs;
      }
    }),
    runs,
  );
});

test("one exchange at a time, woken for what comes and never in a circle, nothing due is left after a step, and the state stays plain and small", () => {
  fc.assert(
    fc.property(life, (actions) => {
      const { state } = live(actions, (agent) => {
        assert.ok(agent.wakeAtMs >= agent.now);
        const isSilent = agent.requestType === null;
        const timer = agent.send({ type: "timer" });
        assert.ok(!isSilent || !timer.some((effect) => "exchangeId" in effect));
      });
      const text = JSON.stringify(state);
      assert.deepEqual(JSON.parse(text), state);
      assert.ok(text.length < 20_000);
    }),
    runs,
  );
});

test("no key that speaks for the device, or is asked for, is ever deleted; none that serves nothing is kept", () => {
  fc.assert(
    fc.property(life, (actions) => {
      const made = new Set<string>();
      const agent = ClassicAgent.fresh({ members: constellations[1] });
      agent.watch = (effects) => {
        for (const effect of effects) {
          if ("devices" in effect) for (const { keyId } of effect.devices) made.add(keyId);
          if (effect.type === "delete-keys") for (const keyId of effect.keyIds) made.delete(keyId);
        }
        for (const keyId of speaking(agent)) assert.ok(made.has(keyId), `${keyId} of ${[...made].join()}`);
      };
      for (const one of actions) act(agent, one);
      const useful = new Set(inMind(agent));
      for (const keyId of made) assert.ok(useful.has(keyId), `${keyId} is not in ${[...useful].join()}`);
    }),
    runs,
  );
});

function speaking({ state }: DrivenAgent): readonly string[] {
  return Object.values(state.trust.members).flatMap((one) => (one.status === "installed" ? [one.keyId] : []));
}

function inMind({ state }: DrivenAgent): readonly string[] {
  const { registration } = state.classic ?? {};
  return [
    ...Object.values(state.trust.members).flatMap((one) => (one.status === "none" ? [] : [one.keyId])),
    ...Object.values(state.trust.attempt?.keys ?? {}),
    ...Object.values(registration?.attempt?.keys ?? {}),
    ...Object.values(registration?.renewalKeys ?? {}),
    ...Object.values(registration?.previous ?? {}).map(({ keyId }) => keyId),
  ];
}

test("[CNV-2] a device that was told that it is converted never forgets it while it is there, and never asks again", () => {
  fc.assert(
    fc.property(life, (actions) => {
      let done: readonly string[] = [];
      const agent = live(actions, (at) => {
        const there = at.state.installation.members.map(({ udi }) => formatUdi(udi));
        const known = at.classic.conversion ?? { done: {}, attempt: null };
        assert.ok(done.filter((udi) => there.includes(udi)).every((udi) => udi in known.done));
        assert.ok(Object.keys(known.attempt?.licenses ?? {}).every((udi) => !(udi in known.done)));
        done = Object.keys(known.done);
      });
      agent.effects = [];
      agent.advance(2 * dayMs);
      for (const effect of agent.effects)
        if (effect.type === "convert") assert.ok(effect.converting.every(({ udi }) => !done.includes(formatUdi(udi))));
    }),
    runs,
  );
});

test("a device that is answered again comes to rest registered and authorized, whatever went before", () => {
  fc.assert(
    fc.property(life, (actions) => {
      const agent = live(actions, () => undefined);
      agent.send({ type: "software-upgraded", softwareVersion: "16.12.4", licensingModel: "classic" });
      agent.send({ type: "configured", change: { transport: "smart" } });
      for (let round = 0; round < 6 && agent.requestType !== null; round += 1) answer(agent, 0);
      agent.register(true);
      for (let round = 0; round < 6 && agent.requestType !== null; round += 1) answer(agent, 0);
      agent.advance(2_000);
      if (agent.requestType !== null) answer(agent, 0);
      assert.equal(agent.classic.authorization.standing, "authorized");
      assert.ok(agent.wakeAtMs > agent.now);
      assert.ok((agent.classic.authorization.nextAtMs ?? 0) <= agent.now + 30 * dayMs);
    }),
    runs,
  );
});
