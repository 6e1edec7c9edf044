// Pure code gets time, randomness and keys as arguments and answers with values. These rules find what breaks that: a
// global that reaches for the clock, chance or the outside world, or the import of a module that does.

import { pureFolders, unshippedPattern } from "./architecture.ts";
import type { GlobalUse } from "./global-uses.ts";
import type { ImportFact } from "./import-facts.ts";
import type { SourceFacts } from "./source-facts.ts";
import type { Violation } from "./violation.ts";

interface BannedGlobal {
  readonly names: readonly string[];
  readonly instead: string;
  /** Uses that are pure all the same. */
  readonly isHarmless?: (use: GlobalUse) => boolean;
}

const bannedGlobals: readonly BannedGlobal[] = [
  {
    names: ["Date"],
    instead: "take the time as an argument `now` in milliseconds since 1970; `new Date(now)` is fine",
    isHarmless: ({ form, member, argumentCount }) =>
      (form === "new" && argumentCount > 0) || form === "instanceof" || member === "UTC" || member === "parse",
  },
  {
    names: ["Math"],
    instead: "take a seeded random source or the random bytes as an argument",
    isHarmless: ({ member }) => member !== undefined && member !== "random" && member !== "?",
  },
  { names: ["performance"], instead: "take the time as an argument; durations are measured where the work is started" },
  {
    names: ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "clearTimeout", "clearInterval"],
    instead: "answer with an effect that asks to be woken at a time; the runtime sets the timer",
  },
  { names: ["process"], instead: "take the setting as an argument; main.ts reads environment and arguments once" },
  {
    names: ["fetch", "WebSocket", "EventSource", "XMLHttpRequest", "navigator"],
    instead: "answer with an effect or declare a port; an adapter in transport/ or http/ does the sending",
  },
  { names: ["crypto"], instead: "take random bytes and keys as arguments; import hashes and verify from node:crypto" },
  { names: ["console"], instead: "answer with what is to be shown or logged; an adapter writes it" },
  { names: ["globalThis", "global"], instead: "name the thing itself, so that this check can see it" },
];

interface PureModule {
  readonly name: string;
  /** Names that may be imported; all of them when left out. */
  readonly names?: RegExp;
  readonly instead?: string;
}

const pureModules: readonly PureModule[] = [
  { name: "@countersign/protocol" },
  { name: "node:assert" },
  { name: "node:assert/strict" },
  { name: "node:buffer" },
  { name: "node:util", names: /^(?!promisify$)/, instead: "declare a port that answers with a promise" },
  {
    name: "node:crypto",
    names: /^(?!\*$|default$|random|generate|getRandom|prng|rng|pseudoRandom|webcrypto$|subtle$)/,
    instead: "import single names; random bytes, random ids and new keys come in as arguments",
  },
  { name: "node:zlib", names: /(Sync|^crc32|^constants)$/, instead: "import the Sync form by name" },
  { name: "saxes" },
  { name: "valibot" },
];

/** Names whose uses the fact readers look for. */
export const watchedGlobals: ReadonlySet<string> = new Set(bannedGlobals.flatMap(({ names }) => names));

/** Everything in pure folders that is not pure. */
export function purityViolations(
  sources: readonly SourceFacts[],
  folders: readonly string[] = pureFolders,
): readonly Violation[] {
  return sources
    .filter(({ path }) => folders.some((folder) => path.startsWith(`${folder}/`)) && !unshippedPattern.test(path))
    .flatMap((source) => [
      ...source.globals.flatMap((use) => violationOfUse(source.path, use)),
      ...source.imports.flatMap((fact) => violationOfImport(source.path, fact)),
    ]);
}

function violationOfUse(path: string, use: GlobalUse): readonly Violation[] {
  const rule = bannedGlobals.find(({ names }) => names.includes(use.name));
  if (rule === undefined || rule.isHarmless?.(use) === true) return [];
  const written = { new: `new ${use.name}()`, call: `${use.name}()`, instanceof: use.name, reference: use.name };
  const text = use.form === "member" ? `${use.name}.${use.member}` : written[use.form];
  return [{ place: `${path}:${use.line}`, problem: `${text} in pure code`, instead: rule.instead }];
}

function violationOfImport(path: string, fact: ImportFact): readonly Violation[] {
  if (fact.specifier?.startsWith(".")) return [];
  const place = `${path}:${fact.line}`;
  const module = pureModules.find(({ name }) => name === fact.specifier);
  if (module === undefined) {
    const problem = `${fact.specifier ?? "a computed module"} is imported by pure code`;
    return [{ place, problem, instead: "declare a port for what is needed and let an adapter import the module" }];
  }
  const banned = fact.names.filter((name) => module.names?.test(name) === false);
  return banned.map((name) => ({
    place,
    problem: `${name} of ${module.name} is imported by pure code`,
    instead: module.instead ?? "take its result as an argument",
  }));
}
