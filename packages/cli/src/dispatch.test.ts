import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import type { Command, CommandInput } from "@countersign/terminal";
import { dispatch } from "./dispatch.ts";
import { root } from "./root.ts";

function tree(seen: CommandInput[]): Command {
  const leaf: Command = {
    name: "create",
    summary: "Create a token",
    usage: "<account>",
    options: { uses: { type: "string", description: "how many devices" } },
    run: async (input) => {
      seen.push(input);
      return 3;
    },
  };
  return {
    name: "countersign",
    summary: "Licensing",
    subcommands: [{ name: "token", summary: "ID tokens", subcommands: [leaf] }],
  };
}

async function call(words: readonly string[]) {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const seen: CommandInput[] = [];
  const exitCode = await dispatch(tree(seen), words, streams, new AbortController().signal);
  return { exitCode, seen, out: String(streams.stdout.read() ?? ""), err: String(streams.stderr.read() ?? "") };
}

test("a command gets its options and words, and its exit code is handed on", async () => {
  const { exitCode, seen } = await call(["token", "create", "Lab", "--uses", "3", "--json"]);
  assert.equal(exitCode, 3);
  assert.equal(seen[0]?.values.uses, "3");
  assert.deepEqual(seen[0]?.positionals, ["Lab"]);
  assert.equal(seen[0]?.json, true);
});

test("help goes to standard output with exit code 0 and names options and commands", async () => {
  const leaf = await call(["token", "create", "--help"]);
  assert.equal(leaf.exitCode, 0);
  assert.match(leaf.out, /Usage: countersign token create <account>/);
  assert.match(leaf.out, /--uses <value> +how many devices/);
  assert.match((await call(["--help"])).out, /token +ID tokens/);
});

test("the version is told as every program tells it, and to programs as JSON", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const tell = async (words: readonly string[]) => {
    const stdout = new PassThrough();
    const exitCode = await dispatch(root, words, { stdout, stderr: stdout }, new AbortController().signal);
    assert.equal(exitCode, 0);
    return String(stdout.read());
  };
  assert.ok((await tell(["--version"])).startsWith(`countersign ${version} (Node.js ${process.versions.node}, `));
  assert.equal(JSON.parse(await tell(["--version", "--json"])).version, version);
  assert.equal(await tell(["version"]), await tell(["--version"]));
});

for (const [name, words, problem] of [
  ["an unknown command", ["tokens"], /no command "tokens"/],
  [
    "an unknown command with an option of another",
    ["token", "list", "--uses", "3"],
    /^there is no command "list" here/,
  ],
  ["a missing command", ["token"], /command is missing/],
  ["an unknown option", ["token", "create", "--color"], /--color/],
] as const) {
  test(`${name} is a usage error: exit code 2, the problem and the help on standard error`, async () => {
    const { exitCode, out, err, seen } = await call(words);
    assert.deepEqual([exitCode, out, seen.length], [2, "", 0]);
    assert.match(err, problem);
    assert.match(err, /Usage:/);
    const asJson = JSON.parse((await call([...words, "--json"])).err);
    assert.match(asJson.error.message, problem);
    assert.deepEqual([asJson.error.code, asJson.error.remedy], ["usage", "See --help."]);
  });
}
