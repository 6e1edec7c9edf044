// How files are named and how long a main.ts may be.

import type { Violation } from "./violation.ts";

const longestMain = 20;
const drawerNames = /^(utils?|helpers?|common|misc)$/;
const mainPattern = /^packages\/[^/]+\/src\/main\.ts$/;

/** Files and folders whose name says nothing about what is in them. */
export function drawerViolations(paths: readonly string[]): readonly Violation[] {
  return paths.flatMap((path) => {
    const drawer = path.split("/").find((part) => drawerNames.test(part.split(".")[0] ?? ""));
    if (drawer === undefined) return [];
    const instead = "name it after its one subject; what has several subjects becomes several files";
    return [{ place: path, problem: `${drawer} is a name for a drawer`, instead }];
  });
}

/** Programs whose main.ts does more than parse, load, run and set the exit code. */
export function mainViolations(files: readonly { path: string; lineCount: number }[]): readonly Violation[] {
  return files
    .filter(({ path, lineCount }) => mainPattern.test(path) && lineCount > longestMain)
    .map(({ path, lineCount }) => ({
      place: path,
      problem: `${lineCount} lines, ${longestMain} are allowed`,
      instead: "move the composition to program.ts and everything else to a module that can be tested",
    }));
}
