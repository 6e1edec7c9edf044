// The example product as an instance of the lab: the product makes its own agent and says itself what it uses; the device
// around it gives it a console.

import type { AgentOptions } from "@countersign/agent";
import type { DeviceOptions } from "@countersign/device";
import { Renderer } from "@countersign/example-embedded-product";
import { exampleWorkers, type FleetInstance } from "./fleet.ts";

const serialNumber = "R-0001";

/** What starting this instance takes beside what every instance takes; nothing for a platform of its own. */
export function embeddedOptions({ platform }: FleetInstance): Pick<DeviceOptions, "createAgent" | "slots"> {
  if (platform !== "embedded") return {};
  return {
    slots: [{ number: 1, udi: { pid: "EXAMPLE-RENDERER", serialNumber }, role: "Active" }],
    createAgent: startRenderer,
  };
}

async function startRenderer({ product, ...agent }: AgentOptions) {
  const renderer = await Renderer.start({
    stateDirectory: agent.stateDirectory,
    managerUrl: agent.transport?.url ?? "",
    rootCertificate: [agent.trustAnchors].flat().join("\n"),
    serialNumber,
    say: () => undefined,
    agent,
  });
  await renderer.agent.changeHostname(product.hostname ?? "app");
  await renderer.useWorkers(exampleWorkers);
  return renderer.agent;
}
