// Names to addresses that can be reached: those that the wanted resolver finds, of the family of the local address.

import { lookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import type { ConnectionSettings } from "../ports.ts";
import { TransportFailure } from "../transport-failure.ts";

export type LookupWay = Pick<ConnectionSettings, "localAddress" | "resolve">;

/**
 * In the order in which they are to be tried; never empty. From an address of one family nothing of the other can be reached.
 * Throws `TransportFailure` (`name_not_found`, `host_unreachable`) or what the resolver throws.
 */
export async function addressesFrom(host: string, { localAddress, resolve }: LookupWay): Promise<readonly string[]> {
  const name = host.replace(/^\[|\]$/g, "");
  const all = isIP(name) !== 0 ? [name] : await (resolve ?? askMachine)(name);
  const family = localAddress === null ? 0 : isIP(localAddress);
  const usable = family === 0 ? all : all.filter((address) => isIP(address) === family);
  if (usable.length > 0) return usable;
  if (all.length === 0) throw new TransportFailure("name_not_found", host);
  throw new TransportFailure("host_unreachable", `${host} has no address of the source interface's family`);
}

async function askMachine(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

/** For sockets that a library opens. */
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
