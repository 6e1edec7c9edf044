// Ten thousand agents in one process, as a lab of that size would hold them: each with keys, trust, a policy, its reports and its
// event log in a disk of its own in memory, its timers running. Parameters: address, file with the root, token, count.
// It asks the manager over real TLS; keys are P-256 so that making them takes seconds and not an hour.

import { readFileSync } from "node:fs";
import { type Agent, createAgent, MemoryDisk } from "@countersign/agent";
import { productTag } from "../load/wire-constants.ts";
import { serveParent } from "./serve-parent.ts";

const [url = "", rootFile = "", token = "", countText = "0"] = process.argv.slice(2);
const trustAnchors = readFileSync(rootFile, "utf8");
const tag = "regid.2017-03.com.example.feature1,1.0_f1ca5bb9-d0b1-4d5a-8f20-6a2ca4e83a51";
/** Agents that speak at the same time. */
const abreast = 64;

const agents: Agent[] = [];
let next = 0;
await Promise.all(
  Array.from({ length: abreast }, async () => {
    while (next < Number(countText)) {
      const number = next;
      next += 1;
      agents.push(await liveOnce(number));
    }
  }),
);
const acknowledged = agents.filter((agent) => agent.schedule().lastAcknowledgementAtMs !== null).length;
serveParent({ acknowledged, agents: agents.length }, async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
});

/** Trust, a report, its ACK. */
async function liveOnce(number: number): Promise<Agent> {
  let tell: { done(): void; failed(error: Error): void };
  const settled = new Promise<void>((done, failed) => {
    tell = { done, failed };
  });
  const agent = await createAgent({
    stateDirectory: new MemoryDisk(),
    product: {
      softwareTag: productTag,
      softwareVersion: "17.12.1",
      hostname: `lab-${number}`,
      members: [{ udi: { pid: "C9300-48UXM", serialNumber: `LAB${String(number).padStart(8, "0")}` }, role: "Active" }],
    },
    transport: { type: "smart", url },
    trustAnchors,
    keyType: "p-256",
    on: {
      trust: (notice) => {
        if (notice.type === "trust-refused") tell.failed(new Error(JSON.stringify(notice)));
        // A callback is told within the step; the request follows it.
        else agent.sync().catch((error: Error) => tell.failed(error));
      },
      acknowledged: () => tell.done(),
    },
  });
  await agent.request(tag, 1 + (number % 7), { licenseClass: "subscription" });
  await agent.trust(token);
  await settled;
  await agent.idle();
  return agent;
}
