import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { logLines, tellFailingOutput } from "./failing-output.ts";
import { systemRemedy } from "./system-failure.ts";

function program() {
  const exits: (() => void)[] = [];
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const here = {
    ...{ stdout, stderr, exitCode: 0 as number | string | null | undefined },
    on: (_: "exit", use: () => void) => exits.push(use),
  };
  tellFailingOutput(here);
  return { here, end: () => exits.map((use) => use()) };
}

test("output that cannot be written is told in words and fails; a reader that has gone is no failure", () => {
  for (const [code, exitCode, words] of [
    ["ENOSPC", 1, "error: The output could not be written.\n(ENOSPC)\n"],
    ["EPIPE", 0, ""],
  ] as const) {
    const { here, end } = program();
    here.stdout.emit("error", Object.assign(new Error(code), { code }));
    here.stderr.emit("error", Object.assign(new Error(code), { code }));
    end();
    assert.equal(here.exitCode, exitCode);
    assert.equal(String(here.stderr.read() ?? ""), words);
  }
});

test("a log on a full disk loses lines, and goes on where there is room; one whose reader has gone says nothing", async () => {
  const full = openSync("/dev/full", "w");
  const lines = logLines(Object.assign(new PassThrough(), { fd: full }));
  lines.write("lost\n");
  const gone = new PassThrough();
  logLines(gone).write("read\n");
  assert.equal(String(gone.read()), "read\n");
  gone.destroy();
  logLines(gone).write("lost\n");
  // With node's own stream: the second write is the one that would end the process.
  const source = `
    import { logLines, tellFailingOutput } from ${JSON.stringify(import.meta.resolve("./failing-output.ts"))};
    tellFailingOutput(process);
    const lines = logLines(process.stdout);
    for (let at = 0; at < 3; at += 1) { lines.write("line\\n"); await new Promise((resolve) => setImmediate(resolve)); }
    process.stderr.write("alive");`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], { stdio: ["ignore", full, "pipe"] });
  const told: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (text: string) => told.push(text));
  const [code] = await once(child, "close");
  closeSync(full);
  assert.deepEqual([code, told.join("")], [0, "alive"]);
});

test("what the system calls a failure has a remedy where one is known", () => {
  assert.match(systemRemedy("EADDRINUSE"), /another port/);
  // All that SQLite says of a full disk is "disk I/O error".
  assert.match(systemRemedy("ERR_SQLITE_ERROR"), /disk has room/);
  assert.equal(systemRemedy("toString"), "");
});
