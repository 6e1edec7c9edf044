// Names for sockets that a library opens: the addresses that the device's own resolver finds, of the family that the local
// address can reach.

import { lookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import type { ConnectionSettings } from "@countersign/agent";

export type LookupWay = Pick<ConnectionSettings, "localAddress" | "resolve">;

/** In the order in which they are to be tried; never empty. */
export async function addressesFrom(name: string, { localAddress, resolve }: LookupWay): Promise<readonly string[]> {
  const family = localAddress === null ? 0 : isIP(localAddress);
  const all = isIP(name) !== 0 ? [name] : await (resolve ?? askMachine)(name);
  const usable = family === 0 ? all : all.filter((address) => isIP(address) === family);
  if (usable.length === 0) throw new Error(`${name} has no address that can be reached from here`);
  return usable;
}

async function askMachine(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

export function lookupWith(way: LookupWay): LookupFunction {
  return (name, options, callback) => {
    addressesFrom(name, way).then(
      (addresses) => {
        const all = addresses.map((address) => ({ address, family: isIP(address) }));
        const [first] = all;
        if (options.all === true) callback(null, all);
        else callback(null, first?.address ?? "", first?.family);
      },
      (error: Error) => callback(error, ""),
    );
  };
}
