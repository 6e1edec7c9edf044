import assert from "node:assert/strict";
import { test } from "node:test";
import { collectDefaultMetrics, Registry } from "prom-client";
import { createMetrics } from "./metrics.ts";

const sources = {
  requestsInFlight: () => 0,
  requestBytesInFlight: () => 0,
  requestBytesReceived: () => 0,
  reportsWaiting: () => 0,
};

/** Name, type and description of each figure of the process. */
function described(text: string): readonly string[] {
  return text.split("\n").filter((line) => /^# \w+ countersign_(process|nodejs)_/.test(line));
}

function secondsIn(text: string, kind: string): number {
  const [, seconds] = new RegExp(`^countersign_process_cpu_${kind}seconds_total (\\S+)$`, "m").exec(text) ?? [];
  return Number(seconds);
}

test("the process is described as the library would describe it, without all of the library", async () => {
  const whole = new Registry();
  collectDefaultMetrics({ register: whole, prefix: "countersign_" });
  const { contentType, text } = await createMetrics(sources).render();
  assert.equal(contentType, whole.contentType);
  assert.deepEqual(described(text).toSorted(), described(await whole.metrics()).toSorted());
});

test("processor time is what was used since the start, and grows", async () => {
  const metrics = createMetrics(sources);
  const first = (await metrics.render()).text;
  const startedAt = process.cpuUsage();
  while (process.cpuUsage(startedAt).user < 50_000);
  const second = (await metrics.render()).text;
  for (const kind of ["user_", ""])
    assert.ok(secondsIn(second, kind) >= secondsIn(first, kind) + 0.05, `${kind}: ${secondsIn(first, kind)}`);
  const parts = secondsIn(second, "user_") + secondsIn(second, "system_");
  assert.ok(secondsIn(second, "") >= parts - 1e-6);
});
