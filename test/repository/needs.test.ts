// What the project needs from outside is written down: Debian packages for tests, npm packages for what is shipped.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { manifestsOf } from "./manifests.ts";
import { projectFiles, projectRoot, textOf } from "./project-files.ts";

interface SystemPackage {
  readonly package: string;
  readonly command?: string;
  /** Of a package that brings no command: a library, by the place where Debian puts it. */
  readonly file?: string;
  readonly tests: readonly string[];
}

const files = projectFiles();
/** Long tests are programs: what they need is needed by the one file that is started, whichever of its folder starts it. */
const longTests = ["test/ha/"];
const testFiles = files.filter(
  (file) => file.endsWith(".test.ts") || longTests.some((folder) => file.startsWith(folder) && file.endsWith(".ts")),
);
const systemPackages = JSON.parse(textOf("scripts/system-packages.json") ?? "") as readonly SystemPackage[];

suite("scripts/system-packages.json", () => {
  test("has a row for every command that a test starts by its name", () => {
    const known = systemPackages.map(({ command }) => command);
    const unknown = testFiles.flatMap((file) =>
      commandsStartedIn(textOf(file) ?? "")
        .filter((command) => !known.includes(command))
        .map((command) => `${file} starts ${command}`),
    );
    assert.deepEqual(unknown, []);
  });

  test("a started command is seen however it is started", () => {
    const start = "spawn";
    const text = `${start}("squid", []); ${start}Sync(\n  "openssl", ["x"]); ${start}(process.execPath); log("python3")`;
    assert.deepEqual(commandsStartedIn(text), ["squid", "openssl"]);
  });

  for (const { package: name, command, file: library, tests } of systemPackages) {
    test(`names every test file that needs ${command ?? library}, and only test files that exist`, () => {
      const starting = testFiles.filter((file) =>
        command === undefined
          ? (textOf(file) ?? "").includes(library ?? name)
          : commandsStartedIn(textOf(file) ?? "").includes(command),
      );
      const unnamed = starting.filter((file) => !tests.some((pattern) => file.includes(pattern)));
      assert.deepEqual(unnamed, [], `add them to the row of ${name}`);
      const stale = tests.filter((pattern) => !testFiles.some((file) => file.includes(pattern)));
      assert.deepEqual(stale, [], `remove them from the row of ${name}`);
      assert.notEqual(tests.length, 0, `remove the row of ${name}: no test needs it`);
    });
  }
});

test("docs/decisions gives a reason for every npm package that is shipped", () => {
  const decisions = files
    .filter((file) => /^docs\/decisions\/\d{4}-.*\.md$/.test(file))
    .map((file) => textOf(file) ?? "");
  const shipped = [...manifestsOf(projectRoot, files)].flatMap(([workspace, { dependencies }]) =>
    workspace.startsWith("packages/") ? dependencies.filter((name) => !name.startsWith("@countersign/")) : [],
  );
  const unexplained = new Set(shipped.filter((name) => !decisions.some((text) => text.includes(name))));
  assert.deepEqual([...unexplained], []);
});

test("docs/decisions lists every decision in its README", () => {
  const listed = textOf("docs/decisions/README.md") ?? "";
  const decisions = files
    .filter((file) => /^docs\/decisions\/\d{4}-/.test(file))
    .map((file) => file.split("/")[2] ?? "");
  const missing = decisions.filter((name) => !listed.includes(`(${name})`));
  assert.deepEqual(missing, []);
});

/** The commands that a source starts by a name that is written out. */
function commandsStartedIn(text: string): readonly string[] {
  const starts = text.matchAll(
    /(?<![.\w])(?:spawn|spawnSync|exec|execSync|execFile|execFileSync)\(\s*["'`]([\w.+-]+)["'` ]/g,
  );
  return [...starts].map(([, command]) => command ?? "");
}
