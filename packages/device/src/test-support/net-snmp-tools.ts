// The SNMP tools of Debian (snmp, snmptrapd) against a device of a test: what they print.

import { execFile, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";

/** Base modules come with the library, ours from this package. */
export const mibFolders = [
  join(dirname(createRequire(import.meta.url).resolve("net-snmp")), "lib/mibs"),
  join(import.meta.dirname, "../../mib"),
] as const;
export const mibFile = join(mibFolders[1], "COUNTERSIGN-LICENSE-MIB.txt");

export type ToolAnswer = { readonly exitCode: number; readonly output: string };

/** Nobody reads or writes outside a folder of the test: the tools keep state under these. */
export function snmpTools(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "countersign-snmp-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const env = { ...process.env, SNMP_PERSISTENT_DIR: folder, SNMPCONFPATH: folder, LC_ALL: "C" };
  const withMib = ["-M", mibFolders.join(":"), "-m", "COUNTERSIGN-LICENSE-MIB:SNMPv2-MIB"];
  return {
    folder,
    run: (command: string, ...given: string[]): Promise<ToolAnswer> =>
      new Promise((resolve) => {
        execFile(command, given, { env, timeout: 20_000 }, (error, stdout, stderr) => {
          resolve({ exitCode: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}`.trim() });
        });
      }),
    withMib,
    /** A trap receiver on a free port; each notification is one line. */
    receiver: (configuration: string) => startReceiver(context, { folder, env, withMib, configuration }),
  };
}

type ReceiverParts = {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly withMib: readonly string[];
  readonly configuration: string;
};

async function startReceiver(context: TestContext, { folder, env, withMib, configuration }: ReceiverParts) {
  const port = await freePort();
  writeFileSync(join(folder, "snmptrapd.conf"), `${configuration}\ndisableAuthorization no\n`);
  const lines: string[] = [];
  const given = ["-f", "-C", "-c", join(folder, "snmptrapd.conf"), "-Le", "-n", "-F", "%P|%N|%v\\n", ...withMib];
  const child = spawn("snmptrapd", [...given, `127.0.0.1:${port}`], { env, stdio: ["ignore", "ignore", "pipe"] });
  const reader = createInterface({ input: child.stderr });
  reader.on("line", (line) => lines.push(line));
  context.after(async () => {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  });
  const heard = async (accepts: (line: string) => boolean): Promise<string> => {
    for (;;) {
      const found = lines.find(accepts);
      if (found !== undefined) return found;
      await once(reader, "line", { signal: AbortSignal.timeout(20_000) });
    }
  };
  await heard((line) => line.includes("NET-SNMP version"));
  return { port, heard };
}

async function freePort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}
