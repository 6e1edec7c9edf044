// Who may administer over HTTPS: a name and the hash of a bearer token. The token itself is shown once and kept nowhere.

import { hash } from "node:crypto";
import { nameCharactersMax } from "@countersign/protocol";
import { ManagerError } from "../errors.ts";
import type { Access } from "./access.ts";

export type Operator = {
  readonly operatorId: number;
  readonly name: string;
  /** Lower-case hexadecimal. */
  readonly tokenSha256: string;
  readonly createdAtMs: number;
  /** Removed operators stay, so that their acts have a name and a file never brings one back. */
  readonly removedAtMs: number | null;
  readonly access: Access;
};

export const operatorSecretBytes = 32;
/** Lets secret scanners, and people, see what a leaked text is. */
const bearerPrefix = "countersign-operator-";
const namePattern = /^[\p{L}\p{N}][\p{L}\p{N} ._@-]*$/u;

/** Throws `input_invalid`. */
export function requireOperatorName(name: string): string {
  if (name.length > nameCharactersMax || !namePattern.test(name))
    throw new ManagerError("input_invalid", "An operator's name has letters, digits, blanks and . _ @ - only.");
  return name;
}

export function bearerOf(secret: Uint8Array): string {
  return `${bearerPrefix}${Buffer.from(secret).toString("base64url")}`;
}

/** Equality of hashes of 256 random bits tells an attacker nothing through its timing. */
export function bearerHash(bearer: string): string {
  return hash("sha256", bearer);
}

/** The name, or the first of `name-2`, `name-3` … that is free. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  for (let number = 2; ; number += 1) {
    const ending = `-${number}`;
    const candidate = `${name.slice(0, nameCharactersMax - ending.length)}${ending}`;
    if (!taken.has(candidate)) return candidate;
  }
}
