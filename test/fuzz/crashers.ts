// Inputs that once broke something, kept under spec/vectors/crashers for everybody who reads the same formats.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Crasher } from "./run-fuzz.ts";

const folder = join(dirname(dirname(import.meta.dirname)), "spec", "vectors", "crashers");

export type KeptCrasher = {
  readonly file: string;
  readonly target: string;
  readonly problem: string;
  readonly input: Buffer;
};

export function keptCrashers(): readonly KeptCrasher[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => {
      const { target, problem, base64 } = JSON.parse(readFileSync(join(folder, file), "utf8"));
      return { file, target, problem, input: Buffer.from(base64, "base64") };
    });
}

/** Answers the file's path. */
export function keepCrasher({ target, problem, input }: Crasher): string {
  mkdirSync(folder, { recursive: true });
  const name = createHash("sha256").update(input).digest("hex").slice(0, 8);
  const path = join(folder, `${target.replaceAll(" ", "-")}-${name}.json`);
  const [firstLine = ""] = problem.split("\n");
  writeFileSync(path, `${JSON.stringify({ target, problem: firstLine, base64: input.toString("base64") }, null, 2)}\n`);
  return path;
}
