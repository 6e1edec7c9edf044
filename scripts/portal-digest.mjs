// What a build of the portal depends on, as one text: its sources, how it is built, and the versions of what goes into it.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const inputs = [
  "package-lock.json",
  "scripts/build-portal.mjs",
  "packages/portal/package.json",
  "packages/portal/index.html",
];

export function portalDigest(root) {
  const sources = readdirSync(join(root, "packages/portal/src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
  const digest = createHash("sha256");
  for (const path of [...inputs, ...sources]) {
    const bytes = readFileSync(join(root, path));
    digest.update(`${path} ${bytes.length}\n`).update(bytes);
  }
  return digest.digest("hex");
}

/** Of what was built; undefined where nothing was. */
export function builtDigest(root) {
  try {
    return readFileSync(join(root, "packages/portal/dist/built-from.txt"), "utf8").trim();
  } catch {
    return undefined;
  }
}
