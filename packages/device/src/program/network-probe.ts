// The probes of the console on a running device: from the interface and with the resolver that licensing would use.

import { TransportFailure } from "@countersign/agent";
import type { Source } from "../network/device-connection.ts";
import { firstPingable, pingAddress } from "../network/ping.ts";
import { localAddressTowards, probeAddress } from "../network/tcp-probe.ts";
import type { NetworkProbe, ProbeAnswer, ProbedAddress, ProbeSource } from "../network-view.ts";
import type { DeviceCore } from "./device-core.ts";

export function createNetworkProbe(core: DeviceCore): NetworkProbe {
  return {
    ping: (host, wanted) =>
      probing(core, host, wanted, async (addresses, { localAddress }) =>
        pingAddress(firstPingable(addresses) ?? host, localAddress),
      ),
    connect: (host, port, wanted) =>
      probing(core, host, wanted, async (addresses, { localAddress }) => {
        const tried: ProbedAddress[] = [];
        for (const address of addresses) {
          tried.push(await probeAddress(address, port, localAddress));
          if (tried.at(-1)?.outcome === "open") break;
        }
        return tried;
      }),
    sourceTowards: async (address, wanted) => {
      try {
        return await localAddressTowards(address, core.connection.sourceFor(wanted).localAddress);
      } catch (error) {
        if (error instanceof TransportFailure) return null;
        throw error;
      }
    },
  };
}

async function probing<T>(
  core: DeviceCore,
  host: string,
  wanted: ProbeSource,
  probe: (addresses: readonly string[], source: Source) => Promise<T>,
): Promise<ProbeAnswer<T>> {
  try {
    const source = core.connection.sourceFor(wanted);
    const addresses = await core.connection.resolve(host, source);
    return { outcome: "probed", result: await probe(addresses, source) };
  } catch (error) {
    if (!(error instanceof TransportFailure)) throw error;
    return { outcome: error.stage === "name" ? "unresolved" : "no way", reason: error.message };
  }
}
