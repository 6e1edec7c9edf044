// Three PostgreSQL servers under Patroni, with one etcd that says who leads. A single etcd is what this run needs: the faults
// are those of the database; whoever runs a cluster has three of them.

import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Cable, hubAddress, layCable } from "./network.ts";
import { etcdPort, patroniConfiguration, type Replication, restPort } from "./patroni-configuration.ts";
import { ServerProcess, until } from "./server-process.ts";

const memberCount = 3;
const startSeconds = 60;
const rejoinSeconds = 90;

export class DatabaseMember {
  readonly name: string;
  readonly cable: Cable;
  readonly #folder: string;
  readonly #replication: Replication;
  #patroni: ServerProcess | undefined;

  constructor(name: string, cable: Cable, folder: string, replication: Replication) {
    this.name = name;
    this.cable = cable;
    this.#folder = folder;
    this.#replication = replication;
  }

  start(): void {
    const { name, cable } = this;
    const home = join(this.#folder, name);
    const owner = userOf("postgres");
    mkdirSync(home, { recursive: true, mode: 0o711 });
    chownSync(home, owner.uid, owner.gid);
    const file = join(home, "patroni.json");
    const places = { name, address: cable.address, dataDirectory: join(home, "data"), programs: serverPrograms() };
    writeFileSync(file, patroniConfiguration({ ...places, replication: this.#replication }));
    const asOwner = ["setpriv", `--reuid=${owner.uid}`, `--regid=${owner.gid}`, "--clear-groups"];
    this.#patroni = ServerProcess.start(name, join(this.#folder, `${name}.log`), [
      ...cable.there,
      ...asOwner,
      "patroni",
      file,
    ]);
  }

  /** Patroni first, so that it cannot start the server again, then every process of the server. Nobody can flush anything. */
  async kill(): Promise<void> {
    const postmaster = Number(
      readFileSync(join(this.#folder, this.name, "data", "postmaster.pid"), "utf8").split("\n")[0],
    );
    const victims = [postmaster, ...childrenOf(postmaster)];
    await this.#patroni?.kill();
    for (const pid of victims) killIfThere(pid);
  }

  requireRunning(): void {
    this.#patroni?.requireRunning();
  }
}

type MemberState = {
  readonly name: string;
  readonly role: string;
  readonly state: string;
  readonly lag?: number | string;
};

export class DatabaseCluster {
  readonly members: readonly DatabaseMember[];
  readonly #etcd: ServerProcess;
  readonly #replication: Replication;

  private constructor(members: readonly DatabaseMember[], etcd: ServerProcess, replication: Replication) {
    this.members = members;
    this.#etcd = etcd;
    this.#replication = replication;
  }

  static async start(folder: string, replication: Replication): Promise<DatabaseCluster> {
    const url = `http://${hubAddress}:${etcdPort}`;
    const where = ["--data-dir", join(folder, "etcd"), "--listen-client-urls", url, "--advertise-client-urls", url];
    const etcd = ServerProcess.start("etcd", join(folder, "etcd.log"), ["etcd", ...where]);
    const members: DatabaseMember[] = [];
    for (let number = 1; number <= memberCount; number += 1)
      members.push(new DatabaseMember(`member${number}`, await layCable(number), folder, replication));
    for (const member of members) member.start();
    const cluster = new DatabaseCluster(members, etcd, replication);
    await cluster.whole(startSeconds);
    return cluster;
  }

  /** Waits until every member is there: one leads, the others follow without a lag, and one of them confirms commits, if any does. */
  async whole(seconds = rejoinSeconds): Promise<void> {
    await until("the cluster is whole", seconds, async () => {
      this.#etcd.requireRunning();
      for (const member of this.members) member.requireRunning();
      const states = await this.#states();
      const followers = states.filter(({ role, state, lag }) => role !== "leader" && isFollowing(state) && lag === 0);
      const confirms = this.#replication !== "synchronous" || followers.some(({ role }) => role === "sync_standby");
      return followers.length === memberCount - 1 && confirms ? true : undefined;
    });
  }

  /** The member that Patroni calls the leader and that takes writes. */
  async primary(): Promise<DatabaseMember> {
    return until("there is a primary", startSeconds, async () => {
      const states = await Promise.all(this.members.map(isPrimary));
      return this.members.find((_, at) => states[at] === true);
    });
  }

  /** What the first member that answers knows of all. */
  async #states(): Promise<readonly MemberState[]> {
    for (const { cable } of this.members) {
      const answer = await ask(`http://${cable.address}:${restPort}/cluster`);
      if (answer?.ok === true) return ((await answer.json()) as { readonly members: readonly MemberState[] }).members;
    }
    return [];
  }
}

/** Newer Patronis say `streaming` where older ones say `running`. */
function isFollowing(state: string): boolean {
  return state === "running" || state === "streaming";
}

async function isPrimary({ cable }: DatabaseMember): Promise<boolean> {
  return (await ask(`http://${cable.address}:${restPort}/primary`))?.status === 200;
}

async function ask(url: string): Promise<Response | undefined> {
  return fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
}

function userOf(name: string): { readonly uid: number; readonly gid: number } {
  const entry = readFileSync("/etc/passwd", "utf8").match(new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, "m"));
  if (entry === null) throw new Error(`there is no user ${name}; install the Debian package postgresql`);
  return { uid: Number(entry[1]), gid: Number(entry[2]) };
}

function serverPrograms(): string {
  const folder = "/usr/lib/postgresql";
  const versions = existsSync(folder) ? readdirSync(folder).sort((one, other) => Number(other) - Number(one)) : [];
  if (versions[0] === undefined) throw new Error("PostgreSQL was not found; install the Debian package postgresql");
  return join(folder, versions[0], "bin");
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== "ESRCH") throw error;
  }
}
