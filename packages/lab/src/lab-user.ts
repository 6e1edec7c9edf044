// The one user of all devices of a lab: its password is made at the first start and stays in the lab's folder.

import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type DeviceUser, makeUser } from "@countersign/device";
import type { LabDirectory } from "./lab-directory.ts";

const labUserName = "lab";
const passwordBytes = 12;

export type LabUser = { readonly password: string; readonly user: DeviceUser };

/** May configure every device. The file of the password is readable by its owner only. */
export async function labUser(directory: LabDirectory): Promise<LabUser> {
  const password = readPassword(directory);
  const wish = { name: labUserName, privilege: 15, password, publicKeys: [] };
  return { password, user: await makeUser(wish) };
}

function readPassword({ path }: LabDirectory): string {
  const file = join(path, "ssh-password");
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  const made = randomBytes(passwordBytes).toString("base64url");
  writeFileSync(file, `${made}\n`, { mode: 0o600 });
  return made;
}
