import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { flags, framesOf, pcapng } from "../capturing/frames.test-support.ts";
import { called } from "../test-support/called.ts";
import { capture } from "./capture.ts";

test("doctor capture lists connections and findings, and ends with 2 for what is no capture", async () => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-doctor-capture-"));
  const file = join(folder, "x.pcapng");
  try {
    writeFileSync(
      file,
      pcapng(
        framesOf([
          { isClient: true, flags: flags.syn },
          { isClient: false, flags: flags.rst },
        ]),
      ),
    );
    const text = await called(capture, [file]);
    assert.equal(text.exitCode, 1);
    assert.match(text.out, /^Frame +Server +Name +Reached +Issuer\n +1 +198\.51\.100\.7:443 +– +SYN +–\n/);
    assert.match(text.out, /frame 2: a reset in the\s+name of 198\.51\.100\.7:443/);
    const elsewhere = await called(capture, [file], { json: true, values: { host: ["203.0.113.1"] } });
    assert.deepEqual(
      [elsewhere.exitCode, JSON.parse(elsewhere.out)],
      [0, { connections: [], findings: [], leftOut: [] }],
    );
    writeFileSync(file, "a poem");
    assert.deepEqual((await called(capture, [file])).exitCode, 2);
    assert.deepEqual((await called(capture, [join(folder, "absent")])).exitCode, 2);
    assert.deepEqual((await called(capture, [])).exitCode, 2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
