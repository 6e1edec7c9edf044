// Squid on loopback that wants a password for everything and forbids one port.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";

export const proxyPassword = "canary-password-2236";

export async function startSquid(t: TestContext, forbiddenPort: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), "countersign-doctor-squid-"));
  const port = await closedPort();
  const hash = execFileSync("openssl", ["passwd", "-apr1", proxyPassword], { encoding: "utf8" }).trim();
  writeFileSync(join(directory, "passwords"), `licensing:${hash}\n`);
  const settings = `http_port 127.0.0.1:${port}
pid_filename none
cache_log /dev/null
access_log none
netdb_filename none
coredump_dir ${directory}
cache deny all
shutdown_lifetime 0 seconds
visible_hostname proxy.test
auth_param basic program /usr/lib/squid/basic_ncsa_auth ${directory}/passwords
acl forbidden port ${forbiddenPort}
acl known proxy_auth REQUIRED
http_access deny forbidden
http_access allow known
http_access deny all
`;
  writeFileSync(join(directory, "squid.conf"), settings);
  giveToProxyUser(directory);
  const squid = spawn("squid", ["-N", "-d", "1", "-f", join(directory, "squid.conf")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  t.after(async () => {
    squid.kill("SIGKILL");
    if (squid.exitCode === null && squid.signalCode === null) await once(squid, "exit");
    rmSync(directory, { recursive: true, force: true });
  });
  await untilListening(squid);
  return port;
}

/** A port that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

/** Squid started by root goes on as the user `proxy`, who must read and write here. */
function giveToProxyUser(directory: string): void {
  if (process.getuid?.() !== 0) return;
  const [, , uid, gid] = /^(proxy):[^:]*:(\d+):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8")) ?? [];
  chownSync(directory, Number(uid), Number(gid));
  chmodSync(directory, 0o755);
}

async function untilListening(squid: ChildProcess): Promise<void> {
  if (squid.stderr === null) throw new Error("squid has no output");
  const lines: string[] = [];
  for await (const line of createInterface({ input: squid.stderr })) {
    lines.push(line);
    if (line.includes("Accepting HTTP Socket connections")) {
      squid.stderr.resume();
      return;
    }
  }
  throw new Error(`squid did not start:\n${lines.join("\n")}`);
}
