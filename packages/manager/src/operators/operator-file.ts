// The file in which version 1 kept the operators of a data directory. They are taken over into the database once; the file
// stays under another name, as the hashes in it are still those of valid tokens.

import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { nameCharactersMax } from "@countersign/protocol";
import * as v from "valibot";

const operatorSchema = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[\p{L}\p{N}][\p{L}\p{N} ._@-]*$/u), v.maxLength(nameCharactersMax)),
  tokenSha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  createdAtMs: v.number(),
});
const fileSchema = v.strictObject({ version: v.literal(1), operators: v.array(operatorSchema) });
export type OperatorInFile = v.InferOutput<typeof operatorSchema>;

const fileName = "operators.json";
const takenOverName = "operators.json.taken-over";

/** The operators of the file; empty where there is none. Throws for a file that is none of ours. */
export async function readOperatorFile(dataDirectory: string): Promise<readonly OperatorInFile[]> {
  let text: string;
  try {
    text = await readFile(join(dataDirectory, fileName), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  return v.parse(fileSchema, JSON.parse(text)).operators;
}

/** Call when they are in the database. A crash before this is harmless: a token that is known is never taken again. */
export async function putOperatorFileAside(dataDirectory: string): Promise<void> {
  await rename(join(dataDirectory, fileName), join(dataDirectory, takenOverName));
}
