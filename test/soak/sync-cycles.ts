// One agent and one manager that report and acknowledge again and again on manual time, each in a process of its own: whatever
// either of them keeps for longer than it needs shows in its heap after collecting, and in its resident size.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createAgent, MemoryDisk } from "@countersign/agent";
import { ManualTime } from "@countersign/simulation";
import type { FromManager, ToManager } from "./cycles-manager.ts";
import { type MemoryUse, measureMemory } from "./memory-use.ts";

const tag = "regid.2031-01.org.example.EDGE_BASE,1.0_5b2f6c10-7b1a-4f0e-8a53-6a1b2c3d4e5f";
const softwareTag = "regid.2031-01.org.example.EDGE_SW,v1_0d3a7e6e-4d5f-4a35-9d1a-0d5f6f5a1c01";
const startAtMs = Date.parse("2031-05-21T12:00:00Z");
const cycleMs = 5 * 60_000;
const megabyte = 1_000_000;
const managerProgram = fileURLToPath(new URL("./cycles-manager.ts", import.meta.url));

export type CyclesWish = {
  /** For the manager's data directory; one that is there goes on. */
  readonly folder: string;
  readonly cycles: number;
  /** Cycles that were done on this folder before; a fresh agent makes the next ones. */
  readonly from?: number;
  readonly onTenth?: (tenth: Tenth) => void;
};
export type Tenth = {
  /** Done when it was measured. */
  readonly cycles: number;
  readonly seconds: number;
  readonly agent: MemoryUse;
  readonly manager: MemoryUse;
};
/** Bytes that every cycle adds, by least squares over all tenths but the first, in which code is loaded and compiled. */
export type Growth = { readonly heapBytesPerCycle: number; readonly residentBytesPerCycle: number };
export type CyclesResult = {
  readonly cycles: number;
  readonly acknowledged: number;
  readonly tenths: readonly Tenth[];
  readonly agent: Growth;
  readonly manager: Growth;
};

/** Every cycle changes a count, reports it and takes the ACK. `cycles` is ten or more. */
export async function runSyncCycles({ folder, cycles, from = 0, onTenth }: CyclesWish): Promise<CyclesResult> {
  const time = new ManualTime(startAtMs + from * cycleMs * 2);
  const manager = new DistantManager(join(folder, "manager"), time);
  try {
    const { rootCertificatePem, token } = await manager.start();
    let acknowledged = 0;
    const agent = await createAgent({
      stateDirectory: new MemoryDisk(),
      product: {
        ...{ softwareTag, softwareVersion: "17.1" },
        members: [{ udi: { pid: "EDGE-24", serialNumber: `EXA2031S${from}` }, role: "Active" }],
      },
      transport: { type: "smart", url: "https://localhost/licservice/license" },
      ...{ trustAnchors: rootCertificatePem, keyType: "p-256", clock: time, timers: time },
      exchange: (_url, body) => manager.answer(body),
      on: {
        acknowledged: ({ reportIds }) => {
          acknowledged += reportIds.length;
        },
      },
    });
    try {
      await agent.trust(token);
      await time.advanceTo(time.now() + cycleMs, () => agent.idle());
      const startedAtMs = performance.now();
      const tenths: Tenth[] = [];
      for (let cycle = 1; cycle <= cycles; cycle += 1) {
        await agent.request(tag, 1 + (cycle % 7));
        await agent.sync();
        await time.advanceTo(time.now() + cycleMs, () => agent.idle());
        if (cycle < Math.round(((tenths.length + 1) * cycles) / 10)) continue;
        const seconds = Math.round((performance.now() - startedAtMs) / 100) / 10;
        const tenth = { cycles: cycle, seconds, agent: measureMemory(), manager: await manager.measure() };
        tenths.push(tenth);
        onTenth?.(tenth);
      }
      const growthOf = (who: "agent" | "manager") => ({
        heapBytesPerCycle: slopeOf(tenths.slice(1), (tenth) => tenth[who].heapMegabytes),
        residentBytesPerCycle: slopeOf(tenths.slice(1), (tenth) => residentButYoung(tenth[who])),
      });
      return { cycles, acknowledged, tenths, agent: growthOf("agent"), manager: growthOf("manager") };
    } finally {
      await agent.stop();
    }
  } finally {
    await manager.stop();
  }
}

/** What can grow by a leak. */
export function residentButYoung({ residentMegabytes, youngMegabytes }: MemoryUse): number {
  return residentMegabytes - youngMegabytes;
}

/** The manager at the other end of a channel; one question at a time. */
class DistantManager {
  readonly #child: ChildProcess;
  readonly #time: ManualTime;
  #last: Promise<unknown> = Promise.resolve();

  constructor(dataDirectory: string, time: ManualTime) {
    this.#child = fork(managerProgram, [dataDirectory], { serialization: "advanced" });
    this.#time = time;
  }

  async start(): Promise<NonNullable<FromManager["started"]>> {
    return present((await this.#ask({ ask: "start", now: this.#time.now() })).started);
  }

  async answer(body: Uint8Array): Promise<Uint8Array> {
    return present((await this.#ask({ ask: "answer", now: this.#time.now(), body })).answer);
  }

  async measure(): Promise<MemoryUse> {
    return present((await this.#ask({ ask: "measure" })).memory);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.send({ ask: "stop" } satisfies ToManager);
    await gone;
  }

  #ask(question: ToManager): Promise<FromManager> {
    const asked = this.#last.then(() => this.#exchange(question));
    this.#last = asked.catch(() => undefined);
    return asked;
  }

  #exchange(question: ToManager): Promise<FromManager> {
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error("the manager of the cycles ended"));
      this.#child.once("exit", ended);
      this.#child.once("message", (answer: FromManager) => {
        this.#child.off("exit", ended);
        resolve(answer);
      });
      this.#child.send(question);
    });
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the manager of the cycles answered something else");
  return value;
}

function slopeOf(tenths: readonly Tenth[], megabytesOf: (tenth: Tenth) => number): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [atMean, sizeMean] = [mean(tenths.map(({ cycles }) => cycles)), mean(tenths.map(megabytesOf))];
  let [product, square] = [0, 0];
  for (const tenth of tenths) {
    product += (tenth.cycles - atMean) * (megabytesOf(tenth) - sizeMean);
    square += (tenth.cycles - atMean) ** 2;
  }
  return Math.round((product / square) * megabyte * 10) / 10;
}
