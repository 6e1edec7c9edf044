// A secret that a device makes once and keeps for the life of its state folder: a key, alone or with its certificate.

import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { writeFileAtomically } from "@countersign/terminal";

/** The text of the file, which is made if it is not there. Readable by its owner only, and whole or not there at all. */
export async function readOrMakeKeyFile(path: string, make: () => string): Promise<string> {
  const known = await readKeyFile(path);
  if (known !== null) return known;
  const made = make();
  // A new device has no folder yet.
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFileAtomically(path, made);
  return made;
}

/** Null where there is none. */
export async function readKeyFile(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return null;
  }
}
