// One agent and one manager that report and acknowledge again and again, in one process on manual time: whatever either of
// them keeps for longer than it needs shows in the resident size.

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
  readonly onSample?: (cycle: number, residentMegabytes: number) => void;
};
export type CyclesResult = {
  readonly cycles: number;
  readonly acknowledged: number;
  /** Live objects of the JavaScript heap, after collecting, after the first tenth and at the end. */
  readonly heapMegabytes: readonly [number, number];
  /** Greatest resident size in the second tenth of the cycles, and in the last. */
  readonly residentMegabytes: readonly [number, number];
};

/** Every cycle changes a count, reports it and takes the ACK. `globalThis.gc` is used where it is there. */
export async function runSyncCycles({ folder, cycles, onSample }: CyclesWish): Promise<CyclesResult> {
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
    const tenth = Math.max(1, Math.floor(cycles / 10));
    const residents = new Array<number>(10).fill(0);
    let heapAtTenth = 0;
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      await agent.request(tag, 1 + (cycle % 7));
      await agent.sync();
      await time.advanceTo(time.now() + 5 * minuteMs, () => agent.idle());
      const part = Math.min(9, Math.floor(cycle / tenth));
      residents[part] = Math.max(residents[part] ?? 0, process.memoryUsage.rss() / megabyte);
      if (cycle === tenth) heapAtTenth = heapMegabytes();
      if (cycle % tenth === tenth - 1) onSample?.(cycle + 1, residents[part] ?? 0);
    }
    const heap = [heapAtTenth, heapMegabytes()] as const;
    return { cycles, acknowledged, heapMegabytes: heap, residentMegabytes: [residents[1] ?? 0, residents[9] ?? 0] };
  } finally {
    await agent.stop();
    await manager.close();
  }
}

function heapMegabytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / megabyte;
}
