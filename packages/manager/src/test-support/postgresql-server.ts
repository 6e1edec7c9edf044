// A real PostgreSQL server of its own for a test file: on a free loopback port, durable as in production, gone afterwards.
// Needs the Debian package postgresql.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import pg from "pg";

const versionsFolder = "/usr/lib/postgresql";
const superuser = "countersign";

export class PostgresqlServer {
  readonly port: number;
  readonly #directory: string;
  readonly #owner: Owner;
  #process: ChildProcess | undefined;
  #databases = 0;

  private constructor(directory: string, owner: Owner, port: number) {
    this.#directory = directory;
    this.#owner = owner;
    this.port = port;
  }

  static async start(): Promise<PostgresqlServer> {
    const owner = serverOwner();
    const directory = mkdtempSync(join(fastestFolder(), "countersign-pg-"));
    if (owner.uid !== undefined) chownSync(directory, owner.uid, owner.gid ?? owner.uid);
    const data = join(directory, "data");
    const options = ["-D", data, "-U", superuser, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"];
    const made = spawnSync(program("initdb"), options, { ...owner, cwd: directory, encoding: "utf8" });
    if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
    writeFileSync(join(data, "pg_hba.conf"), accessRules);
    const server = new PostgresqlServer(directory, owner, await freePort());
    await server.run();
    return server;
  }

  /** Starts the server on its data, after `crash` for example. */
  async run(): Promise<void> {
    const settings = { listen_addresses: "127.0.0.1", port: this.port, unix_socket_directories: this.#directory };
    const options = Object.entries({
      ...settings,
      max_connections: 60,
      shared_buffers: "32MB",
      deadlock_timeout: "100ms",
    }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const child = spawn(program("postgres"), ["-D", join(this.#directory, "data"), ...options], {
      ...this.#owner,
      cwd: this.#directory,
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#process = child;
    const lines = createInterface({ input: child.stderr });
    let said = "";
    for await (const line of lines) {
      said += `${line}\n`;
      if (line.includes("ready to accept connections")) {
        child.stderr.resume();
        return;
      }
    }
    throw new Error(`the server ended before it was ready:\n${said}`);
  }

  /** Ends the server as a power cut would: no connection is told, nothing is flushed. */
  async crash(): Promise<void> {
    await this.#end("SIGQUIT");
  }

  async stop(): Promise<void> {
    await this.#end("SIGINT");
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** A new database, empty or like another one to which nobody is connected; answers its URL. Copied as files: half the work. */
  async createDatabase(likeUrl = this.url("template1")): Promise<string> {
    this.#databases += 1;
    const name = `test_${this.#databases}`;
    const template = new URL(likeUrl).pathname.slice(1);
    await this.query(`create database ${name} template ${template} strategy file_copy`);
    return this.url(name);
  }

  url(database = "postgres", user = superuser): string {
    return `postgres://${user}@127.0.0.1:${this.port}/${database}`;
  }

  async query(sql: string, database = "postgres"): Promise<readonly Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.url(database) });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Changes a setting that needs no restart; new connections see it. */
  async configure(name: string, value: string): Promise<void> {
    await this.query(`alter system set ${name} = ${value}`);
    await this.query("select pg_reload_conf()");
    while ((await this.query(`show ${name}`))[0]?.[name] !== value) await new Promise(setImmediate);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}

/** A connection that is not open yet, to whatever server; for tests outside of this package. */
export function clientOf(server: pg.ClientConfig): pg.Client {
  return new pg.Client({ ...server, connectionTimeoutMillis: 5000 });
}

/** Everybody on this machine but `guarded`, who needs a password. */
const accessRules = `local all all trust
host all guarded 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
`;

/** In memory where there is room: the server writes and waits as ever, and the tests wait less. */
function fastestFolder(): string {
  const memory = "/dev/shm";
  try {
    const { bavail, bsize } = statfsSync(memory);
    return bavail * bsize > 1024 ** 3 ? memory : tmpdir();
  } catch {
    return tmpdir();
  }
}

type Owner = { readonly uid?: number; readonly gid?: number };

/** The server refuses to run as root; Debian's package brings a user for it. */
function serverOwner(): Owner {
  if (process.getuid?.() !== 0) return {};
  const entry = readFileSync("/etc/passwd", "utf8").match(/^postgres:[^:]*:(\d+):(\d+):/m);
  if (entry === null) throw new Error("there is no user postgres; install the Debian package postgresql");
  return { uid: Number(entry[1]), gid: Number(entry[2]) };
}

function program(name: string): string {
  const versions = existsSync(versionsFolder) ? readdirSync(versionsFolder).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => join(versionsFolder, version, "bin", name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} was not found; install the Debian package postgresql`);
  return found;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
