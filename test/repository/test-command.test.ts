import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createMiniatureProject } from "./miniature-project.test-support.ts";
import { projectRoot } from "./project-files.ts";

type TestFiles = {
  readonly allTestFiles: (root: string) => readonly string[];
  readonly longestFiles: readonly string[];
  readonly longestFirst: (files: readonly string[]) => readonly string[];
};
const program = join(projectRoot, "scripts", "test-files.mjs");
const { allTestFiles, longestFiles, longestFirst }: TestFiles = await import(program);

type TestGroups = {
  readonly groupsOf: (
    files: readonly string[],
    readText: (file: string) => string,
  ) => { readonly alone: readonly string[]; readonly groups: readonly (readonly string[])[] };
};
const { groupsOf }: TestGroups = await import(join(projectRoot, "scripts", "test-groups.mjs"));

const first = `
import { describe, test } from "node:test";
describe("[TRU-4] trust", () => {
  test("[I9] holds", () => {});
  test("breaks", () => { throw new Error("broken on purpose"); });
  test.skip("is left out", () => {});
});`;
const second = 'import { test } from "node:test"; test("[REP-3] passes", () => {});';
const files = { "packages/one/src/first.test.ts": first, "test/second.test.ts": second };

function lastLine(text: string): string | undefined {
  return text.trimEnd().split("\n").at(-1);
}

test("npm test closes with the counts and fails when a test fails", () => {
  using project = createMiniatureProject(files);
  const { status, stdout } = project.run("test.mjs");
  assert.equal(lastLine(stdout), "2 passed, 1 failed, 1 skipped");
  assert.equal(status, 1);
});

test("npm test runs only the files that match a pattern", () => {
  using project = createMiniatureProject(files);
  const { status, stdout } = project.run("test.mjs", "test/**/sec*");
  assert.equal(lastLine(stdout), "1 passed, 0 failed, 0 skipped");
  assert.equal(status, 0);
  const none = project.run("test.mjs", "third");
  assert.equal(none.status, 1);
  assert.match(none.stderr, /No test file matches third/);
});

test("files of one package share a process, each of their tests under its own file", () => {
  const neighbour =
    'import { test } from "node:test"; test("tells its process", () => console.log("in", process.pid));';
  using project = createMiniatureProject({
    ...files,
    "packages/one/src/third.test.ts": neighbour,
    "packages/one/src/fourth.test.ts": neighbour,
    "packages/one/src/broken.test.ts": 'import "./missing.ts";',
  });
  const { status, stdout } = project.run("test.mjs");
  assert.equal(lastLine(stdout), "4 passed, 2 failed, 1 skipped");
  assert.equal(status, 1);
  assert.equal(new Set(stdout.match(/in \d+/g)).size, 1);
  assert.match(stdout, /broken\.test\.ts can be loaded/);
  const { tests } = JSON.parse(readFileSync(join(project.folder, "test-results", "requirements.json"), "utf8"));
  assert.equal(tests.filter(({ file }: { file: string }) => file === "packages/one/src/fourth.test.ts").length, 1);
});

test("every test file is run once, and what has hooks of the whole process or is long is alone", () => {
  const all = allTestFiles(projectRoot);
  const { alone, groups } = groupsOf(longestFirst(all), (file) => readFileSync(join(projectRoot, file), "utf8"));
  assert.deepEqual([...alone, ...groups.flat()].sort(), all);
  assert.deepEqual(alone.slice(0, longestFiles.length), longestFiles);
  assert.ok(groups.every((group) => new Set(group.map((file) => file.split("/")[1])).size === 1));
  assert.ok(Math.max(...groups.map((group) => group.length)) <= 16);
  const hooked = groupsOf(["packages/a/x.test.ts", "packages/a/y.test.ts"], (file) =>
    file.includes("x") ? "before(() => {});" : "suite('s', () => {\n  before(() => {});\n});",
  );
  assert.deepEqual(hooked, { alone: ["packages/a/x.test.ts"], groups: [["packages/a/y.test.ts"]] });
});

test("a test file that does not load is a failure", () => {
  using project = createMiniatureProject({ "test/broken.test.ts": 'import "./missing.ts";' });
  const { status, stdout } = project.run("test.mjs");
  assert.equal(lastLine(stdout), "0 passed, 1 failed, 0 skipped");
  assert.equal(status, 1);
});

test("a missing command leaves out the files that need it, which counts as skipped", () => {
  using project = createMiniatureProject(files);
  const needs = [{ package: "left-handed-debian", command: "left-handed", tests: ["test/second"] }];
  writeFileSync(join(project.folder, "scripts", "system-packages.json"), JSON.stringify(needs));
  const { status, stdout, stderr } = project.run("test.mjs", "second");
  assert.match(stderr, /Missing: the command left-handed \(Debian package left-handed-debian\)/);
  assert.match(stdout, /left out: test\/second\.test\.ts needs left-handed-debian/);
  assert.equal(lastLine(stdout), "0 passed, 0 failed, 1 skipped");
  assert.equal(status, 0);
  assert.equal(project.run("test.mjs", "--no-skips", "second").status, 1);
});

test("npm run requirements tells which passing tests prove which id", () => {
  using project = createMiniatureProject(files);
  const wordings = { "TRU-4": "first wording", I9: "second wording", "POL-1": "third wording" };
  writeSpec(project.folder, wordings);
  assert.match(project.run("run.mjs", "scripts/requirements.ts").stderr, /Run `npm test` first/);
  project.run("test.mjs");
  assert.deepEqual(JSON.parse(project.run("run.mjs", "scripts/requirements.ts", "--json").stdout), {
    "TRU-4": ["[TRU-4] trust > [I9] holds"],
    I9: ["[TRU-4] trust > [I9] holds"],
    "REP-3": ["[REP-3] passes"],
  });
  const table = project.run("run.mjs", "scripts/requirements.ts").stdout;
  assert.match(table, /3 of 4 requirements proved by a passing test\.\nWithout a test:\nPOL-1 {3}third wording/);
  assert.match(table, /REP-3 {3}\(no wording in spec\/requirements\.json\)/);
});

test("the record of a partial run says so", () => {
  using project = createMiniatureProject(files);
  writeSpec(project.folder, {});
  project.run("test.mjs", "second");
  const record = JSON.parse(readFileSync(join(project.folder, "test-results", "requirements.json"), "utf8"));
  assert.deepEqual(record.selection, ["second"]);
  assert.match(project.run("run.mjs", "scripts/requirements.ts").stdout, /The last run was partial: second/);
});

function writeSpec(folder: string, wordings: Readonly<Record<string, string>>): void {
  mkdirSync(join(folder, "spec"));
  writeFileSync(join(folder, "spec", "requirements.json"), JSON.stringify(wordings));
}

test("the files that take longest are begun first, and each of them is there", () => {
  const all = allTestFiles(projectRoot);
  assert.deepEqual(
    longestFiles.filter((file) => !all.includes(file)),
    [],
  );
  const [longest = "", next = ""] = longestFiles;
  assert.deepEqual(longestFirst(["a", next, "b", longest]), [longest, next, "a", "b"]);
});

test("npm test begins the files that take longest before the others, whatever they are called", () => {
  const [long = ""] = longestFiles;
  const passing = 'import { test } from "node:test"; test("passes", () => {});';
  using project = createMiniatureProject({ "packages/one/src/short.test.ts": passing, [long]: passing });
  assert.equal(project.run("test.mjs").status, 0);
  const record = JSON.parse(readFileSync(join(project.folder, "test-results", "requirements.json"), "utf8"));
  assert.deepEqual(
    record.tests.map(({ file }: { readonly file: string }) => file),
    [long, "packages/one/src/short.test.ts"],
  );
});
