// Names to addresses as the configuration says: hosts that are named there, then its name servers, from the wanted interface.
// Without a name server the machine's own resolver answers; a lookup that is switched off answers nothing.

import { lookup, Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { TransportFailure } from "@countersign/agent";

export type NameSettings = {
  readonly isOn: boolean;
  readonly hosts: readonly { readonly name: string; readonly addresses: readonly string[] }[];
  readonly domainName: string | null;
  /** Addresses; empty for the machine's resolver. */
  readonly servers: readonly string[];
  readonly port: number;
  /** Where questions leave from; null for whichever the system takes. */
  readonly localAddress: string | null;
};

export const nameServerPort = 53;
const timeoutMs = 2_000;
const triesMax = 2;

/** All addresses of a name. Throws `TransportFailure` `name_not_found`, whose detail says whether anybody answered. */
export async function resolveName(name: string, settings: NameSettings): Promise<readonly string[]> {
  if (isIP(name) !== 0) return [name];
  const candidates = candidatesOf(name, settings.domainName);
  const wanted = candidates.map((one) => one.toLowerCase());
  const host = settings.hosts.find((one) => wanted.includes(one.name.toLowerCase()));
  if (host !== undefined) return host.addresses;
  if (!settings.isOn) throw new TransportFailure("name_not_found", `${name}: ip domain lookup is off`);
  const ask = settings.servers.length === 0 ? askMachine : asker(settings);
  let last: unknown = null;
  for (const candidate of candidates) {
    try {
      return await ask(candidate);
    } catch (error) {
      last = error;
    }
  }
  throw new TransportFailure("name_not_found", `${name}: ${reasonOf(last, settings)}`, { cause: last });
}

/** A name without a dot belongs to the domain first; one with dots is whole first. */
function candidatesOf(name: string, domainName: string | null): readonly string[] {
  if (domainName === null || name.endsWith(".")) return [name];
  const inDomain = `${name}.${domainName}`;
  return name.includes(".") ? [name, inDomain] : [inDomain, name];
}

async function askMachine(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

function asker({ servers, port, localAddress }: NameSettings): (name: string) => Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: timeoutMs, tries: triesMax });
  resolver.setServers(servers.map((address) => (isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`)));
  if (localAddress !== null) resolver.setLocalAddress(localAddress);
  return async (name) => {
    const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const addresses = [four, six].flatMap((one) => (one.status === "fulfilled" ? one.value : []));
    if (addresses.length > 0) return addresses;
    throw four.status === "rejected" ? four.reason : new Error(`${name} has no address`);
  };
}

function reasonOf(error: unknown, { servers }: NameSettings): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (["ENOTFOUND", "ENODATA", "EAI_AGAIN"].includes(code))
    return servers.length === 0 ? "no such name" : "the name server knows no such name";
  if (code === "EREFUSED" || code === "ESERVFAIL") return "the name server refuses to answer";
  return `no answer from name server ${servers.join(", ")}`;
}
