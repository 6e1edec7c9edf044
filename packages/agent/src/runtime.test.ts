// What the runtime promises when the disk does not: nothing half done, nothing forgotten, no agent that cannot start.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { AgentError } from "./agent-error.ts";
import { createAgent } from "./create-agent.ts";
import { MemoryDisk } from "./storage/memory-disk.ts";
import { systemTimers } from "./system-ports.ts";
import { baseTag, exampleUrl, product } from "./test-support/example-state.ts";
import { FailingDisk } from "./test-support/failing-disk.ts";
import { startScene, token } from "./test-support/start-agent.ts";
import { temporaryDirectory } from "./test-support/temporary-directory.ts";
import { createTestAuthority } from "./test-support/test-certificates.ts";
import { TransportFailure } from "./transport-failure.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;

test("[BET-35] [I9] the key made for a trust answer that was lost survives a crash, and gets the same identity", async (t) => {
  const first = await startScene(t);
  first.manager.outage = { when: "after", error: new TransportFailure("connection_reset") };
  await first.agent.trust(token);
  await first.agent.idle();
  const [identifier] = first.manager.enrolledIdentifiers;
  first.manager.outage = null;
  const { agent, pass, manager } = await first.restart();
  await pass(10 * minuteMs);
  const [trust] = Object.values(agent.state().trust.members);
  assert.ok(trust?.status === "installed");
  assert.equal(trust.productInstanceIdentifier, identifier);
  assert.deepEqual(manager.enrolledIdentifiers, [identifier]);
});

test("a crash at the nth write, for every n until none fails, loses nothing that was confirmed, and the agent goes on to its acknowledgement", async (t) => {
  const scene = await startScene(t);
  await scene.agent.trust(token);
  await scene.agent.request(baseTag, 1);
  await scene.pass(10 * minuteMs);
  for (const isPartial of [false, true]) {
    for (let writes = 0, hasFailed = true; hasFailed; writes += 1) {
      const disk = scene.disk.copy();
      const failing = new FailingDisk(disk);
      const dying = await scene.restart({ stateDirectory: failing });
      failing.writesLeft = writes;
      failing.isPartial = isPartial;
      let confirmed = 1;
      for (const count of [2, 3]) {
        await dying.agent.request(baseTag, count).then(
          () => {
            confirmed = count;
          },
          (error: unknown) => assert.ok(error instanceof AgentError && error.code === "storage_failed", String(error)),
        );
      }
      hasFailed = failing.writesLeft === 0;
      const after = await scene.restart({ stateDirectory: disk.copy() });
      const count = after.agent.state().metering.usages[baseTag]?.count ?? 0;
      assert.ok(count >= confirmed, `${count} after ${confirmed} confirmed, write ${writes}`);
      await after.agent.sync();
      await after.pass(10 * minuteMs);
      assert.deepEqual(
        after.agent.reports().map((report) => report.status),
        ["open"],
        `write ${writes}`,
      );
      await after.agent.stop();
      failing.writesLeft = -1;
      await dying.agent.stop();
    }
  }
});

test("a disk that is full for a day stops nothing: the agent refuses what it cannot store, and heals", async (t) => {
  const memory = new MemoryDisk();
  const failing = new FailingDisk(memory);
  const { agent, log, pass } = await startScene(t, { change: { stateDirectory: failing } });
  await agent.trust(token);
  await agent.request(baseTag, 1);
  await pass(10 * minuteMs);
  failing.writesLeft = 0;
  await assert.rejects(
    agent.request(baseTag, 2),
    (error) => error instanceof AgentError && error.code === "storage_failed",
  );
  await pass(dayMs);
  assert.ok(log.some((line) => line.startsWith("%SMART_LIC-2-INTERNAL_ERROR") && line.includes("no space left")));
  failing.writesLeft = -1;
  await pass(minuteMs);
  await agent.request(baseTag, 3);
  await agent.sync();
  await pass(10 * minuteMs);
  assert.deepEqual(
    agent.reports().map((report) => report.status),
    ["open"],
  );
});

test("a damaged newest state is answered by the one before, told as an event, and no report id is used twice", async (t) => {
  const first = await startScene(t);
  await first.agent.trust(token);
  await first.agent.request(baseTag, 1);
  await first.pass(10 * minuteMs);
  await first.agent.request(baseTag, 2);
  await first.agent.sync();
  await first.agent.idle();
  const before = first.agent.state().metering.nextReportId;
  const disk = first.disk.copy();
  const slots = await Promise.all(
    ["state.0", "state.1"].map(async (name) => Buffer.from((await disk.read(name)) ?? [])),
  );
  const generation = (bytes: Buffer | undefined) => Number(bytes?.toString("latin1").split(" ")[2]);
  const newest = generation(slots[0]) > generation(slots[1]) ? "state.0" : "state.1";
  await disk.replace(newest, (slots[newest === "state.0" ? 0 : 1] ?? Buffer.alloc(0)).subarray(0, 500));
  const { agent, manager, pass } = await first.restart({ stateDirectory: disk });
  assert.ok((await agent.eventLog()).some((line) => line.includes("SAEVT_STORAGE_DAMAGE") && line.includes(newest)));
  await agent.request(baseTag, 4);
  await agent.sync();
  await pass(dayMs);
  const refused = agent.reports({ status: "refused" });
  assert.deepEqual(refused, []);
  assert.ok(agent.state().metering.nextReportId >= before);
  assert.deepEqual(
    agent.reports().map((report) => report.status),
    ["open"],
  );
  assert.ok(manager.accepted.size >= 2);
});

test("an agent whose state is lost altogether starts anew, above every report id it ever gave out", async (t) => {
  const first = await startScene(t);
  await first.agent.request(baseTag, 1);
  await first.pass(minuteMs);
  await first.agent.saveUsage("all", `${temporaryDirectory(t)}/usage.xml`);
  const greatest = Math.max(...first.agent.reports({ status: "unacknowledged" }).map((report) => report.reportId));
  const disk = first.disk.copy();
  for (const name of ["state.0", "state.1"]) await disk.replace(name, Buffer.from("gone"));
  first.time.jump(-2 * dayMs);
  const { agent } = await first.restart({ stateDirectory: disk });
  assert.ok(agent.state().metering.nextReportId > greatest);
});

test("a state directory that cannot be one is refused by name", async (t) => {
  const path = `${temporaryDirectory(t)}/file`;
  await writeFile(path, "");
  const isUnusable = (error: unknown) => error instanceof AgentError && error.code === "directory_unusable";
  await assert.rejects(startScene(t, { change: { stateDirectory: path } }), isUnusable);
});

test("the second agent on a directory is refused, and told who has it", async (t) => {
  const directory = temporaryDirectory(t);
  const { root } = createTestAuthority(Date.now());
  const options = {
    stateDirectory: directory,
    product,
    transport: { type: "smart", url: exampleUrl },
    trustAnchors: root.certificate.toString(),
    timers: systemTimers,
  } as const;
  const first = await createAgent(options);
  await assert.rejects(createAgent(options), (error) => {
    return (
      error instanceof AgentError && error.code === "directory_in_use" && error.message.includes(String(process.pid))
    );
  });
  await first.stop();
  await (await createAgent(options)).stop();
});

test("[BET-22] a year without an answer: the agent stays small, and everything arrives when the manager is back", async (t) => {
  const { agent, manager, disk, pass } = await startScene(t);
  await agent.trust(token);
  await agent.request(baseTag, 1, { licenseClass: "subscription" });
  await pass(10 * minuteMs);
  manager.outage = { when: "before", error: new TransportFailure("connection_timed_out") };
  for (let day = 0; day < 365; day += 5) {
    await agent.request(baseTag, 2 + (day % 7));
    if (day % 10 === 0) await agent.sync();
    await pass(5 * dayMs);
  }
  assert.equal(agent.schedule().acknowledgementState, "overdue");
  assert.ok(disk.bytes < 10_000_000, `${disk.bytes} bytes`);
  manager.outage = null;
  await pass(3 * dayMs);
  assert.deepEqual(
    agent.reports().map((report) => report.status),
    ["open"],
  );
  assert.equal(agent.schedule().acknowledgementState, "received");
});
