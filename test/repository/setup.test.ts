import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { createMiniatureProject, type MiniatureProject } from "./miniature-project.test-support.ts";

const library = { version: "1.0.0", integrity: "sha512-abc" };

function lock(packages: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ packages: { "": {}, ...packages } });
}

/** A stand-in for the npm program, which is told of by npm_execpath: it says what it was asked, and fails. */
const failingNpm = 'console.log("asked for", ...process.argv.slice(2)); process.exit(7);';

function setUpIn(project: MiniatureProject) {
  const npm = join(project.folder, "npm.cjs");
  writeFileSync(npm, failingNpm);
  Object.assign(project.environment, { npm_execpath: npm });
  return project.run("setup.mjs");
}

suite("setting a clone up", () => {
  for (const [condition, wanted, present] of [
    ["nothing is installed", { "node_modules/a": library }, undefined],
    ["a package is missing", { "node_modules/a": library }, {}],
    ["a package has another version", { "node_modules/a": library }, { "node_modules/a": { version: "1.0.1" } }],
    ["a package is no longer wanted", {}, { "node_modules/a": library }],
    ["a workspace is not linked", { "node_modules/a": { resolved: "packages/a", link: true } }, {}],
  ] as const) {
    test(`runs npm ci when ${condition}, on stderr alone`, () => {
      using project = createMiniatureProject({ "package-lock.json": lock(wanted) });
      const record = join(project.folder, "node_modules", ".package-lock.json");
      if (present === undefined) rmSync(record);
      else writeFileSync(record, lock(present));
      const { status, stdout, stderr } = setUpIn(project);
      assert.match(stderr, /asked for ci --include=dev --include=optional/);
      assert.match(stderr, /npm ci failed \(exit code 7\).*repeat the same command/);
      assert.doesNotMatch(stderr, /at .*setup\.mjs/, "no stack trace for what the reader can mend");
      assert.deepEqual([status, stdout], [1, ""]);
    });
  }

  test("leaves an installation alone that is as the lockfile says, but for other platforms' packages", () => {
    const optional = { "node_modules/for-another-platform": { ...library, optional: true } };
    using project = createMiniatureProject({
      "package-lock.json": lock({ "node_modules/a": library, ...optional }),
      "node_modules/.package-lock.json": lock({ "node_modules/a": library }),
    });
    const { status, stdout, stderr } = setUpIn(project);
    assert.deepEqual([status, stdout, stderr], [0, "", ""]);
  });
});

suite("building the portal", () => {
  const record = { "package-lock.json": lock({}), "node_modules/.package-lock.json": lock({}) };
  const portal = {
    "packages/portal/package.json": "{}",
    "packages/portal/index.html": "",
    "packages/portal/src/main.tsx": "one",
  };
  /** A stand-in for the script: it leaves what the true one leaves. */
  const building = `
    import { mkdirSync, writeFileSync } from "node:fs";
    import { portalDigest } from "./portal-digest.mjs";
    const root = process.cwd();
    mkdirSync(root + "/packages/portal/dist", { recursive: true });
    writeFileSync(root + "/packages/portal/dist/built-from.txt", portalDigest(root));
    console.log("building");`;

  test("happens when a source differs from what was built, and only then; on stderr alone", () => {
    using project = createMiniatureProject({ ...record, ...portal });
    writeFileSync(join(project.folder, "scripts/build-portal.mjs"), building);
    const built = /^building\nBuilt the portal in \d+ s\.\n$/;
    assert.match(setUpIn(project).stderr, built);
    assert.deepEqual(setUpIn(project).stderr, "");
    writeFileSync(join(project.folder, "packages/portal/src/rows.test.ts"), "a test is not in the build");
    assert.deepEqual(setUpIn(project).stderr, "");
    writeFileSync(join(project.folder, "packages/portal/src/main.tsx"), "two");
    const { stdout, stderr } = setUpIn(project);
    assert.match(stderr, built);
    assert.equal(stdout, "");
  });

  test("when it fails, that is said with the command that repeats it, and everything else goes on", () => {
    using project = createMiniatureProject({ ...record, ...portal, "program.ts": "process.exitCode = 3;" });
    writeFileSync(
      join(project.folder, "scripts/build-portal.mjs"),
      'console.error("no such module"); process.exit(1);',
    );
    const { status, stderr } = project.run("run.mjs", "program.ts");
    assert.equal(status, 3);
    assert.match(stderr, /^no such module\nThe portal could not be built; .* npm run portal\n$/);
  });
});

suite("running a program", () => {
  const echo = "process.stdout.write(JSON.stringify(process.argv.slice(2))); process.exitCode = 3;";

  test("passes arguments, output and exit code through and adds nothing", () => {
    using project = createMiniatureProject({ "program.ts": echo });
    const { status, stdout, stderr } = project.run("run.mjs", "program.ts", "--exit", "a b");
    assert.deepEqual([status, stdout, stderr], [3, '["--exit","a b"]', ""]);
  });

  test("runs sources of packages, whoever starts it", () => {
    using project = createMiniatureProject({ "program.ts": "process.stdout.write(process.env.NODE_OPTIONS ?? '');" });
    assert.equal(project.run("run.mjs", "program.ts").stdout, "--conditions=countersign-source");
  });

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    test(`passes ${signal} on once and waits for the program to end its own way`, async () => {
      const stopping = `
        let seen = 0;
        process.on("${signal}", () => { seen += 1; setImmediate(() => { console.log("seen", seen); process.exit(5); }); });
        setInterval(() => {}, 1000);
        console.log("ready");`;
      using project = createMiniatureProject({ "program.ts": stopping });
      const child = spawn(process.execPath, [join(project.folder, "scripts", "run.mjs"), "program.ts"], {
        cwd: project.folder,
        env: project.environment,
        stdio: ["ignore", "pipe", "inherit"],
      });
      let output = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        if (output === "") child.kill(signal);
        output += text;
      });
      const [code] = await once(child, "close");
      assert.deepEqual([code, output], [5, "ready\nseen 1\n"]);
    });
  }

  test("ends with 128 and the signal's number when a signal ended the program", () => {
    using project = createMiniatureProject({ "program.ts": 'process.kill(process.pid, "SIGKILL");' });
    assert.equal(project.run("run.mjs", "program.ts").status, 137);
  });

  test("says which platform has no Node 24 package", () => {
    using project = createMiniatureProject({ "program.ts": echo });
    rmSync(join(project.folder, "node_modules", ".bin"), { recursive: true });
    mkdirSync(join(project.folder, "node_modules", ".bin"));
    const preload = join(project.folder, "old-node.mjs");
    writeFileSync(preload, 'Object.defineProperty(process.versions, "node", { value: "20.0.0" });');
    Object.assign(project.environment, { NODE_OPTIONS: `--import=${preload}` });
    const { status, stderr } = project.run("run.mjs", "program.ts");
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`no Node 24 package for ${process.platform}-${process.arch} .*plan9-mips`));
    assert.match(stderr, /Put a Node 24 first on the PATH/);
  });
});
