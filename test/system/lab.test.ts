// What `npm start` shows, run as a person runs it: the command in a process of its own.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(import.meta.resolve("@countersign/cli/main"));
const folder = mkdtempSync(join(tmpdir(), "countersign-lab-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function countersign(...words: string[]): ChildProcess {
  return spawn(process.execPath, ["--conditions=countersign-source", main, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}

type Outcome = { readonly code: number | null; readonly out: string; readonly err: string };

async function run(...words: string[]): Promise<Outcome> {
  const child = countersign(...words);
  const read = async (stream: ChildProcess["stdout"]) => (stream === null ? "" : (await stream.toArray()).join(""));
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [out, err, code] = await Promise.all([read(child.stdout), read(child.stderr), ended]);
  return { code, out, err };
}

test("[TOP-1] [TRU-3] [REP-2] once, with JSON: every instance is trusted and has a verified ACK; and again from what is stored", async () => {
  const directory = join(folder, "once");
  for (const run1 of ["new", "taken up again"]) {
    const { code, out, err } = await run("lab", "start", "--exit", "--json", "--directory", directory);
    assert.equal(code, 0, `${run1}: ${err}`);
    const summary = JSON.parse(out);
    assert.deepEqual(Object.keys(summary), ["instances", "trusted", "reports", "acknowledged", "inUse", "seconds"]);
    assert.deepEqual([summary.instances, summary.trusted, summary.acknowledged], [6, 6, 6], run1);
    assert.ok(summary.reports >= 6);
    const counts = Object.values<number>(summary.inUse).toSorted((one, other) => one - other);
    // Stack 2+1 of two licences, chassis 2 and 1, pair 2 and 2, twelve access points twice, router 1 and 1, four workers.
    assert.deepEqual(counts, [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 4, 12, 12]);
  }
  const shown = await run("lab", "exec", "--directory", directory, "c9300-stack", "show license summary");
  assert.equal(shown.code, 0, shown.err);
  assert.match(shown.out, /^Account Information:\n {2}Smart Account: Example Networks/);
  const changed = await run("lab", "exec", "--directory", directory, "c9300-stack", "license smart sync all");
  assert.equal(changed.code, 3, "a stored device changes nothing");
});

test("[REP-5] while it runs, a console command changes an instance; an interrupt stops everything", async () => {
  const directory = join(folder, "live");
  const lab = countersign("lab", "start", "--directory", directory);
  const ended = new Promise<number | null>((resolve) => lab.once("exit", resolve));
  assert.ok(lab.stdout);
  for await (const line of createInterface({ input: lab.stdout })) {
    if (line.includes("Ctrl-C stops everything")) break;
  }
  lab.stdout.resume();
  const counted = await acknowledgedBy(directory);
  const synced = await run("lab", "exec", "--directory", directory, "c9800", "license smart sync all");
  assert.equal(synced.code, 0, synced.err);
  await changeInstallations(directory);
  const second = await run("lab", "start", "--exit", "--directory", directory);
  assert.equal(second.code, 1);
  assert.match(second.err, /The lab cannot start: .*in use|runs/i);
  lab.kill("SIGINT");
  assert.equal(await ended, 0);
  assert.ok((await acknowledgedBy(directory)) > counted, "the sync brought no acknowledgement");
});

/** The lab's commands reach the running instances, and a refusal has its exit code. */
async function changeInstallations(directory: string): Promise<void> {
  const lab = (...words: string[]) => run("lab", ...words, "--directory", directory);
  assert.deepEqual(JSON.parse((await lab("ap", "join", "c9800", "--count", "5", "--json")).out), { outcome: "done" });
  assert.equal((await lab("member", "fail", "c9300-stack", "1")).code, 0);
  assert.match((await lab("exec", "c9300-stack", "show switch")).out, /^ 1 .* Removed\n\*2 +Active/m);
  assert.equal((await lab("switchover", "c9407")).code, 0);
  assert.match((await lab("exec", "c9407", "show redundancy")).out, /Active Location = slot 4/);
  const refused = await lab("switchover", "c8000v");
  assert.equal(refused.code, 3);
  assert.match(refused.err, /c8000v, which has no second supervisor/);
  const full = await lab("member", "add", "c9407", "C9407R", "CSL2702B001", "--json");
  assert.equal(full.code, 3);
  assert.equal(JSON.parse(full.out).code, "slots_full");
}

/** Total of acknowledged reports that the instance shows. */
async function acknowledgedBy(directory: string): Promise<number> {
  const { out } = await run(
    "lab",
    "exec",
    "--directory",
    directory,
    "c9800",
    "show license all | include Acknowledged",
  );
  return Number(/Total Acknowledged Received: (\d+)/.exec(out)?.[1] ?? Number.NaN);
}

test("[REP-6] [POL-1] a year with the fast clock: the controller reports every eight hours, the others monthly, and every push has its ACK", async () => {
  const { code, out, err } = await run("lab", "start", "--clock", "fast", "--days", "65", "--json");
  assert.equal(code, 0, err);
  const entries = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const pushesOf = (name: string) =>
    entries.filter(({ kind, instance }) => kind === "push" && instance === name).length;
  assert.equal(pushesOf("c9800"), 65 * 3);
  for (const name of ["c9300-stack", "c9407", "c9500-svl", "c8000v", "app"]) assert.equal(pushesOf(name), 3, name);
  const summary = entries.at(-1);
  assert.equal(summary.pushes, summary.acknowledgements);
  assert.ok(entries.some(({ kind, text }) => kind === "deadline" && text.includes("reporting frequency")));
});

for (const [words, problem] of [
  [["lab", "exec", "nobody", "show license all"], /no instance "nobody"/],
  [["lab", "exec", "app"], /an instance and a command are needed/],
  [["lab", "start", "--platform", "c1"], /there is no platform "c1"; there are c9200, /],
  [["lab", "ap", "join", "c9800", "--count", "0"], /a whole number from 1 to 6000/],
  [["lab", "start", "--clock", "slow"], /--clock is "fast" or left out/],
  [["lab", "start", "--timeout", "soon"], /--timeout is a whole number/],
] as const) {
  test(`${words.join(" ")} is a wrong command line: exit code 2 and what to do`, async () => {
    const { code, err } = await run(...words);
    assert.equal(code, 2);
    assert.match(err, problem);
  });
}
