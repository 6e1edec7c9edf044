// Who may administer: a name and the hash of a bearer token each. The token itself is shown once and kept nowhere.

import { createHash } from "node:crypto";
import { open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { nameCharactersMax } from "@countersign/protocol";
import * as v from "valibot";
import { ManagerError } from "../errors.ts";
import type { Clock, OperatorStore, Randomness } from "../ports.ts";

const operatorSchema = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[\p{L}\p{N}][\p{L}\p{N} ._@-]*$/u), v.maxLength(nameCharactersMax)),
  tokenSha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  createdAtMs: v.number(),
});
const fileSchema = v.strictObject({ version: v.literal(1), operators: v.array(operatorSchema) });
type Operator = v.InferOutput<typeof operatorSchema>;

const fileName = "operators.json";
const secretBytes = 32;
/** Lets secret scanners, and people, see what a leaked text is. */
const tokenPrefix = "countersign-operator-";

export type OperatorPorts = { readonly randomness: Randomness; readonly clock: Clock };

/** Loads the operators of a data directory; there is none until one is added, and no default one ever. */
export async function openOperatorStore(dataDirectory: string, ports: OperatorPorts): Promise<OperatorStore> {
  const path = join(dataDirectory, fileName);
  let operators = await readOperators(path);
  const replace = async (next: readonly Operator[]) => {
    await writeOperators(path, next);
    operators = next;
  };
  return {
    list: () => operators.map(({ name, createdAtMs }) => ({ name, createdAtMs })),
    async add(name) {
      if (operators.some((operator) => operator.name === name)) throw new ManagerError("operator_exists");
      const token = `${tokenPrefix}${Buffer.from(ports.randomness.bytes(secretBytes)).toString("base64url")}`;
      const operator = { name, tokenSha256: hashOf(token), createdAtMs: ports.clock.now() };
      if (!v.is(operatorSchema, operator)) {
        throw new ManagerError("input_invalid", "An operator's name has letters, digits, blanks and . _ @ - only.");
      }
      await replace([...operators, operator]);
      return token;
    },
    async remove(name) {
      const rest = operators.filter((operator) => operator.name !== name);
      if (rest.length === operators.length) throw new ManagerError("operator_unknown");
      await replace(rest);
    },
    authenticate(bearer) {
      // Equality of hashes of 256 random bits tells an attacker nothing through its timing.
      const hash = hashOf(bearer);
      return operators.find((operator) => operator.tokenSha256 === hash)?.name ?? null;
    },
  };
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

async function readOperators(path: string): Promise<readonly Operator[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  return v.parse(fileSchema, JSON.parse(text)).operators;
}

async function writeOperators(path: string, operators: readonly Operator[]): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(`${JSON.stringify({ version: 1, operators }, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const directory = await open(dirname(path), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
