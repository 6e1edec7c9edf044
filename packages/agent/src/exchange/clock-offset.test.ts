import assert from "node:assert/strict";
import { test } from "node:test";
import { startScene, token } from "../test-support/start-agent.ts";
import { describeClockOffset } from "./clock-offset.ts";

const managerTimeMs = Date.UTC(2031, 0, 24, 12);
const minuteMs = 60_000;

test("an offset is told by its two largest units and its direction, with tolerance and repair", () => {
  const cases: readonly (readonly [offsetMs: number, words: string])[] = [
    [-(3 * 60 + 5) * minuteMs, "3 hours 5 minutes behind"],
    [61 * minuteMs + 4_000, "1 hour 1 minute ahead of"],
    [-(400 * 1440 + 1) * minuteMs, "400 days 1 minute behind"],
    [0, "less than a second ahead of"],
  ];
  for (const [offsetMs, words] of cases) {
    assert.equal(
      describeClockOffset(managerTimeMs + offsetMs, managerTimeMs),
      `The device's clock is ${words} the manager's, which tolerates 1 hour. ` +
        'Set it with "clock set" and "clock calendar-valid", or let NTP set it.',
    );
  }
});

test("[BET-29] a refused clock is told in words on the console, and raw in the history", async (t) => {
  const { agent, manager, log, pass } = await startScene(t);
  const raw = `{"timestamp":["The device date '1' is offset beyond the allowed tolerance limit."]}`;
  manager.mode = "refuse";
  manager.refusal = { code: "clock_offset", message: raw, remedy: "Set the clock." };
  manager.aheadMs = 5 * 60 * minuteMs;
  await agent.trust(token);
  await pass(minuteMs / 2);
  const words = /The device's clock is 5 hours behind the manager's, which tolerates 1 hour\./;
  assert.match(agent.state().communication.statistics.trust_establishment.lastFailure?.message ?? "", words);
  assert.ok(log.some((line) => line.startsWith("%SMART_LIC-3-TRUST") && words.test(line)));
  const [entry] = (await agent.history()).trust_establishment;
  assert.ok(entry?.response.includes("offset beyond the allowed tolerance limit"));
});
