// The example as a reader runs it: a process of its own, against a real manager over TLS.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { initManager, startManager } from "@countersign/manager";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "countersign-example-"));
const dataDirectory = join(directory, "manager");
await initManager({ dataDirectory, smartAccount: "Example" });
const manager = await startManager({ dataDirectory, port: 0, logLevel: "silent", isProcessMeasured: false });
const rootFile = join(directory, "root.pem");
writeFileSync(rootFile, manager.rootCertificatePem);
after(async () => {
  await manager.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function createToken(): Promise<string> {
  const cause = { kind: "operator", name: "test" } as const;
  const created = await manager.manager.administration.createToken({ cause });
  return created.text;
}

type Outcome = { readonly code: number; readonly output: string };

function runProduct(state: string, url: string, ...more: string[]): Promise<Outcome> {
  const parameters = [main, "--manager", url, "--root", rootFile, "--state", join(directory, state), "--once", ...more];
  return new Promise((resolve) => {
    execFile(process.execPath, parameters, { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr });
    });
  });
}

test("the example works, reports what it uses and gets it acknowledged; and again without a token", async () => {
  const url = `${manager.url}/licservice/license`;
  const first = await runProduct("state", url, "--token", await createToken(), "--workers", "4");
  assert.equal(first.code, 0, first.output);
  assert.match(first.output, /the first scene rendered by 4 workers/);
  assert.match(first.output, /licensing: trusted by the manager/);
  assert.match(first.output, /licensing: usage acknowledged: report \d+/);
  const second = await runProduct("state", url, "--workers", "6");
  assert.equal(second.code, 0, second.output);
  assert.match(second.output, /licensing: usage acknowledged: report \d+/);
});

test("[GEN-12] the example goes on working when nobody answers", async () => {
  const { code, output } = await runProduct(
    "lonely",
    "https://127.0.0.1:1/licservice/license",
    "--token",
    await createToken(),
  );
  assert.equal(code, 1);
  assert.match(output, /licensing: the manager cannot be reached: Connection refused/);
  assert.match(output, /the last scene rendered by 4 workers/);
});
