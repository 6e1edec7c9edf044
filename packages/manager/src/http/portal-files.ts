// The portal as it was built: a fixed list of files, read once into memory. What a request names is looked up in that list and never
// becomes a path.

import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

export type PortalFile = { readonly type: string; readonly plain: Buffer; readonly gzipped: Buffer };
export type Portal = { readonly page: PortalFile; readonly assets: ReadonlyMap<string, PortalFile> };

/** Beside this package, in the sources as in what is published. */
export const builtPortal = fileURLToPath(new URL("../../../portal/dist", import.meta.url));

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Answers null while there is no build, and looks again the next time; a build that was found stays. */
export function portalReader(directory: string): () => Promise<Portal | null> {
  let reading: Promise<Portal | null> | undefined;
  return async () => {
    reading ??= readPortal(directory);
    const portal = await reading;
    if (portal === null) reading = undefined;
    return portal;
  };
}

async function readPortal(directory: string): Promise<Portal | null> {
  try {
    const page = await fileOf(join(directory, "index.html"), "text/html; charset=utf-8");
    const assets = new Map<string, PortalFile>();
    for (const name of await readdir(join(directory, "assets"))) {
      const type = types[extname(name)];
      if (type !== undefined) assets.set(name, await fileOf(join(directory, "assets", name), type));
    }
    // While a build takes another's place, the page may be of one and the assets of the other.
    return namesIn(page).every((name) => assets.has(name)) ? { page, assets } : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function namesIn({ plain }: PortalFile): readonly string[] {
  return [...plain.toString().matchAll(/\/assets\/([^"]+)"/g)].map(([, name = ""]) => name);
}

async function fileOf(path: string, type: string): Promise<PortalFile> {
  const plain = await readFile(path);
  return { type, plain, gzipped: await promisify(gzip)(plain, { level: 9 }) };
}
