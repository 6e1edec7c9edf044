// The manager of an earlier schema version as real code: unpacked into a directory of its own, beside this version's, with
// this version's dependencies. Its modules are imported from there and know nothing of the present ones.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";

type Files = Readonly<Record<string, string>>;

const repository = fileURLToPath(new URL("../../../..", import.meta.url));

export function versionFile(version: number): string {
  return fileURLToPath(new URL(`manager-of-schema-${version}.json.br`, import.meta.url));
}

export function encodeVersion(files: Files): Uint8Array {
  return brotliCompressSync(JSON.stringify(files));
}

/** What tests need of the earlier manager; the types of today describe it, as far as these tests use it. */
export type FrozenManager = {
  readonly core: typeof import("./core-manager.ts");
  readonly device: typeof import("./core-device.ts");
  readonly sqlite: typeof import("../storage/sqlite/sqlite-storage.ts");
  readonly postgresql: typeof import("../storage/postgresql/postgresql-storage.ts");
  readonly migration: typeof import("../storage/migrations/migration.ts");
  remove(): void;
};

export async function openFrozenManager(version: number): Promise<FrozenManager> {
  const directory = mkdtempSync(join(tmpdir(), `countersign-schema-${version}-`));
  const files = JSON.parse(brotliDecompressSync(readFileSync(versionFile(version))).toString()) as Files;
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  linkDependencies(directory, files);
  const load = (path: string) => import(pathToFileURL(join(directory, "packages/manager/src", path)).href);
  return {
    core: await load("test-support/core-manager.ts"),
    device: await load("test-support/core-device.ts"),
    sqlite: await load("storage/sqlite/sqlite-storage.ts"),
    postgresql: await load("storage/postgresql/postgresql-storage.ts"),
    migration: await load("storage/migrations/migration.ts"),
    remove: () => rmSync(directory, { recursive: true }),
  };
}

/** Its own packages are those in the directory; what it depends on besides is what is installed. */
function linkDependencies(directory: string, files: Files): void {
  const modules = join(directory, "node_modules");
  for (const [path, text] of Object.entries(files).filter(([name]) => name.endsWith("package.json"))) {
    const { name, dependencies = {} } = JSON.parse(text) as { name: string; dependencies?: Record<string, string> };
    link(join(directory, dirname(path)), join(modules, name));
    for (const dependency of Object.keys(dependencies).filter((one) => !one.startsWith("@countersign/")))
      link(join(repository, "node_modules", dependency), join(modules, dependency));
  }
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  if (!existsSync(path)) symlinkSync(target, path);
}
