// Reads the package.json of the root and of every workspace.

import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import type { Manifest, Manifests } from "./import-rules.ts";

interface PackageJson {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** All manifests of the project, by workspace folder. */
export function manifestsOf(root: string, files: readonly string[]): Manifests {
  const manifestFiles = files.filter((file) => posix.basename(file) === "package.json");
  return new Map(manifestFiles.map((file) => [posix.dirname(file), readManifest(join(root, file))]));
}

function readManifest(file: string): Manifest {
  const content = JSON.parse(readFileSync(file, "utf8")) as PackageJson;
  return {
    dependencies: Object.keys(content.dependencies ?? {}),
    devDependencies: Object.keys(content.devDependencies ?? {}),
  };
}
