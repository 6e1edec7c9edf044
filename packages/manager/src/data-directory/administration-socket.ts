// Where a running manager listens for its own commands: a socket that only the owner of the data directory can open.

import { createHash } from "node:crypto";
import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";

const socketName = "administration.sock";
/** Systems cut socket paths at 104 to 108 bytes without a word. */
const socketPathBytesMax = 100;

/** The same path for manager and commands: inside the data directory, or, where that is too long, in a folder of the owner's. */
export function administrationSocketPath(dataDirectory: string): string {
  const inside = resolve(dataDirectory, socketName);
  if (Buffer.byteLength(inside) <= socketPathBytesMax) return inside;
  const name = createHash("sha256").update(resolve(dataDirectory)).digest("hex").slice(0, 16);
  return join(tmpdir(), `countersign-${userInfo().uid}-${name}`, socketName);
}

/** Makes the socket's folder, or makes sure that it is ours alone; throws when somebody else's stands in its place. */
export function requireOwnSocketFolder(socketPath: string): void {
  const folder = dirname(socketPath);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid } = userInfo();
  const found = lstatSync(folder);
  if (!found.isDirectory() || (uid !== -1 && found.uid !== uid) || (found.mode & 0o022) !== 0) {
    throw new Error(`the folder ${folder} of the administration socket is not the owner's alone`);
  }
}
