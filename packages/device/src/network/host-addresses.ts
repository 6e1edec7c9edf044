// The addresses of the machine that a device runs on: what the interfaces of a simulated platform stand for.

import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import {
  findInterface,
  type InterfaceAddress,
  type InterfaceSettings,
  type InterfaceWish,
  type NetworkSettings,
} from "../network-settings.ts";
import type { InterfaceView } from "../network-view.ts";

/** Of a product that is no simulated platform: the machine's own, as they are now. */
export function interfacesOfMachine(): readonly InterfaceWish[] {
  const names = Object.keys(networkInterfaces());
  return names.map((name) => ({ name, hostInterface: name }));
}

/** True when a connection can leave from this address: asked of the system, which knows about whole ranges such as 127/8. */
export function isAddressOfMachine(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: address, port: 0 }, () => server.close(() => resolve(true)));
  });
}

/** The address that an interface has now; null where it has none. */
export function addressNow(address: InterfaceAddress): { readonly address: string; readonly mask: string } | null {
  if (address.type === "none") return null;
  if (address.type === "static") return address;
  const all = Object.entries(networkInterfaces()).flatMap(([name, each = []]) => each.map((one) => ({ ...one, name })));
  const usable = all.filter(({ family, name }) => family === "IPv4" && (address.of === null || name === address.of));
  const found = usable.find(({ internal }) => !internal) ?? usable[0];
  return found === undefined ? null : { address: found.address, mask: found.netmask };
}

/**
 * What connections through an interface leave from: null where it stands for whichever address the machine takes; undefined
 * where there is no such interface.
 */
export function localAddressesOf(network: NetworkSettings, name: string): readonly string[] | null | undefined {
  const found = findInterface(network, name);
  if (found === undefined) return undefined;
  if (found.address.type === "host" && found.address.of === null) return null;
  const now = addressNow(found.address);
  return now === null ? [] : [now.address];
}

export async function viewInterface(settings: InterfaceSettings): Promise<InterfaceView> {
  const { name, vrf, isShutdown } = settings;
  const now = addressNow(settings.address);
  const method = { none: "unset", host: "DHCP", static: "manual" } as const;
  return {
    ...{ name, vrf, isShutdown, method: method[settings.address.type] },
    address: now?.address ?? null,
    mask: now?.mask ?? null,
    isUp: !isShutdown && now !== null && (await isAddressOfMachine(now.address)),
  };
}
