// What the device commands share: reading their options, and saying what went wrong.

import { type CommandInput, systemRemedy } from "@countersign/terminal";

export const stateOption = { state: { type: "string", description: "State folder of the device" } } as const;

/** Answers the option's text, or null after saying that it is missing. */
export function required(input: CommandInput, name: string): string | null {
  const value = input.values[name];
  if (typeof value === "string" && value !== "") return value;
  input.stderr.write(`--${name} is missing.\n`);
  return null;
}

export function optional(input: CommandInput, name: string): string | undefined {
  const value = input.values[name];
  return typeof value === "string" ? value : undefined;
}

/** Says what went wrong with its remedy; 3 for what a person must change, 4 for what cannot be reached, else 1. */
export function explain(error: unknown, input: CommandInput): number {
  const { message, code, remedy } = describe(error);
  if (input.json) input.stdout.write(`${JSON.stringify({ outcome: "failed", code, message, remedy })}\n`);
  else input.stderr.write(`${message}${remedy === "" ? "" : ` ${remedy}`}\n`);
  if (code === "device_unreachable") return 4;
  return code === "" || /^E[A-Z]+$/.test(code) ? 1 : 3;
}

function describe(error: unknown): { readonly message: string; readonly code: string; readonly remedy: string } {
  if (!(error instanceof Error)) return { message: String(error), code: "", remedy: "" };
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const remedy = "remedy" in error && typeof error.remedy === "string" ? error.remedy : systemRemedy(code);
  return { message: error.message, code, remedy };
}
