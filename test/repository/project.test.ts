// The rules, applied to the project itself. Each message says where, what is wrong and what to do instead.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { requirementWordings } from "../../scripts/requirement-ids.ts";
import { floorsOfPrograms, pureFolders } from "./architecture.ts";
import { importViolations } from "./import-rules.ts";
import { drawerViolations, mainViolations } from "./layout-rules.ts";
import { linkViolations } from "./link-rules.ts";
import { manifestsOf } from "./manifests.ts";
import { projectFiles, projectRoot, textOf } from "./project-files.ts";
import { purityViolations } from "./purity-rules.ts";
import { factsOfProject } from "./source-facts.ts";
import { titleViolations } from "./title-rules.ts";
import { describeViolations, type Violation } from "./violation.ts";
import { wordingViolations } from "./wording-rules.ts";

suite("the project", () => {
  const files = projectFiles();
  const sources = factsOfProject(projectRoot);

  test("is read as a whole: every TypeScript source is in tsconfig.json", () => {
    const read = new Set(sources.map(({ path }) => path));
    const unread = files.filter((file) => /\.[cm]?tsx?$/.test(file) && !file.endsWith(".d.ts") && !read.has(file));
    assert.deepEqual(unread, []);
  });

  test("has every part and folder that architecture.ts names", () => {
    const floors = Object.entries(floorsOfPrograms).flatMap(([name, { domain, useCases, program }]) =>
      [...domain, ...useCases, ...program].map((part) => `packages/${name}/src/${part}`),
    );
    const isThere = (part: string) => files.some((file) => file === `${part}.ts` || file.startsWith(`${part}/`));
    assert.deepEqual(
      [...floors, ...pureFolders].filter((part) => !isThere(part)),
      [],
    );
  });

  test("has only imports that follow the architecture", () => {
    assertNone(importViolations(sources, manifestsOf(projectRoot, files)));
  });

  test("has no clock, randomness, I/O, timer or process in its pure folders", () => {
    assertNone(purityViolations(sources));
  });

  test("has no file or folder whose name is a drawer", () => {
    assertNone(drawerViolations(files));
  });

  test("has only short main.ts files", () => {
    assertNone(mainViolations(sources));
  });

  test("names no machine, no registry, no folder outside and nothing unfinished", () => {
    assertNone(files.flatMap((file) => wordingViolations(file, textOf(file) ?? "")));
  });

  test("has only links and mentions that lead to a file, and to a heading where they name one", () => {
    const present = new Set(files);
    assertNone(
      files.flatMap((file) => linkViolations(file, textOf(file) ?? "", present, (target) => textOf(target) ?? "")),
    );
  });

  test("cites only requirements that are worded", () => {
    assertNone(titleViolations(sources, new Set(requirementWordings(projectRoot).keys())));
  });
});

function assertNone(violations: readonly Violation[]): void {
  if (violations.length > 0) assert.fail(`\n${describeViolations(violations)}`);
}
