// Squid, the real proxy, with rules of a test's own, on a free port of loopback. Needs the Debian package squid.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { closedPort } from "./https-server.ts";

/** The password of the user `licensing`, where the rules ask for one. */
export const squidPassword = "canary-password-3141";
export const openRules = "http_access allow all";
export const authenticatedRules = `
auth_param basic program /usr/lib/squid/basic_ncsa_auth @DIRECTORY@/passwords
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all`;

export type Squid = { readonly port: number; readonly accessLog: () => string };

/** `atEnd` is given what stops it. */
export async function startSquid(rules: string, atEnd: (stop: () => Promise<void>) => void): Promise<Squid> {
  const directory = mkdtempSync(join(tmpdir(), "countersign-squid-"));
  const port = await closedPort();
  const hash = execFileSync("openssl", ["passwd", "-apr1", squidPassword], { encoding: "utf8" }).trim();
  writeFileSync(join(directory, "passwords"), `licensing:${hash}\n`);
  const settings = `http_port 127.0.0.1:${port}
pid_filename none
cache_log /dev/null
access_log stdio:${directory}/access.log
netdb_filename none
coredump_dir ${directory}
cache deny all
shutdown_lifetime 0 seconds
visible_hostname proxy.test
${rules.replace("@DIRECTORY@", directory)}
`;
  writeFileSync(join(directory, "squid.conf"), settings);
  giveToProxyUser(directory);
  const squid = spawn("squid", ["-N", "-d", "1", "-f", join(directory, "squid.conf")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  atEnd(async () => {
    squid.kill("SIGKILL");
    if (squid.exitCode === null && squid.signalCode === null) await once(squid, "exit");
    rmSync(directory, { recursive: true, force: true });
  });
  await untilListening(squid);
  return { port, accessLog: () => readFileSync(join(directory, "access.log"), "utf8") };
}

/** Squid started by root goes on as the user `proxy`, who must read and write here. */
function giveToProxyUser(directory: string): void {
  if (process.getuid?.() !== 0) return;
  const [, , uid, gid] = /^(proxy):[^:]*:(\d+):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8")) ?? [];
  chownSync(directory, Number(uid), Number(gid));
  chmodSync(directory, 0o755);
}

async function untilListening(squid: ChildProcess): Promise<void> {
  assert.ok(squid.stderr);
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
