// Links between files: a Markdown link or a mention of a document leads to a file that is there.

import { posix } from "node:path";
import { unshippedPattern } from "./architecture.ts";
import type { Violation } from "./violation.ts";

const markdownLink = /\]\((?!\w+:)([^)\s#]*)(?:#([^)\s]*))?\)/g;
const mention = /(?<![\w./-])(?:docs|spec|scripts|bench)\/[\w./-]*\.(?:md|json|ts|mjs)\b/g;

/** Links and mentions in one text file that lead nowhere; `files` are all files of the project, `textOf` reads one. */
export function linkViolations(
  path: string,
  text: string,
  files: ReadonlySet<string>,
  textOf: (path: string) => string,
): readonly Violation[] {
  // Tests of such rules mention files that must not exist.
  if (unshippedPattern.test(path)) return [];
  const links = path.endsWith(".md") ? [...text.matchAll(markdownLink)] : [];
  const found = [
    ...links.map(({ index, 1: to = "", 2: heading }) => {
      const target = to === "" ? path : posix.join(posix.dirname(path), to);
      return { index, target, heading };
    }),
    ...[...text.matchAll(mention)].map((match) => ({ index: match.index, target: match[0], heading: undefined })),
  ];
  const placeOf = (index: number) => `${path}:${text.slice(0, index).split("\n").length}`;
  return found.flatMap(({ index, target, heading }): readonly Violation[] => {
    const place = placeOf(index);
    if (!leadsSomewhere(target, files)) {
      const instead = "write the path of a file that does, or write that file";
      return [{ place, problem: `${target} does not exist`, instead }];
    }
    if (heading === undefined || !target.endsWith(".md")) return [];
    const anchors = anchorsOf(target === path ? text : textOf(target));
    if (anchors.has(heading)) return [];
    return [{ place, problem: `${target} has no heading #${heading}`, instead: `one of ${[...anchors].join(", ")}` }];
  });
}

/** The names under which headings are linked to, as forges make them: small letters, hyphens, no other signs. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const withoutBlocks = text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, "");
  const headings = [...withoutBlocks.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(/\s/g, "-"),
  );
  return new Set(headings);
}

function leadsSomewhere(target: string, files: ReadonlySet<string>): boolean {
  if (files.has(target)) return true;
  const folder = target.endsWith("/") ? target : `${target}/`;
  return [...files].some((file) => file.startsWith(folder));
}
