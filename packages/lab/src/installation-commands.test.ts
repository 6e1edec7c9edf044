import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { switchover } from "./installation-commands.ts";

async function run(directory: string, instance: string, json: boolean) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await switchover.run?.({
    positionals: [instance],
    values: { directory },
    json,
    stdout,
    stderr,
    signal: new AbortController().signal,
  });
  const text = (stream: PassThrough) => String(stream.read() ?? "");
  return { code, out: text(stdout), err: text(stderr) };
}

test("a switchover of a single device is refused in words, with the exit code of a refusal", async () => {
  const directory = mkdtempSync(join(tmpdir(), "countersign-lab-"));
  try {
    for (const instance of ["c8000v", "app"]) {
      const { code, out, err } = await run(directory, instance, false);
      assert.deepEqual([code, out], [3, ""]);
      assert.match(err, new RegExp(`^${instance} is of the platform \\S+, which has no second supervisor`));
    }
    const { code, out } = await run(directory, "c8000v", true);
    assert.equal(code, 3);
    assert.equal(JSON.parse(out).code, "no_standby");
    assert.equal((await run(directory, "c9407", false)).code, 4, "a chassis is asked, and no lab is there");
  } finally {
    rmSync(directory, { recursive: true });
  }
});
