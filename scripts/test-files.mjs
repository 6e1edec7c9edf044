// Finds test files and matches them against the patterns people type: `npm test -- trust 'packages/agent/**'`.

import { existsSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";

const testFolders = ["packages", "examples", "bench", "test"];
const foldersWithoutTests = new Set(["node_modules", "dist"]);

/** Every test file of the project as a path from its root, sorted. */
export function allTestFiles(root) {
  return testFolders
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => filesBelow(folder))
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => relative(root, file).split(sep).join("/"))
    .sort();
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return foldersWithoutTests.has(entry.name) ? [] : filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

/**
 * What takes longest, dearest first. Begun last, as their names would have it, they leave one processor with nothing to do
 * while the last of them ends.
 */
export const longestFiles = [
  "test/system/manager-killed.test.ts",
  "test/simulation/simulation.test.ts",
  "test/torture/torture.test.ts",
  "test/system/lab.test.ts",
  "test/portal/portal.test.ts",
  "packages/agent/src/crash.test.ts",
  "test/simulation/mutations.test.ts",
  "packages/manager/src/commands/migrate-database.test.ts",
  "packages/agent/src/runtime.test.ts",
];

/** The same files in the order in which they are begun. */
export function longestFirst(files) {
  const first = longestFiles.filter((file) => files.includes(file));
  return [...first, ...files.filter((file) => !first.includes(file))];
}

/**
 * A predicate for one pattern: found anywhere in the path, `*` within a folder's name, `**` across folders.
 * @param {string} pattern
 * @returns {(file: string) => boolean}
 */
export function matcherOf(pattern) {
  const source = pattern
    .split(/(\*\*\/?|\*)/)
    .map((part) => (part.startsWith("**") ? ".*" : part === "*" ? "[^/]*" : part.replace(/[\\^$.+?()[\]{}|]/g, "\\$&")))
    .join("");
  const expression = new RegExp(source);
  return (file) => expression.test(file);
}
