// lab-10000-agents: what one process holds with ten thousand agents in it, each of which has established trust and had a report
// acknowledged by a real manager.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { bareRuntimeMemory } from "../ceilings/bare-runtime.ts";
import { type BenchContext, type Figure, figureOf } from "../figure.ts";
import { startChild } from "../programs/child-program.ts";
import { withManager } from "../programs/manager-session.ts";

const agentCount = 10_000;
const restMs = 5_000;
const program = new URL("../programs/agents-program.ts", import.meta.url);

type Ready = { readonly acknowledged: number; readonly agents: number };

export async function measureLabAgents(context: BenchContext): Promise<Figure> {
  const rootFile = join(context.directory, "root.pem");
  const usage = await withManager(join(context.directory, "manager"), null, async ({ ready }) => {
    writeFileSync(rootFile, ready.rootCertificatePem);
    context.progress(`${agentCount} agents establish trust and report`);
    const url = `https://localhost:${ready.port}/licservice/license`;
    const parameters = [url, rootFile, ready.token, String(agentCount)];
    const agents = await startChild<Ready>(program, { parameters, profileDirectory: null });
    try {
      const { acknowledged } = agents.ready;
      if (acknowledged !== agentCount) throw new Error(`Only ${acknowledged} of ${agentCount} agents have an ACK.`);
      await pause(restMs, undefined, { signal: context.signal });
      return await agents.usage();
    } finally {
      await agents.stop();
    }
  });
  const floor = await bareRuntimeMemory();
  const bytesEach = ((usage.rssMegabytes - floor.rssMegabytes) * 1_000_000) / agentCount;
  return figureOf({
    name: "lab-10000-agents",
    value: usage.peakMegabytes,
    unit: "MB",
    ceiling: floor.rssMegabytes,
    p50Ms: null,
    p99Ms: null,
    note:
      `Peak resident memory of one process with ${agentCount} agents, each with P-256 keys, trust, policy, one ACKed report and its timers ` +
      `(${Math.round(usage.rssMegabytes)} MB at rest, ${Math.round(bytesEach / 1000)} kB an agent). Floor: Node with TLS and a key. Less is better.`,
  });
}
