// Adds and removes users of a device. What could not log in, or is too easy to guess, is refused.

import { DeviceError } from "../device-error.ts";
import {
  type DeviceUser,
  hashPassword,
  namePattern,
  passwordCharactersMax,
  passwordCharactersMin,
  putUser,
  readUsers,
  writeUsers,
} from "./user-store.ts";

export type UserWish = {
  readonly name: string;
  readonly privilege: number;
  readonly password: string | null;
  /** Lines of an `authorized_keys` file; blank ones and comments are left out. */
  readonly publicKeys: readonly string[];
};

/** Throws `user_invalid`. */
export async function makeUser(wish: UserWish): Promise<DeviceUser> {
  const publicKeys = wish.publicKeys.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  const problem = problemOf({ ...wish, publicKeys }) ?? (await problemOfKeys(publicKeys));
  if (problem !== null) throw new DeviceError("user_invalid", problem);
  const { name, privilege, password } = wish;
  return { name, privilege, publicKeys, password: password === null ? null : await hashPassword(password) };
}

/** Throws `user_invalid`. A running device knows the user at the next login. */
export async function addUser(stateDirectory: string, wish: UserWish): Promise<DeviceUser> {
  const user = await makeUser(wish);
  await putUser(stateDirectory, user);
  return user;
}

/** Throws `user_invalid` when there is no such user. */
export async function removeUser(stateDirectory: string, name: string): Promise<void> {
  const users = await readUsers(stateDirectory);
  if (!users.some((user) => user.name === name)) throw new DeviceError("user_invalid", `There is no user ${name}.`);
  await writeUsers(
    stateDirectory,
    users.filter((user) => user.name !== name),
  );
}

function problemOf({ name, privilege, password, publicKeys }: UserWish): string | null {
  if (!namePattern.test(name)) return "A name has at most 32 of a-z, 0-9, dot, dash and underscore.";
  if (!Number.isInteger(privilege) || privilege < 0 || privilege > 15) return "A privilege is a number from 0 to 15.";
  if (password === null && publicKeys.length === 0) return "A password or a public key is needed.";
  if (password !== null && (password.length < passwordCharactersMin || password.length > passwordCharactersMax)) {
    return `A password has ${passwordCharactersMin} to ${passwordCharactersMax} characters.`;
  }
  return null;
}

/** The library is loaded only for somebody who has a key. */
async function problemOfKeys(publicKeys: readonly string[]): Promise<string | null> {
  if (publicKeys.length === 0) return null;
  const { default: ssh2 } = await import("ssh2");
  const unreadable = publicKeys.findIndex((line) => ssh2.utils.parseKey(line) instanceof Error);
  return unreadable === -1 ? null : `Public key ${unreadable + 1} cannot be read.`;
}
