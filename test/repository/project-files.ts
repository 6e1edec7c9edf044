// The files of the project as the repository tests see them: everything a clone has, nothing that is installed or built.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";

export const projectRoot = dirname(dirname(import.meta.dirname));

const foldersOfOthers = new Set([".git", ".countersign", "node_modules", "dist", "test-results"]);

/** Paths of all files from the project's root, with forward slashes, sorted. */
export function projectFiles(root = projectRoot): readonly string[] {
  return filesBelow(root)
    .map((file) => relative(root, file).split(sep).join("/"))
    .sort();
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return foldersOfOthers.has(entry.name) ? [] : filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

/** The text of a file, undefined when it is not UTF-8 text. */
export function textOf(file: string, root = projectRoot): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(join(root, file)));
  } catch {
    return undefined;
  }
}
