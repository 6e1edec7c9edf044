// The rules, applied to the project itself. Each message says where, what is wrong and what to do instead.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { requirementWordings } from "../../scripts/requirement-ids.ts";
import { pureFolders } from "./architecture.ts";
import { importViolations } from "./import-rules.ts";
import { drawerViolations, mainViolations } from "./layout-rules.ts";
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

  test("has only imports that follow the architecture", () => {
    assertNone(importViolations(sources, manifestsOf(projectRoot, files)));
  });

  test("has no clock, randomness, I/O, timer or process in its pure folders", () => {
    for (const folder of pureFolders) {
      const isThere = sources.some(({ path }) => path.startsWith(`${folder}/`));
      assert.ok(isThere, `${folder} has no source; remove it from test/repository/architecture.ts`);
    }
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

  test("cites only requirements that are worded", () => {
    assertNone(titleViolations(sources, new Set(requirementWordings(projectRoot).keys())));
  });
});

function assertNone(violations: readonly Violation[]): void {
  if (violations.length > 0) assert.fail(`\n${describeViolations(violations)}`);
}
