import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { scheduleOf } from "./schedule.ts";
import { closedStatusCounts, DrivenAgent } from "./test-support/driven-agent.ts";
import { type Action, act, action } from "./test-support/random-life.ts";

const life = fc.array(action, { maxLength: 60 });
const runs = { numRuns: 200 };

const exchangeEffects = ["establish-trust", "sync-trust", "push-usage", "poll-result", "say-hello"];

/** Lives through the actions and looks at the agent after each of them. */
function live(actions: readonly Action[], look: (agent: DrivenAgent, what: Action) => void): DrivenAgent {
  const agent = DrivenAgent.booted();
  for (const what of actions) {
    act(agent, what);
    look(agent, what);
  }
  return agent;
}

test("after every step one wake-up stands, last among the effects and never in the past", () => {
  fc.assert(
    fc.property(life, (actions) => {
      const agent = DrivenAgent.booted();
      agent.watch = (effects, now) => {
        assert.equal(effects.filter(({ type }) => type === "wake-at").length, 1);
        const last = effects.at(-1);
        assert.ok(
          last?.type === "wake-at" && last.atMs >= now && last.atMs <= now + 900_000,
          `wakes at ${JSON.stringify(last)}, now ${now}`,
        );
      };
      for (const what of actions) act(agent, what);
    }),
    runs,
  );
});

test("at most one exchange is begun in a step, only when none is under way, and no two have the same number", () => {
  fc.assert(
    fc.property(life, (actions) => {
      const agent = DrivenAgent.booted();
      const numbers = new Set<number>();
      agent.watch = (effects) => {
        const begun = effects.flatMap((effect) => ("exchangeId" in effect ? [effect.exchangeId] : []));
        assert.ok(begun.length <= 1);
        for (const number of begun) {
          assert.ok(!numbers.has(number));
          assert.equal(agent.exchangeId, number);
          numbers.add(number);
        }
        assert.ok(effects.every(({ type }) => !exchangeEffects.includes(type) || agent.requestType !== null));
      };
      for (const what of actions) act(agent, what);
    }),
    runs,
  );
});

test("the state is plain data: it survives being written as JSON, and is small", () => {
  fc.assert(
    fc.property(life, (actions) => {
      const { state } = live(actions, () => undefined);
      const text = JSON.stringify(state);
      assert.deepEqual(JSON.parse(text), state);
      assert.ok(text.length < 20_000);
    }),
    runs,
  );
});

test("counts of reports by standing are exactly those of the store, by difference alone", () => {
  fc.assert(
    fc.property(life, (actions) => {
      live(actions, (agent) => {
        const { open, closed, pending, unacknowledged, refused } = agent.state.reporting.counts;
        assert.deepEqual({ closed, pending, unacknowledged, refused }, closedStatusCounts(agent));
        const opened = Object.values(agent.state.metering.usages).filter((usage) => usage.openReport !== null);
        assert.equal(open, opened.length);
      });
    }),
    runs,
  );
});

test("report ids only grow, each report is closed once, and nothing is measured after it was closed", () => {
  fc.assert(
    fc.property(life, (actions) => {
      const agent = DrivenAgent.booted();
      const closed = new Set<number>();
      let next = agent.state.metering.nextReportId;
      agent.watch = (effects) => {
        for (const effect of effects) {
          if (effect.type === "measure") {
            assert.ok(!closed.has(effect.reportId));
            assert.ok(effect.endSeconds >= effect.startSeconds);
          }
          if (effect.type === "close-report") {
            assert.ok(!closed.has(effect.reportId));
            closed.add(effect.reportId);
          }
        }
        assert.ok(agent.state.metering.nextReportId >= next);
        next = agent.state.metering.nextReportId;
      };
      for (const what of actions) act(agent, what);
      const open = Object.values(agent.state.metering.usages).flatMap(({ openReport }) =>
        openReport === null ? [] : [openReport.reportId],
      );
      assert.equal(new Set(open).size, open.length);
    }),
    runs,
  );
});

/** Adds up count times seconds between steps, knowing nothing of reports. */
class NaiveMeter {
  readonly counts = new Map<number, number>();
  total = 0;
  steppedAtMs: number;

  constructor(agent: DrivenAgent) {
    this.steppedAtMs = agent.now;
    agent.watch = (_effects, now, { type }) => {
      // A jump of the clock is no time, and while the agent was down nobody knows.
      const ranSeconds = type === "clock-changed" || type === "booted" ? 0 : (now - this.steppedAtMs) / 1000;
      for (const count of this.counts.values()) this.total += count * ranSeconds;
      this.steppedAtMs = now;
    };
  }
}

function measured(agent: DrivenAgent, untilMs: number): number {
  let sum = 0;
  for (const { startSeconds, endSeconds, count } of agent.all("measure")) sum += count * (endSeconds - startSeconds);
  for (const { openReport } of Object.values(agent.state.metering.usages)) {
    if (openReport !== null) sum += openReport.runningCount * (untilMs / 1000 - openReport.runningSinceSeconds);
  }
  return sum;
}

test("no second of usage is lost or counted twice, whatever happens: the measurements add up to what a naive meter saw", () => {
  fc.assert(
    fc.property(life, (actions) => {
      const agent = DrivenAgent.booted();
      const meter = new NaiveMeter(agent);
      for (const what of actions) {
        // The clock jumps from where the machine last was, so that the jump holds no usage.
        if (what.do === "clock") agent.send({ type: "timer" });
        act(agent, what);
        if (what.do === "use") meter.counts.set(what.tag, what.count);
        if (what.do === "reset" && what.what === "all") {
          // What was measured so far is deleted with the reports; the counts go on.
          agent.effects = [];
          meter.total = 0;
        }
        assert.equal(measured(agent, meter.steppedAtMs), meter.total);
      }
      const counts = Object.values(agent.state.metering.usages).map(({ count }) => count);
      assert.deepEqual(counts.filter(Boolean).sort(), [...meter.counts.values()].filter(Boolean).sort());
    }),
    runs,
  );
});

test("[I10] the policy version never goes back, unless policy or identity were given up on purpose", () => {
  fc.assert(
    fc.property(life, (actions) => {
      let version = 0;
      live(actions, (agent, what) => {
        const { policy_version: current } = agent.state.policy.inForce;
        if (what.do === "reset" || what.do === "answer" || what.do === "members") version = Math.min(version, current);
        assert.ok(current >= version);
        version = current;
      });
    }),
    runs,
  );
});

test("nothing that is due stays undone: while the way is open, a plan in the past is being carried out", () => {
  fc.assert(
    fc.property(life, (actions) => {
      live(actions, (agent) => {
        const { nextPushAtMs, nextTrustSyncAtMs, nextTrustAttemptAtMs, nextPollAtMs } = scheduleOf(
          agent.state,
          agent.now,
        );
        if (agent.requestType !== null || agent.state.configuration.transport === "off") return;
        for (const atMs of [nextPushAtMs, nextTrustSyncAtMs, nextTrustAttemptAtMs, nextPollAtMs]) {
          // Time may have moved up to the next wake-up since the last step.
          assert.ok(atMs === null || atMs >= Math.min(agent.now, agent.wakeAtMs), `${atMs} is before ${agent.now}`);
        }
      });
    }),
    runs,
  );
});

test("every change of standing that happens is documented in the table of transitions", () => {
  fc.assert(
    fc.property(life, (actions) => {
      const agent = live(actions, () => undefined);
      for (const { row, ...change } of agent.observed) assert.notEqual(row, undefined, JSON.stringify(change));
    }),
    runs,
  );
});
