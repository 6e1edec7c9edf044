// The start of cryptography on real files: permissions that were wrong are put right while the agent runs (SEC-15).

import assert from "node:assert/strict";
import { chmod, chown, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ManualTime, SeededRandomness, SimulatedDisk } from "@countersign/simulation";
import type { Agent } from "./agent.ts";
import type { AgentOptions } from "./agent-options.ts";
import { createAgent } from "./create-agent.ts";
import { exampleUrl, product, startAtMs } from "./test-support/example-state.ts";
import { token } from "./test-support/start-agent.ts";
import { temporaryDirectory } from "./test-support/temporary-directory.ts";
import { TestManager } from "./test-support/test-manager.ts";

type Place = AgentOptions["stateDirectory"];

/** Starts agents on one place, with one manager and one time. */
async function prepare(stateDirectory: Place) {
  const time = new ManualTime(startAtMs);
  const manager = await TestManager.create(time);
  const log: string[] = [];
  const agents: Agent[] = [];
  const start = async () => {
    const agent = await createAgent({
      ...{ stateDirectory, product, trustAnchors: manager.rootPem, keyType: "p-256", clock: time, timers: time },
      transport: { type: "smart", url: exampleUrl },
      exchange: manager.exchange,
      on: { log: ({ mnemonic, text }) => void log.push(`${mnemonic}: ${text}`) },
    });
    agents.push(agent);
    return agent;
  };
  const end = async () => {
    for (const agent of agents) await agent.stop();
  };
  return { start, end, time, log };
}

const nobody = 65_534;

/** Permissions do not bind root: it becomes nobody, and owner of the place, until the test ends. */
async function withoutPrivileges(context: TestContext, directory: string): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  await chown(directory, nobody, nobody);
  process.seteuid?.(nobody);
  context.after(() => process.seteuid?.(0));
}

async function attempts(agent: { eventLog(): Promise<readonly string[]> }): Promise<readonly string[]> {
  const lines = await agent.eventLog();
  return lines.flatMap((line) =>
    line.includes("SAEVT_INIT_CRYPTO") ? [line.replace(/^.*SAEVT_INIT_CRYPTO /, "")] : [],
  );
}

const inVain = (attempt: number, reason: string) =>
  `success="False" error="Crypto Initialization has not been completed" reason="${reason}" attempt="${attempt}"`;

test("[SEC-15] [LOG-20] [LOG-26] a key that may not be read holds trust back until it may, and every attempt is in the event log", async (t) => {
  const directory = temporaryDirectory(t);
  await withoutPrivileges(t, directory);
  const { start, end, time, log } = await prepare(directory);
  const first = await start();
  await first.trust(token);
  await first.idle();
  await first.stop();
  const [file = ""] = await readdir(join(directory, "keys"));
  const key = join(directory, "keys", file);
  await chmod(key, 0o000);

  const agent = await start();
  log.length = 0;
  const sentBefore = agent.state().communication.statistics.trust_establishment.total;
  await agent.trust(token, { force: true });
  const pass = (seconds: number) => time.advanceTo(time.now() + seconds * 1000, () => agent.idle());
  await pass(40);
  assert.equal(agent.state().communication.statistics.trust_establishment.total, sentBefore);
  assert.match(log[0] ?? "", /^TRUST_CODE_INSTALL_FAILED: .*key-1 cannot be read \(EACCES\)$/);
  await chmod(key, 0o600);
  await pass(30);
  const reason = "key-1 cannot be read (EACCES)";
  assert.deepEqual((await attempts(agent)).slice(1), [
    inVain(1, reason),
    inVain(2, reason),
    inVain(3, reason),
    'success="True"',
  ]);
  assert.equal(agent.state().communication.statistics.trust_establishment.total, sentBefore + 1);
  assert.equal(log.at(-1)?.split(":")[0], "TRUST_INSTALL_SUCCESS");
  await end();
});

test("[SEC-15] a disk that does not list the keys at the start holds trust back for a second", async () => {
  const disk = new SimulatedDisk(new SeededRandomness(7));
  const { start, end, time } = await prepare(disk);
  const first = await start();
  await first.trust(token);
  await first.idle();
  await first.stop();
  for (let calls = 0; ; calls += 1) {
    disk.failCalls("EIO", calls, 1);
    const agent = await start().catch(() => null);
    const [, refused] = agent === null ? [] : await attempts(agent);
    if (agent === null || refused !== inVain(1, "the key store cannot be read (EIO)")) {
      await agent?.stop();
      assert.ok(calls < 30, "no call of the start lists the keys");
      continue;
    }
    await time.advanceTo(time.now() + 1_000, () => agent.idle());
    assert.equal((await attempts(agent)).at(-1), 'success="True"');
    return end();
  }
});
