import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import type { Command } from "@countersign/terminal";
import { execute } from "./exec-command.ts";
import { accessPoints, member, switchover } from "./installation-commands.ts";

async function run(
  directory: string,
  instance: string,
  json: boolean,
  { command = switchover, rest = [] }: { command?: Command | undefined; rest?: readonly string[] } = {},
) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await command.run?.({
    positionals: [instance, ...rest],
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

test("what a platform cannot have joins it nowhere, and the lab says why instead of showing a mistaken command", async () => {
  const directory = mkdtempSync(join(tmpdir(), "countersign-lab-"));
  const sub = (group: Command, name: string) => group.subcommands?.find((one) => one.name === name);
  const cases = [
    ["c8000v", sub(member, "add"), ["C8000V", "EXA1"], "no_members"],
    ["c8000v", sub(member, "remove"), ["1"], "no_members"],
    ["c8000v", sub(member, "fail"), ["1"], "no_members"],
    ["c9300-stack", sub(accessPoints, "join"), [], "no_access_points"],
    ["c9300-stack", sub(accessPoints, "leave"), [], "no_access_points"],
  ] as const;
  try {
    for (const [instance, command, rest, code] of cases) {
      const said = await run(directory, instance, false, { command, rest });
      assert.deepEqual([said.code, said.out], [3, ""], code);
      assert.match(said.err, new RegExp(`^${instance} is of the platform \\S+, which is .*; choose a `));
      assert.equal(JSON.parse((await run(directory, instance, true, { command, rest })).out).code, code);
    }
    const stack = await run(directory, "c9300-stack", false, { command: sub(member, "fail"), rest: ["1"] });
    assert.equal(stack.code, 4, "a stack is asked, and no lab is there");
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a name that is none, a folder without a lab and a torn list are told in words and as JSON", async () => {
  const directory = mkdtempSync(join(tmpdir(), "countersign-lab-"));
  const told = async (instance: string) => {
    const wish = { command: execute, rest: ["show version"] };
    const [words, json] = [await run(directory, instance, false, wish), await run(directory, instance, true, wish)];
    const { code, remedy } = JSON.parse(json.out) as { code: string; remedy: string };
    assert.ok(words.err.endsWith(`; ${remedy}\n`), words.err);
    assert.deepEqual([words.out, json.err, json.code], ["", "", words.code]);
    return [code, words.code];
  };
  try {
    assert.deepEqual(await told("nobody"), ["instance_unknown", 2]);
    assert.deepEqual(await told("app"), ["lab_missing", 4]);
    writeFileSync(join(directory, "fleet.json"), '{"instances":[');
    assert.deepEqual(await told("app"), ["fleet_invalid", 1]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
