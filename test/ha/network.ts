// A small data centre in a network namespace: this process, etcd, the balancers and the managers stand at the hub, and each
// database member has a namespace of its own behind a cable. Pulling the cable is a partition: nobody is told anything.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";

export const hubAddress = "10.83.0.1";
/** Who may connect without a password: there is nobody else in this network. */
export const subnet = "10.83.0.0/24";

export class Cable {
  readonly address: string;
  readonly #hubEnd: string;
  readonly #holder: ChildProcess;

  constructor(address: string, hubEnd: string, holder: ChildProcess) {
    this.address = address;
    this.#hubEnd = hubEnd;
    this.#holder = holder;
  }

  /** The command line that runs another one at the far end. */
  get there(): readonly [string, ...string[]] {
    return ["nsenter", `--net=/proc/${this.#holder.pid}/ns/net`];
  }

  pull(): void {
    ip("link", "set", this.#hubEnd, "down");
  }

  plugIn(): void {
    ip("link", "set", this.#hubEnd, "up");
  }
}

/** Call it in a network namespace that holds nothing yet. */
export function layHub(): void {
  ip("link", "set", "lo", "up");
  ip("link", "add", "hub", "type", "bridge");
  ip("address", "add", `${hubAddress}/24`, "dev", "hub");
  ip("link", "set", "hub", "up");
}

/** A new namespace behind a cable; `number` from 1 to 200. It lasts as long as this process. */
export async function layCable(number: number): Promise<Cable> {
  const address = `10.83.0.${10 + number}`;
  const hubEnd = `cable${number}`;
  // Says one line as soon as it stands in its namespace, and then only holds it.
  const holder = spawn("unshare", ["--net", "sh", "-c", "echo there; exec sleep infinity"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve, reject) => {
    holder.stdout.once("data", resolve);
    holder.once("exit", () => reject(new Error("a network namespace could not be made")));
  });
  const cable = new Cable(address, hubEnd, holder);
  ip("link", "add", hubEnd, "type", "veth", "peer", "name", "uplink", "netns", String(holder.pid));
  ip("link", "set", hubEnd, "master", "hub", "up");
  const [enter, ...where] = cable.there;
  for (const words of [
    ["link", "set", "lo", "up"],
    ["address", "add", `${address}/24`, "dev", "uplink"],
    ["link", "set", "uplink", "up"],
  ])
    mustRun(enter, [...where, "ip", ...words]);
  return cable;
}

function ip(...words: readonly string[]): void {
  mustRun("ip", words);
}

function mustRun(command: string, parameters: readonly string[]): void {
  const { status, stderr } = spawnSync(command, parameters, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${parameters.join(" ")}: ${stderr}`);
}
