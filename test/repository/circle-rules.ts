// Imports in a circle: modules that can only be understood, and loaded, all at once.

import { posix } from "node:path";
import { resolveRelative } from "./import-facts.ts";
import type { SourceFacts } from "./source-facts.ts";
import type { Violation } from "./violation.ts";

/** Circles of imports that exist at run time; each is reported once, at its alphabetically first module. */
export function circlesIn(sources: readonly SourceFacts[]): readonly Violation[] {
  const targets = new Map(sources.map((source) => [source.path, runTimeTargets(source)]));
  const reported = new Set<string>();
  return [...targets.keys()].sort().flatMap((start) => {
    const circle = pathBack(start, targets);
    if (circle === undefined || circle.some((path) => reported.has(path))) return [];
    for (const path of circle) reported.add(path);
    const problem = `imports go in a circle: ${[...circle, start].map((path) => posix.basename(path)).join(" → ")}`;
    return [{ place: start, problem, instead: "move what both need into a module below them" }];
  });
}

function runTimeTargets({ path, imports }: SourceFacts): readonly string[] {
  return imports
    .filter(({ specifier, isTypeOnly }) => specifier?.startsWith(".") && !isTypeOnly)
    .map(({ specifier }) => resolveRelative(path, specifier ?? ""));
}

/** The shortest way from a module back to itself, breadth first. */
function pathBack(start: string, targets: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const waysTo = new Map<string, readonly string[]>([[start, [start]]]);
  for (const [path, way] of waysTo) {
    for (const target of targets.get(path) ?? []) {
      if (target === start) return way;
      if (!waysTo.has(target)) waysTo.set(target, [...way, target]);
    }
  }
  return undefined;
}
