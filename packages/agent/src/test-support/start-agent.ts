// An agent with a manager, both on manual time and in memory: a year of licensing passes in a second.

import type { TestContext } from "node:test";
import { ManualTime } from "@countersign/simulation";
import type { Agent } from "../agent.ts";
import type { AgentOptions } from "../agent-options.ts";
import { createAgent } from "../create-agent.ts";
import type { AgentNotice } from "../lifecycle/effect.ts";
import { MemoryDisk } from "../storage/memory-disk.ts";
import { exampleUrl, product, startAtMs } from "./example-state.ts";
import { TestManager } from "./test-manager.ts";

export const token = "NDgyYjlkZDEtZDlkYS00OTQ4LWFjNTktMjQ3MWY3MTFjZmRkLTE5NTA%3D%0A";

export type Scene = {
  readonly agent: Agent;
  readonly manager: TestManager;
  readonly time: ManualTime;
  readonly disk: MemoryDisk;
  readonly notices: AgentNotice[];
  readonly log: string[];
  /** Lets so many milliseconds pass, with everything that falls into them. */
  pass(durationMs: number): Promise<void>;
  /** Stops the agent without a word, as a crash does, and starts another on the same disk. */
  restart(change?: Partial<AgentOptions>): Promise<Scene>;
};

export type SceneOptions = { readonly change?: Partial<AgentOptions>; readonly disk?: MemoryDisk };

export async function startScene(context: TestContext, options: SceneOptions = {}): Promise<Scene> {
  const time = new ManualTime(startAtMs);
  return playOn(context, time, await TestManager.create(time), options);
}

async function playOn(
  context: TestContext,
  time: ManualTime,
  manager: TestManager,
  options: SceneOptions,
): Promise<Scene> {
  const disk = options.disk ?? new MemoryDisk();
  const notices: AgentNotice[] = [];
  const log: string[] = [];
  const note = (notice: AgentNotice): void => void notices.push(notice);
  const agent = await createAgent({
    stateDirectory: disk,
    product,
    transport: { type: "smart", url: exampleUrl },
    trustAnchors: manager.rootPem,
    keyType: "p-256",
    exchange: manager.exchange,
    clock: time,
    timers: time,
    on: {
      trust: note,
      policy: note,
      acknowledged: note,
      deadline: note,
      overdue: note,
      communication: note,
      log: (line) => void log.push(`%${line.facility}-${line.severity}-${line.mnemonic}: ${line.text}`),
    },
    ...options.change,
  });
  context.after(() => agent.stop());
  const pass = (durationMs: number) => time.advanceTo(time.now() + durationMs, () => agent.idle());
  return {
    agent,
    manager,
    time,
    disk,
    notices,
    log,
    pass,
    restart: async (change = {}) => playOn(context, time, manager, { ...options, disk: copyOf(disk), change }),
  };
}

/** The crashed agent keeps its own disk, so that nothing it still does reaches the new one. */
function copyOf(disk: MemoryDisk): MemoryDisk {
  return disk.copy();
}
