// The key by which clients know a device: made at the first start, kept for the life of its state folder.

import { join } from "node:path";
import ssh2 from "ssh2";
import { readOrMakeKeyFile } from "../pki/key-file.ts";

const fileName = "ssh-host-key";

/** The private key in OpenSSH's format; the file is readable by its owner only. */
export function hostKey(stateDirectory: string): Promise<string> {
  return readOrMakeKeyFile(join(stateDirectory, fileName), makeKey);
}

const attemptsMax = 20;

/** The library now and then makes a key that it cannot read itself; such a one must never be stored. */
function makeKey(): string {
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const made = ssh2.utils.generateKeyPairSync("ed25519").private;
    if (!(ssh2.utils.parseKey(made) instanceof Error)) return made;
  }
  throw new Error(`no readable host key in ${attemptsMax} attempts`);
}
