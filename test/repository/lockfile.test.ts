// package-lock.json must say what the package.json files say, or `npm ci`, and with it every fresh clone, fails.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { test } from "node:test";
import { projectFiles, projectRoot } from "./project-files.ts";

interface Dependencies {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

interface LockedPackage extends Dependencies {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
}

const lock = readJson<{ packages: Readonly<Record<string, LockedPackage>> }>("package-lock.json");
const manifestFiles = projectFiles().filter((file) => posix.basename(file) === "package.json");

for (const file of manifestFiles) {
  test(`package-lock.json has the dependencies of ${file}`, () => {
    const workspace = posix.dirname(file) === "." ? "" : posix.dirname(file);
    const locked = lock.packages[workspace] ?? {};
    assert.deepEqual(dependenciesOf(locked), dependenciesOf(readJson<Dependencies>(file)), "run `npm install`");
  });
}

test("package-lock.json links every workspace and names no registry", () => {
  const links = Object.values(lock.packages).filter(({ link }) => link === true);
  const workspaces = manifestFiles.map((file) => posix.dirname(file)).filter((folder) => folder !== ".");
  assert.deepEqual(links.map(({ resolved }) => resolved).sort(), workspaces.sort());
  const fetched = Object.values(lock.packages).filter(({ link }) => link !== true);
  assert.deepEqual(
    fetched.filter(({ resolved }) => resolved !== undefined),
    [],
  );
});

function dependenciesOf(source: Dependencies): Required<Dependencies> {
  return {
    dependencies: { ...source.dependencies },
    devDependencies: { ...source.devDependencies },
    optionalDependencies: { ...source.optionalDependencies },
    peerDependencies: { ...source.peerDependencies },
  };
}

function readJson<Content>(file: string): Content {
  return JSON.parse(readFileSync(join(projectRoot, file), "utf8")) as Content;
}
