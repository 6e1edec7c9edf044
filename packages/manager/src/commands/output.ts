// What commands write: one result, as JSON or for people; and how a failure is told, with its exit code.

import { type Column, type CommandInput, renderTable, systemRemedy } from "@countersign/terminal";
import { ConfigurationError } from "../configuration/resolve-configuration.ts";
import { AdministrationProblem } from "./administration-client.ts";

type Output = Pick<CommandInput, "stdout" | "stderr" | "json">;

/** Writes the result; `text` makes it readable when no JSON is asked for. Answers exit code 0. */
export function show<T>(output: Output, result: T, text: (result: T) => string): number {
  output.stdout.write(output.json ? `${JSON.stringify(result, null, 2)}\n` : text(result));
  return 0;
}

/** The same for a list as a table that fits the terminal, with a sentence where there is nothing. */
export function showTable<T>(
  output: Output,
  rows: readonly T[],
  columns: readonly Column<T>[],
  nothing: string,
): number {
  return show(output, rows, () => (rows.length === 0 ? `${nothing}\n` : renderTable(columns, rows, widthOf(output))));
}

function widthOf({ stdout }: Output): number | undefined {
  return "columns" in stdout && typeof stdout.columns === "number" ? stdout.columns : undefined;
}

/** Lines of "name  value", the names padded to one width; for what is one thing and not a list. */
export function renderFacts(facts: readonly (readonly [string, string])[]): string {
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${name.padEnd(width)}  ${oneLine(value)}\n`).join("");
}

/** Names come from outside: control characters must not reach a terminal. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, " ");
}

/** `2031-05-01 12:00:00Z`, or a dash. */
export function formatInstant(atMs: number | null): string {
  return atMs === null ? "–" : `${new Date(atMs).toISOString().slice(0, 19).replace("T", " ")}Z`;
}

/** Tells on standard error how a copy of tables goes on. */
export function tableTeller({ stderr, json }: Output) {
  return ({ table, rows, written }: { readonly table: string; readonly rows: number; readonly written: number }) => {
    if (!json) stderr.write(`${table}: ${rows} rows, ${written} written\n`);
  };
}

/** A command line that lacks something. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "usage";
}

/** The words after the command, each of them needed. Throws `UsageError`. */
export function requireWords<const N extends readonly string[]>(
  input: CommandInput,
  ...names: N
): { readonly [K in keyof N]: string } {
  const missing = names[input.positionals.length];
  if (missing !== undefined) throw new UsageError(`<${missing}> is missing`);
  if (input.positionals.length > names.length)
    throw new UsageError(`"${input.positionals[names.length]}" is one word too many`);
  return input.positionals as unknown as { readonly [K in keyof N]: string };
}

/** The value of an option, or undefined; options are given once. */
export function optionText(input: CommandInput, name: string): string | undefined {
  const value = input.values[name];
  return typeof value === "string" ? value : undefined;
}

/** A whole number from an option; throws `UsageError`. */
export function optionNumber(input: CommandInput, name: string): number | undefined {
  const text = optionText(input, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`--${name} needs a whole number`);
  return Number(text);
}

/** Writes a failure to standard error and answers its exit code; rethrows what nobody foresaw. */
export function failWith(error: unknown, output: Output): number {
  const told = describeFailure(error);
  if (told === undefined) throw error;
  const { exitCode, ...failure } = told;
  const text = [
    `error: ${failure.message}`,
    ...(failure.remedy === "" ? [] : [failure.remedy]),
    `(${failure.code})`,
  ].join("\n");
  output.stderr.write(output.json ? `${JSON.stringify({ error: failure })}\n` : `${text}\n`);
  return exitCode;
}

/** What a rule forbids, rather than what failed. */
const refusals: ReadonlySet<string> = new Set([
  "already_initialised",
  "input_invalid",
  "not_initialised",
  "data_directory_in_use",
  "storage_newer",
  "database_moved",
  "database_of_other_root",
  "database_not_durable",
  "copy_source_missing",
  "copy_source_empty",
  "copy_schema_differs",
  "copy_target_not_empty",
  "copy_unfinished",
  "backup_exists",
  "restore_target_in_use",
]);

type Failure = { readonly exitCode: number; readonly code: string; readonly message: string; readonly remedy: string };

function describeFailure(error: unknown): Failure | undefined {
  if (error instanceof AdministrationProblem) {
    const incident = error.incidentId === undefined ? "" : ` Incident ${error.incidentId}.`;
    const exitCode = error.status >= 500 ? 1 : 3;
    return { exitCode, code: error.code, message: `${error.message}${incident}`, remedy: error.remedy };
  }
  if (error instanceof UsageError)
    return { exitCode: 2, code: error.code, message: error.message, remedy: "See --help." };
  if (error instanceof ConfigurationError) {
    return {
      exitCode: 2,
      code: error.code,
      message: error.message,
      remedy: "See `countersign manager config explain`.",
    };
  }
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  const remedy = "remedy" in error && typeof error.remedy === "string" ? error.remedy : systemRemedy(error.code);
  const { code, message } = error;
  return { exitCode: refusals.has(code) ? 3 : 1, code, message, remedy };
}
