// Links between files: a Markdown link or a mention of a document leads to a file that is there.

import { posix } from "node:path";
import { unshippedPattern } from "./architecture.ts";
import type { Violation } from "./violation.ts";

const markdownLink = /\]\((?!\w+:|#)([^)\s#]+)[^)\s]*\)/g;
const mention = /(?<![\w./-])(?:docs|spec|scripts|bench)\/[\w./-]*\.(?:md|json|ts|mjs)\b/g;

/** Links and mentions in one text file that lead nowhere; `files` are all files of the project. */
export function linkViolations(path: string, text: string, files: ReadonlySet<string>): readonly Violation[] {
  // Tests of such rules mention files that must not exist.
  if (unshippedPattern.test(path)) return [];
  const links = path.endsWith(".md") ? [...text.matchAll(markdownLink)] : [];
  const found = [
    ...links.map((match) => ({ index: match.index, target: posix.join(posix.dirname(path), match[1] ?? "") })),
    ...[...text.matchAll(mention)].map((match) => ({ index: match.index, target: match[0] })),
  ];
  return found
    .filter(({ target }) => !leadsSomewhere(target, files))
    .map(({ index, target }) => ({
      place: `${path}:${text.slice(0, index).split("\n").length}`,
      problem: `${target} does not exist`,
      instead: "write the path of a file that does, or write that file",
    }));
}

function leadsSomewhere(target: string, files: ReadonlySet<string>): boolean {
  if (files.has(target)) return true;
  const folder = target.endsWith("/") ? target : `${target}/`;
  return [...files].some((file) => file.startsWith(folder));
}
