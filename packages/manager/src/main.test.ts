import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { initManager } from "./program/init-manager.ts";

const main = join(import.meta.dirname, "main.ts");

/** Starts the program and waits until it says that it listens. */
async function serve(dataDirectory: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [main, "serve", "--data-directory", dataDirectory, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (JSON.parse(line).event === "manager_started") return child;
  }
  throw new Error("the manager ended before it listened");
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  child.stdout?.resume();
  child.kill(signal);
  const [code] = await once(child, "exit");
  return code;
}

function certificatesOf(dataDirectory: string): Readonly<Record<string, string>> {
  const folder = join(dataDirectory, "certificates");
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

test("killed without warning, the manager comes back with the same certificates and nobody's help", async () => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-main-"));
  const dataDirectory = join(folder, "data");
  try {
    await initManager({ dataDirectory, smartAccount: "Example Corp" });
    const before = certificatesOf(dataDirectory);
    await end(await serve(dataDirectory), "SIGKILL");
    const again = await serve(dataDirectory);
    assert.deepEqual(certificatesOf(dataDirectory), before);
    assert.equal(await end(again, "SIGTERM"), 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
