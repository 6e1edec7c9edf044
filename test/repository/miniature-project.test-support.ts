// A project of a few files in a temporary folder that runs copies of our own scripts, as a fresh clone would.

import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { projectRoot } from "./project-files.ts";

const lockText = JSON.stringify({ packages: { "": {} } });

export interface MiniatureProject extends Disposable {
  readonly folder: string;
  /** Environment without any command but node, so that nothing of the machine takes part. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs one of the scripts to its end. */
  readonly run: (script: string, ...parameters: readonly string[]) => SpawnSyncReturns<string>;
}

/** Lays the project out with the given files besides our scripts; disposing removes it. */
export function createMiniatureProject(files: Readonly<Record<string, string>> = {}): MiniatureProject {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "miniature-")));
  cpSync(join(projectRoot, "scripts"), join(folder, "scripts"), { recursive: true });
  const layout = {
    "package.json": JSON.stringify({ type: "module", optionalDependencies: { "node-plan9-mips": "24.0.0" } }),
    "package-lock.json": lockText,
    "node_modules/.package-lock.json": lockText,
    ...files,
  };
  for (const [path, text] of Object.entries(layout)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  mkdirSync(join(folder, "node_modules", ".bin"), { recursive: true });
  symlinkSync(process.execPath, join(folder, "node_modules", ".bin", "node"));
  const environment = { PATH: join(folder, "node_modules", ".bin") };
  return {
    folder,
    environment,
    run: (script, ...parameters) =>
      spawnSync(process.execPath, [join(folder, "scripts", script), ...parameters], {
        cwd: folder,
        env: environment,
        encoding: "utf8",
      }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
