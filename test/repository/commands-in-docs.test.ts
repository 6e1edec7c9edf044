// What the documentation tells people to type exists: commands of `countersign` with their options, scripts of the project; and
// where a newcomer reads, a line can be typed in a clone as it stands.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { loadedCommand, rootCommand } from "../../scripts/commands.docs.ts";

const projectRoot = dirname(dirname(import.meta.dirname));
/** Decisions tell of their day; the reference is generated from the commands themselves. */
const pages = globSync(["*.md", "docs/**/*.md", "bench/*.md"], { cwd: projectRoot })
  .filter((path) => !/^docs\/(decisions|reference)\//.test(path))
  .sort();
const newcomersPages = /^(README|CONTRIBUTING)\.md$|^docs\/start\//;
const fromClone = "npm run -s countersign -- ";
const whatACloneHas = /^(npm|git|ssh|node|python3|\.ci\/run)\b/;

type Typed = { readonly line: string; readonly isBlock: boolean };

/** Lines of blocks without a language, which are typed, and code within sentences. */
function typedIn(text: string): readonly Typed[] {
  const blocks = [...text.matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```$/gm)];
  const lines = blocks
    .filter(([, language]) => language === "" || language === "sh")
    .flatMap(([, , body = ""]) => body.replaceAll(/\\\n\s*/g, " ").split("\n"))
    .map((line) => ({ line: line.trim().replace(/\s+#.*$/, ""), isBlock: true }));
  const sentences = blocks.reduce((rest, [block]) => rest.replace(block, ""), text).replaceAll(/\s+/g, " ");
  const spans = [...sentences.matchAll(/`([^`]+)`/g)].map(([, line = ""]) => ({ line, isBlock: false }));
  return [...lines, ...spans];
}

function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/'[^']*'|"[^"]*"|\S+/g)].map(([word]) => word);
}

/** What is wrong with the words after `countersign`, or null. */
async function problemOf(words: readonly string[]): Promise<string | null> {
  let command = await loadedCommand(rootCommand);
  let at = 0;
  for (;;) {
    const next = command.subcommands?.find(({ name }) => name === words[at]);
    if (next === undefined) break;
    command = await loadedCommand(next);
    at += 1;
  }
  const rest = words.slice(at);
  const [first] = rest;
  if (command.run === undefined && first !== undefined && /^[a-z]/.test(first)) return `there is no ${first}`;
  const options = new Set([...Object.keys(command.options ?? {}), "json", "help"]);
  const unknown = rest
    .flatMap((word) => /^\[?--([a-z][\w-]*)/.exec(word)?.[1] ?? [])
    .find((name) => !options.has(name));
  return unknown === undefined ? null : `there is no option --${unknown}`;
}

const typed = pages.flatMap((path) =>
  typedIn(readFileSync(join(projectRoot, path), "utf8")).map((each) => ({ ...each, path })),
);

test("every command of countersign that the documentation names exists, with its options", async () => {
  const problems: string[] = [];
  let found = 0;
  for (const { path, line } of typed) {
    const words = wordsOf(
      line.startsWith(fromClone) ? line.slice(fromClone.length) : line.replace(/^countersign /, "> "),
    );
    if (!line.startsWith(fromClone) && words[0] !== ">") continue;
    found += 1;
    const problem = await problemOf(words.filter((word) => word !== ">"));
    if (problem !== null) problems.push(`${path}: ${line}: ${problem}`);
  }
  assert.deepEqual(problems, []);
  assert.equal(await problemOf(["manager", "token", "mint"]), "there is no mint");
  assert.equal(await problemOf(["manager", "token", "create", "--forever"]), "there is no option --forever");
  assert.ok(found > 40, `${found} commands`);
});

test("every script that the documentation names exists", () => {
  const { scripts } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as { scripts: object };
  const named = typed.flatMap(({ path, line }) => {
    const name = /^npm (?:run (?:-s )?)?([a-z][\w:-]*)/.exec(line)?.[1];
    return name === undefined || name === "ci" || name === "install" ? [] : [{ path, name }];
  });
  assert.deepEqual(
    named.filter(({ name }) => !(name in scripts)),
    [],
  );
  assert.ok(named.length > 20, `${named.length} scripts`);
});

test("where a newcomer reads, each line of a block can be typed in a fresh clone", () => {
  const lines = typed.filter(({ path, isBlock, line }) => newcomersPages.test(path) && isBlock && line !== "");
  const others = lines.filter(({ line }) => /^(countersign|npx|curl|sudo)\b/.test(line));
  assert.deepEqual(others, []);
  assert.ok(lines.filter(({ line }) => whatACloneHas.test(line)).length > 15);
});
