import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DataDirectoryInUseError, lockDataDirectory } from "./data-directory-lock.ts";

const refused = (error: unknown) => error instanceof DataDirectoryInUseError && error.code === "data_directory_in_use";

test("the second program on a data directory is refused, and told who holds it", () => {
  const directory = mkdtempSync(join(tmpdir(), "countersign-lock-"));
  try {
    const first = lockDataDirectory(directory);
    assert.throws(
      () => lockDataDirectory(directory),
      (error) => refused(error) && String(error).includes(`${process.pid}`),
    );
    first.release();
    lockDataDirectory(directory).release();
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a holder that is killed leaves the data directory free", async () => {
  const directory = mkdtempSync(join(tmpdir(), "countersign-lock-"));
  try {
    const module = new URL("./data-directory-lock.ts", import.meta.url).href;
    const program = `const { lockDataDirectory } = await import(${JSON.stringify(module)}); lockDataDirectory(${JSON.stringify(directory)}); console.log("held"); setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(holder.stdout, "data");
    assert.throws(() => lockDataDirectory(directory, 0), refused);
    holder.kill("SIGKILL");
    await once(holder, "exit");
    lockDataDirectory(directory).release();
  } finally {
    rmSync(directory, { recursive: true });
  }
});
