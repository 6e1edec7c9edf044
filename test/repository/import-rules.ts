// Which module may import which. Between packages the direction is that of architecture.ts and each import is declared
// in the package's own package.json. What holds inside a program stands in floor-rules.ts and circle-rules.ts.

import { builtinModules } from "node:module";
import { otherDirections, packageDirections, packagesForTests, unshippedPattern } from "./architecture.ts";
import { circlesIn } from "./circle-rules.ts";
import { floorProblems } from "./floor-rules.ts";
import { type ImportFact, resolveRelative } from "./import-facts.ts";
import type { SourceFacts } from "./source-facts.ts";
import type { Problem, Violation } from "./violation.ts";

const scope = "@countersign/";
/** Generators of reference pages read tables that a package keeps to itself. */
const generatorPattern = /^scripts\/.*\.docs\.ts$/;

/** Declared dependencies of a workspace: what its code may import, and what only its tests may import besides. */
export interface Manifest {
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
}

/** Manifests by workspace folder, `packages/agent`; the root's own stands under `.`. */
export type Manifests = ReadonlyMap<string, Manifest>;

/** Everything in the imports that goes against the architecture. */
export function importViolations(sources: readonly SourceFacts[], manifests: Manifests): readonly Violation[] {
  const single = sources.flatMap((source) =>
    source.imports.flatMap((fact) => {
      const place = `${source.path}:${fact.line}`;
      return problemsOf(source.path, fact, manifests).map((found) => ({ place, ...found }));
    }),
  );
  return [...single, ...circlesIn(sources), ...unusedDependencies(sources, manifests)];
}

function problemsOf(path: string, fact: ImportFact, manifests: Manifests): readonly Problem[] {
  const { specifier } = fact;
  if (specifier === undefined) return isProgramCode(path) ? [computedImport] : [];
  if (specifier.startsWith(".")) return relativeProblems(path, specifier);
  if (isBuiltin(specifier)) return [];
  const name = packageNameOf(specifier);
  if (isProgramCode(path) && /\/(test-support|testing)(\/|$)/.test(specifier)) return [notShipped(specifier)];
  return [...directionProblems(path, name), ...declarationProblems(path, name, manifests)];
}

const computedImport: Problem = {
  problem: "the imported module is computed",
  instead: "write the module's name, so that readers and this check can see it",
};

function notShipped(specifier: string): Problem {
  return { problem: `${specifier} is not shipped`, instead: "move what both need into code that is" };
}

function isProgramCode(path: string): boolean {
  return path.startsWith("packages/") && !unshippedPattern.test(path);
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith("node:") || builtinModules.includes(specifier);
}

function packageNameOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** `packages/agent/src/runtime.ts` → `packages/agent`; `scripts/docs.ts` → `scripts`. */
function workspaceOf(path: string): string {
  const [top = "", second = ""] = path.split("/");
  return top === "packages" || top === "examples" ? `${top}/${second}` : top;
}

function directionProblems(path: string, name: string): readonly Problem[] {
  if (!name.startsWith(scope)) return [];
  const [top = "", own = ""] = path.split("/");
  const target = name.slice(scope.length);
  const isUnshipped = unshippedPattern.test(path);
  const allowed = (top === "packages" ? packageDirections[own] : otherDirections[top]) ?? [];
  const isForTests = isUnshipped && (packagesForTests.includes(target) || top === "examples");
  const isAllowed = allowed.includes(target) || target === own || isForTests;
  if (isAllowed) return [];
  const choice = allowed.length > 0 ? `only ${allowed.join(", ")} may be imported` : "no other package may be imported";
  const instead = `${choice} from ${workspaceOf(path)}; move the shared part down or declare a port`;
  return [{ problem: `${name} is imported against the direction of packages`, instead }];
}

function declarationProblems(path: string, name: string, manifests: Manifests): readonly Problem[] {
  const workspace = workspaceOf(path);
  const own = manifests.get(workspace);
  const root = manifests.get(".");
  const isUnshipped = unshippedPattern.test(path) || own === undefined;
  const forTests = isUnshipped ? [...(own?.devDependencies ?? []), ...(root?.devDependencies ?? [])] : [];
  const isLinked = own === undefined && name.startsWith(scope);
  if (isLinked || (own?.dependencies ?? []).includes(name) || forTests.includes(name)) return [];
  const list = isUnshipped ? "devDependencies" : "dependencies";
  const manifest = own === undefined ? "package.json" : `${workspace}/package.json`;
  return [{ problem: `${name} is not declared`, instead: `add it to ${list} of ${manifest}, or do without` }];
}

function relativeProblems(path: string, specifier: string): readonly Problem[] {
  const target = resolveRelative(path, specifier);
  const workspace = workspaceOf(path);
  if (generatorPattern.test(path)) return [];
  if (workspaceOf(target) !== workspace && (path.startsWith("packages/") || target.startsWith("packages/"))) {
    return [{ problem: `${specifier} reaches into another package`, instead: `import that package by its name` }];
  }
  if (!path.startsWith("packages/")) return [];
  if (unshippedPattern.test(path)) return [];
  if (unshippedPattern.test(target)) {
    return [notShipped(specifier)];
  }
  return floorProblems(path, target);
}

function unusedDependencies(sources: readonly SourceFacts[], manifests: Manifests): readonly Violation[] {
  return [...manifests].flatMap(([workspace, { dependencies }]) => {
    const own = sources.filter(({ path }) => path.startsWith(`${workspace}/`) && !unshippedPattern.test(path));
    const imported = new Set(
      own.flatMap(({ imports }) => imports.map(({ specifier }) => packageNameOf(specifier ?? ""))),
    );
    return dependencies
      .filter((name) => !imported.has(name))
      .map((name) => ({
        place: `${workspace}/package.json`,
        problem: `the dependency ${name} is not imported`,
        instead: "remove it, or move it to devDependencies when only tests need it",
      }));
  });
}
