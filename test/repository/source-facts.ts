// Reads TypeScript sources with the compiler's own parser and keeps the few facts that the repository's rules need.
// The rules themselves see only these facts, so they can be tried on sources that are planted for the purpose.

import type { SourceFile } from "typescript/unstable/ast";
import { createVirtualFileSystem } from "typescript/unstable/fs";
import { API, type Project } from "typescript/unstable/sync";
import { type GlobalUse, globalUsesOf } from "./global-uses.ts";
import { type ImportFact, importsOf } from "./import-facts.ts";
import { type TestTitle, testTitlesOf } from "./test-titles.ts";

export interface SourceFacts {
  /** Path from the project's root. */
  readonly path: string;
  readonly lineCount: number;
  readonly imports: readonly ImportFact[];
  readonly globals: readonly GlobalUse[];
  readonly titles: readonly TestTitle[];
}

/** The portal runs in browsers, so it has a configuration of its own. */
const configurations = ["tsconfig.json", "packages/portal/tsconfig.json"];

/** The facts of every source that the project's configurations of the compiler include. */
export function factsOfProject(root: string): readonly SourceFacts[] {
  return configurations.flatMap((file) => {
    using compiler = openCompiler(new API({ cwd: root }), `${root}/${file}`);
    return factsOf(compiler.project, root);
  });
}

/** The facts of sources given as path and text, as if they were a project of their own. */
export function factsOfPlanted(sources: Readonly<Record<string, string>>): readonly SourceFacts[] {
  const root = "/planted";
  const files = Object.entries(sources).map(([path, text]) => [`${root}/${path}`, text]);
  const settings = { compilerOptions: { noLib: true, types: [], module: "nodenext" }, include: ["**/*"] };
  const disk = createVirtualFileSystem({
    ...Object.fromEntries(files),
    [`${root}/tsconfig.json`]: JSON.stringify(settings),
  });
  using compiler = openCompiler(new API({ cwd: root, fs: disk }), `${root}/tsconfig.json`);
  return factsOf(compiler.project, root);
}

function openCompiler(api: API, configuration: string): { readonly project: Project } & Disposable {
  const [project] = api.updateSnapshot({ openProjects: [configuration] }).getProjects();
  if (project === undefined) throw new Error(`${configuration} describes no project`);
  return { project, [Symbol.dispose]: () => api.close() };
}

function factsOf(project: Project, root: string): readonly SourceFacts[] {
  const sources = project.rootFiles.flatMap((file) => project.program.getSourceFile(file) ?? []);
  const globals = globalUsesOf(project, sources, root);
  return sources.map((source) => ({
    path: source.fileName.slice(root.length + 1),
    lineCount: lineCountOf(source),
    imports: importsOf(source),
    globals: globals.get(source.fileName) ?? [],
    titles: testTitlesOf(source),
  }));
}

function lineCountOf(source: SourceFile): number {
  return source.text.split("\n").length - (source.text.endsWith("\n") ? 1 : 0);
}
