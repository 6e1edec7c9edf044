import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { type TestContext, test } from "node:test";
import type { Command, CommandInput } from "@countersign/terminal";
import { temporaryFolder } from "../test-support/test-device.ts";
import { commands } from "./index.ts";

class Text extends Writable {
  text = "";
  #seen: (() => void) | null = null;

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.text += chunk.toString("utf8");
    this.#seen?.();
    callback();
  }

  /** Resolves when the text holds these words. */
  async has(words: string): Promise<void> {
    while (!this.text.includes(words)) {
      await new Promise<void>((resolve) => {
        this.#seen = resolve;
      });
    }
  }
}

type Run = { readonly stdout: Text; readonly stderr: Text; readonly exit: Promise<number>; readonly stop: () => void };

function start(name: string, positionals: readonly string[], values: CommandInput["values"], json = false): Run {
  const command = commands.find(
    (one): one is Command & Required<Pick<Command, "run">> => one.name === name && one.run !== undefined,
  );
  assert(command !== undefined);
  const [stdout, stderr, abort] = [new Text(), new Text(), new AbortController()];
  const exit = command.run({ values, positionals, stdout, stderr, json, signal: abort.signal });
  return { stdout, stderr, exit, stop: () => abort.abort() };
}

async function finished(name: string, positionals: readonly string[], values: CommandInput["values"], json = false) {
  const { stdout, stderr, exit } = start(name, positionals, values, json);
  return { exit: await exit, stdout: stdout.text, stderr: stderr.text };
}

function runningDevice(t: TestContext, values: CommandInput["values"]): Run {
  const run = start("run", [], values);
  t.after(async () => {
    run.stop();
    await run.exit;
  });
  return run;
}

test("[LOG-8] a device runs, prints its log, answers exec, and ends when it is interrupted", async (t) => {
  const state = temporaryFolder(t);
  const run = runningDevice(t, { state, platform: "generic", transport: "off", hostname: "app-1" });
  await run.stdout.has("console:");
  assert.match(run.stdout.text, /^\*[A-Z][a-z]{2} {1,2}\d+ \d\d:\d\d:\d\d\.\d{3}: %SMART_LIC-6-AGENT_READY: /);
  assert.match(run.stdout.text, /^app-1 \(Software product\) runs; console: .*control\.sock$/m);
  const shown = await finished("exec", ["show license udi"], { state });
  assert.deepEqual(shown, { exit: 0, stdout: "UDI: PID:EDGE-APP,SN:CSL2706F001\n", stderr: "" });
  const json = await finished("exec", ["show", "license", "summary"], { state }, true);
  assert.equal(JSON.parse(json.stdout).licenses[0].name, "edge-app-base");
  assert.equal((await finished("exec", ["show license udo"], { state })).exit, 2);
  const refused = await finished("exec", ["license smart save usage all file ../x"], { state });
  assert.deepEqual([refused.exit, refused.stdout], [3, ""]);
  run.stop();
  assert.equal(await run.exit, 0);
  assert.equal((await finished("exec", ["show license udi"], { state })).stdout, shown.stdout);
  assert.equal((await finished("exec", ["license smart sync"], { state })).exit, 3);
});

test("with --json a device prints one object a line", async (t) => {
  const state = temporaryFolder(t);
  const run = start("run", [], { state, platform: "generic", transport: "off" }, true);
  await run.stdout.has("controlSocket");
  run.stop();
  assert.equal(await run.exit, 0);
  const lines = run.stdout.text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert(lines.some((line) => line.mnemonic === "AGENT_READY"));
  assert(lines.some((line) => line.platform === "generic"));
});

test("what is missing or wrong is said, with the exit code of its kind", async (t) => {
  const state = temporaryFolder(t);
  assert.equal((await finished("exec", ["show license udi"], {})).exit, 2);
  assert.equal((await finished("exec", [], { state })).exit, 2);
  assert.equal((await finished("run", [], {})).exit, 2);
  const none = await finished("exec", ["show license udi"], { state });
  assert.deepEqual([none.exit, none.stdout], [3, ""]);
  assert.match(none.stderr, /Start one with/);
  assert.equal(JSON.parse((await finished("run", [], { state }, true)).stdout).code, "no_device_here");
  const badTransport = { state, platform: "generic", transport: "pigeon" };
  assert.equal(JSON.parse((await finished("run", [], badTransport, true)).stdout).code, "option_invalid");
  const noFile = { state, platform: "generic", "trust-anchors": join(state, "none.pem") };
  assert.equal(JSON.parse((await finished("run", [], noFile, true)).stdout).code, "option_invalid");
  writeFileSync(join(state, "bad.pem"), "no certificate");
  const badFile = { state, platform: "generic", "trust-anchors": join(state, "bad.pem") };
  assert.equal((await finished("run", [], badFile)).exit, 3);
});

test("platforms are listed for people and for programs", async () => {
  assert.match(
    (await finished("platforms", [], {})).stdout,
    /^c9300-stack +Catalyst 9300 stack of three +17\.09\.04a +8$/m,
  );
  const rows = JSON.parse((await finished("platforms", [], {}, true)).stdout) as {
    name: string;
    licenses: unknown[];
  }[];
  assert.deepEqual(rows.find((row) => row.name === "generic")?.licenses.length, 2);
  const one = (await finished("platforms", ["c9407r"], {})).stdout;
  assert.match(one, /^network-advantage +C9400 Network Advantage +each switch or supervisor/m);
  assert.match(one, /^Licensing: right-to-use from 16\.5\.1, classic from 16\.9\.1, policy from 17\.3\.2;/m);
  assert.equal((await finished("platforms", ["c1"], {})).exit, 2);
});
