// Text that must not stand in any file of the project. The patterns are written so that they do not match themselves.

import { posix } from "node:path";
import { unshippedPattern } from "./architecture.ts";
import type { Violation } from "./violation.ts";

interface BannedText {
  readonly pattern: RegExp;
  readonly problem: string;
  readonly instead: string;
}

const bannedTexts: readonly BannedText[] = [
  {
    pattern: /(?<![\w.~-])\/(?:home|root|work|Users)\/[\w.-]/g,
    problem: "a path of somebody's machine",
    instead: "use a path from the project's root, a temporary folder or a setting",
  },
  {
    pattern: /:\/\/(?:registry|deb|pypi|proxy\.golang)\./g,
    problem: "the address of a package registry",
    instead: "name the package; where it comes from is a setting of the machine",
  },
  {
    pattern: /\b(?:T[O]DO|F[I]XME|X[X]X|H[A]CK)\b(?!\(#\d+\))/g,
    problem: "a note that something is unfinished",
    instead: "finish it, or open an issue and write its number: (#12)",
  },
];

// Tests and vectors hold hostile paths on purpose; nobody follows those.
const holdsHostilePaths = /^spec\/vectors\//;
const upwardPath = /(?<![\w./-])(?:\.\.\/)+[\w.@-]*/g;

/** Everything in one text file that must not stand there. */
export function wordingViolations(path: string, text: string): readonly Violation[] {
  const banned = bannedTexts.flatMap(({ pattern, problem, instead }) =>
    [...text.matchAll(pattern)].map((match) => ({ place: placeOf(path, text, match.index), problem, instead })),
  );
  return [...banned, ...escapesFrom(path, text)];
}

function escapesFrom(path: string, text: string): readonly Violation[] {
  if (holdsHostilePaths.test(path) || unshippedPattern.test(path)) return [];
  return [...text.matchAll(upwardPath)]
    .filter(([written]) => posix.join(posix.dirname(path), written).startsWith(".."))
    .map((match) => ({
      place: placeOf(path, text, match.index),
      problem: `${match[0]} leads out of the project`,
      instead: "bring what is needed into the project, or leave the reference out",
    }));
}

function placeOf(path: string, text: string, index: number): string {
  return `${path}:${text.slice(0, index).split("\n").length}`;
}
