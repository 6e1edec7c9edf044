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
