// Who may log in to a device: names with a hashed password, public keys, or both. There is no user until one is added.

import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "@countersign/terminal";
import * as v from "valibot";
import { DeviceError } from "../device-error.ts";

const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const base64 = v.pipe(v.string(), v.base64());

const passwordSchema = v.strictObject({
  algorithm: v.literal("scrypt"),
  cost: v.pipe(wholeNumber, v.maxValue(2 ** 20)),
  blockSize: v.pipe(wholeNumber, v.maxValue(32)),
  parallelization: v.pipe(wholeNumber, v.maxValue(16)),
  salt: base64,
  hash: base64,
});

export const namePattern = /^[a-z_][a-z0-9_.-]{0,31}$/;

const userSchema = v.strictObject({
  name: v.pipe(v.string(), v.regex(namePattern)),
  /** 0 to 15; 15 may enter privileged EXEC. */
  privilege: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(15)),
  password: v.nullable(passwordSchema),
  /** Lines as in an `authorized_keys` file. */
  publicKeys: v.array(v.string()),
});

const fileSchema = v.strictObject({ formatVersion: v.literal(1), users: v.array(userSchema) });

export type DeviceUser = v.InferOutput<typeof userSchema>;
export type PasswordHash = v.InferOutput<typeof passwordSchema>;

const fileName = "users.json";
export const passwordCharactersMin = 8;
export const passwordCharactersMax = 256;
const hashBytes = 32;
const present = { algorithm: "scrypt", cost: 2 ** 15, blockSize: 8, parallelization: 1 } as const;

/** Empty when nobody was added yet. Throws `users_unreadable`. */
export async function readUsers(stateDirectory: string): Promise<readonly DeviceUser[]> {
  const path = join(stateDirectory, fileName);
  try {
    return v.parse(fileSchema, JSON.parse(await readFile(path, "utf8"))).users;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new DeviceError("users_unreadable", path, { cause: error });
  }
}

/** Replaces the file as a whole; readable by its owner only. */
export async function writeUsers(stateDirectory: string, users: readonly DeviceUser[]): Promise<void> {
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  await writeFileAtomically(join(stateDirectory, fileName), JSON.stringify({ formatVersion: 1, users }));
}

/** Adds a user or replaces the one of that name. */
export async function putUser(stateDirectory: string, user: DeviceUser): Promise<void> {
  const others = (await readUsers(stateDirectory)).filter(({ name }) => name !== user.name);
  await writeUsers(stateDirectory, [...others, v.parse(userSchema, user)]);
}

export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16);
  const hash = await derive(password, { ...present, salt: salt.toString("base64") });
  return { ...present, salt: salt.toString("base64"), hash: hash.toString("base64") };
}

/** Takes the same time whether the user exists or not: an unknown one is compared with a hash that nothing matches. */
export async function passwordMatches(password: string, kept: PasswordHash | null): Promise<boolean> {
  const compared = kept ?? { ...present, salt: "AAAAAAAAAAAAAAAAAAAAAA==", hash: "" };
  const derived = await derive(password.slice(0, passwordCharactersMax), compared);
  const wanted = Buffer.from(compared.hash, "base64");
  return wanted.length === derived.length && timingSafeEqual(derived, wanted);
}

function derive(
  password: string,
  { salt, cost, blockSize, parallelization }: Omit<PasswordHash, "hash">,
): Promise<Buffer> {
  const options = { cost, blockSize, parallelization, maxmem: 256 * cost * blockSize };
  return new Promise((resolve, reject) => {
    scrypt(password, Buffer.from(salt, "base64"), hashBytes, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
