// Who signs in to the portal of a lab: one operator, whose token is made at the first start and stays in the lab's folder.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectToRunningManager } from "@countersign/manager";
import type { LabDirectory } from "./lab-directory.ts";

const labOperatorName = "lab";

/** Answers the file of the token, readable by its owner only; null while the manager does not answer. */
export async function labOperator(directory: LabDirectory): Promise<string | null> {
  const client = await connectToRunningManager(directory.manager);
  if (client === null) return null;
  try {
    const file = tokenFile(directory);
    const operators = await client.call<readonly { readonly name: string }[]>("GET", "/api/v1/operators");
    const isKnown = operators.some(({ name }) => name === labOperatorName);
    if (isKnown && hasToken(file)) return file;
    // A token that was lost is shown by nobody again.
    if (isKnown) await client.call("DELETE", `/api/v1/operators/${labOperatorName}`);
    const body = { name: labOperatorName };
    const { bearer } = await client.call<{ readonly bearer: string }>("POST", "/api/v1/operators", { body });
    writeFileSync(file, `${bearer}\n`, { mode: 0o600 });
    return file;
  } finally {
    await client.close();
  }
}

export function tokenFile({ path }: LabDirectory): string {
  return join(path, "portal-token");
}

function hasToken(file: string): boolean {
  try {
    return readFileSync(file, "utf8").trim() !== "";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
