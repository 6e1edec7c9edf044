// One agent and one manager that report and acknowledge again and again, in one process on manual time: whatever either of
// them keeps for longer than it needs shows in the heap after collecting, and in the resident size.

import { join } from "node:path";
import { createAgent, MemoryDisk } from "@countersign/agent";
import { createRequestHandler, initManager, openManager } from "@countersign/manager";
import { ManualTime } from "@countersign/simulation";

const tag = "regid.2031-01.org.example.EDGE_BASE,1.0_5b2f6c10-7b1a-4f0e-8a53-6a1b2c3d4e5f";
const softwareTag = "regid.2031-01.org.example.EDGE_SW,v1_0d3a7e6e-4d5f-4a35-9d1a-0d5f6f5a1c01";
const minuteMs = 60_000;
const megabyte = 1_000_000;

export type CyclesWish = {
  /** An empty folder for the manager. */
  readonly folder: string;
  readonly cycles: number;
  readonly onTenth?: (tenth: Tenth) => void;
};
export type Tenth = {
  /** Done when it was measured. */
  readonly cycles: number;
  readonly seconds: number;
  /** Greatest resident size at the end of any of its cycles. */
  readonly residentMegabytes: number;
  /** Live objects of the JavaScript heap at its end, after collecting where `globalThis.gc` is there. */
  readonly heapMegabytes: number;
};
export type CyclesResult = {
  readonly cycles: number;
  readonly acknowledged: number;
  readonly tenths: readonly Tenth[];
  /** Least squares over all tenths but the first, in which code is loaded and compiled. */
  readonly heapBytesPerCycle: number;
  readonly residentBytesPerCycle: number;
};

/** Every cycle changes a count, reports it and takes the ACK. `cycles` is ten or more. */
export async function runSyncCycles({ folder, cycles, onTenth }: CyclesWish): Promise<CyclesResult> {
  const time = new ManualTime(Date.parse("2031-05-21T12:00:00Z"));
  const dataDirectory = join(folder, "manager");
  const { rootCertificatePem } = await initManager({ dataDirectory, smartAccount: "Soak", clock: time });
  const manager = await openManager({ dataDirectory, clock: time, logLevel: "silent", isProcessMeasured: false });
  const handle = createRequestHandler(manager);
  let acknowledged = 0;
  const agent = await createAgent({
    stateDirectory: new MemoryDisk(),
    product: {
      ...{ softwareTag, softwareVersion: "17.1" },
      members: [{ udi: { pid: "EDGE-24", serialNumber: "EXA2031S001" }, role: "Active" }],
    },
    transport: { type: "smart", url: "https://localhost/licservice/license" },
    ...{ trustAnchors: rootCertificatePem, keyType: "p-256", clock: time, timers: time },
    exchange: (_url, body) => handle(body),
    on: {
      acknowledged: ({ reportIds }) => {
        acknowledged += reportIds.length;
      },
    },
  });
  try {
    const cause = { kind: "operator", name: "soak" } as const;
    await agent.trust((await manager.administration.createToken({ cause })).text);
    await time.advanceTo(time.now() + 5 * minuteMs, () => agent.idle());
    const watch = new MemoryWatch(cycles, onTenth);
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      await agent.request(tag, 1 + (cycle % 7));
      await agent.sync();
      await time.advanceTo(time.now() + 5 * minuteMs, () => agent.idle());
      watch.look(cycle);
    }
    return { cycles, acknowledged, ...watch.result() };
  } finally {
    await agent.stop();
    await manager.close();
  }
}

class MemoryWatch {
  readonly #cycles: number;
  readonly #onTenth: CyclesWish["onTenth"];
  readonly #startedAtMs = performance.now();
  readonly #tenths: Tenth[] = [];
  #resident = 0;

  constructor(cycles: number, onTenth: CyclesWish["onTenth"]) {
    this.#cycles = cycles;
    this.#onTenth = onTenth;
  }

  look(cycle: number): void {
    this.#resident = Math.max(this.#resident, process.memoryUsage.rss() / megabyte);
    const done = cycle + 1;
    if (done < Math.round(((this.#tenths.length + 1) * this.#cycles) / 10)) return;
    globalThis.gc?.();
    const tenth = {
      cycles: done,
      seconds: Math.round((performance.now() - this.#startedAtMs) / 100) / 10,
      residentMegabytes: Math.round(this.#resident * 10) / 10,
      heapMegabytes: Math.round((process.memoryUsage().heapUsed / megabyte) * 100) / 100,
    };
    this.#tenths.push(tenth);
    this.#resident = 0;
    this.#onTenth?.(tenth);
  }

  result(): Pick<CyclesResult, "tenths" | "heapBytesPerCycle" | "residentBytesPerCycle"> {
    return {
      tenths: this.#tenths,
      heapBytesPerCycle: slopeOf(this.#tenths.slice(1), ({ heapMegabytes }) => heapMegabytes),
      residentBytesPerCycle: slopeOf(this.#tenths.slice(1), ({ residentMegabytes }) => residentMegabytes),
    };
  }
}

/** Bytes that are added with every cycle, by least squares. */
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
