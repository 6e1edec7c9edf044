// npm run test:ha [-- --without-synchronous-replication] [--json]: a PostgreSQL cluster under Patroni, two managers and devices,
// while the primary is killed, cut off, and killed while it is alone. Without synchronous replication the last of these loses
// what was acknowledged, and the run must say so: it shows that the judge sees a loss. Needs root on Linux and what scripts/system-packages.json names; both are said when they are missing.
// Exit codes: 0 nothing lost and nothing doubled, 1 otherwise, 2 the command line is wrong. A failed run's files are kept.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { installSystemPackages } from "../../scripts/system-packages.mjs";
import { type FailoverResult, runFailovers } from "./failovers.ts";
import type { Replication } from "./patroni-configuration.ts";

const usage = "usage: npm run test:ha -- [--without-synchronous-replication] [--json]\n";
/** Whatever hangs ends here; a run takes about two minutes. */
const longestRunMs = 8 * 60_000;
const insideVariable = "COUNTERSIGN_HA_FOLDER";

/**
 * The run lives in a network and a process namespace of its own. Its addresses and ports are nobody else's, a link can be cut
 * as a switch would, and when its first process ends, by whatever signal, the kernel ends all the others.
 */
const namespaces = ["--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
/** The first process of the namespace has to collect orphans, which is what a shell does while it waits. */
const collectOrphans = '"$@"; exit $?';

async function outside(parameters: readonly string[]): Promise<number> {
  const missing = installSystemPackages("test/ha/main.ts");
  if (missing.length > 0) return 1;
  if (spawnSync("unshare", [...namespaces, "true"], { stdio: "ignore" }).status !== 0) {
    process.stderr.write("Network and process namespaces cannot be made here; run this as root on Linux.\n");
    return 1;
  }
  const folder = mkdtempSync(join(fastestFolder(), "countersign-ha-"));
  chmodSync(folder, 0o711);
  const inside = [process.execPath, ...process.execArgv, import.meta.filename, ...parameters];
  const child = spawn("unshare", [...namespaces, "sh", "-c", collectOrphans, "sh", ...inside], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, [insideVariable]: folder },
  });
  const end = () => void child.kill("SIGKILL");
  const limit = setTimeout(end, longestRunMs);
  let interrupted: NodeJS.Signals | undefined;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => {
      interrupted = signal;
      end();
    });
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(limit);
  if (code === 0 || interrupted !== undefined) rmSync(folder, { recursive: true, force: true });
  else process.stderr.write(`The files of this run, with the log of every process, stand in ${folder}.\n`);
  return interrupted === undefined ? (code ?? 1) : 130;
}

/** In memory where there is room: servers write and wait as ever, and the run waits less. */
function fastestFolder(): string {
  try {
    const { bavail, bsize } = statfsSync("/dev/shm");
    return bavail * bsize > 2 * 1024 ** 3 ? "/dev/shm" : tmpdir();
  } catch {
    return tmpdir();
  }
}

async function inside(folder: string, { json, replication }: Wish): Promise<number> {
  const startedAtMs = performance.now();
  const secondsNow = () => ((performance.now() - startedAtMs) / 1000).toFixed(1).padStart(6);
  const tell = (text: string) => void process.stderr.write(`${secondsNow()} s  ${text}\n`);
  const result = await runFailovers({ folder, replication, tell });
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : render(result));
  return result.lost === 0 && result.doubled === 0 && result.integrity === "ok" ? 0 : 1;
}

function render({ acknowledged, lost, doubled, integrity, secondsWithoutWrites }: FailoverResult): string {
  const waits = Object.entries(secondsWithoutWrites).map(([fault, seconds]) => `${fault} ${seconds} s`);
  return `${acknowledged} reports acknowledged, ${lost} lost, ${doubled} doubled, integrity ${integrity}; without writes: ${waits.join(", ")}\n`;
}

type Wish = { readonly json: boolean; readonly replication: Replication };

function readWish(): Wish | null {
  try {
    const flag = { type: "boolean" } as const;
    const { values } = parseArgs({ options: { json: flag, "without-synchronous-replication": flag } });
    const replication = values["without-synchronous-replication"] === true ? "asynchronous" : "synchronous";
    return { json: values.json === true, replication };
  } catch {
    return null;
  }
}

async function main(): Promise<number> {
  const wish = readWish();
  if (wish === null) {
    process.stderr.write(usage);
    return 2;
  }
  const folder = process.env[insideVariable];
  return folder === undefined ? outside(process.argv.slice(2)) : inside(folder, wish);
}

// Not by leaving the event loop: inside, servers run on, and end with the namespace when this process has ended.
process.exit(await main());
