// `npm run bench [-- NAME … [--json]]`: measures the named figures, one after the other, and prints them.
// Exit codes as everywhere: 0 done, 1 a figure could not be measured, 2 the command line is wrong.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { parseArgs } from "node:util";
import { type Figure, type FigureName, figureNames } from "./figure.ts";
import { measurers } from "./figures/measurers.ts";
import { createFleet, type Fleet } from "./fill/fleet.ts";
import { renderTable } from "./table.ts";

export type BenchStreams = {
  readonly stdout: Writable & { readonly columns?: number };
  readonly stderr: Writable;
  readonly signal: AbortSignal;
};

const usage = `usage: npm run bench -- [NAME ...] [--json] [--profile DIRECTORY]

Measures the named figures, or all, on this machine over loopback; stops by itself.
--profile writes CPU profiles of the managers there, for Chrome's developer tools.
Names: ${figureNames.join(", ")}
`;

/** Runs the command line to its end and answers the exit code. Progress and failures go to `stderr`. */
export async function runBench(parameters: readonly string[], streams: BenchStreams): Promise<number> {
  const wanted = parseCommandLine(parameters);
  if (wanted.outcome !== "run") {
    (wanted.outcome === "help" ? streams.stdout : streams.stderr).write(wanted.text);
    return wanted.outcome === "help" ? 0 : 2;
  }
  const directory = mkdtempSync(join(tmpdir(), "countersign-bench-"));
  try {
    const figures = await measureAll(wanted, directory, streams);
    const text = wanted.json ? `${JSON.stringify({ figures })}\n` : renderTable(figures, streams.stdout.columns ?? 100);
    streams.stdout.write(text);
    return figures.length === wanted.names.length ? 0 : 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

type Wanted =
  | {
      readonly outcome: "run";
      readonly names: readonly FigureName[];
      readonly json: boolean;
      readonly profileDirectory: string | null;
    }
  | { readonly outcome: "help" | "refused"; readonly text: string };

/** Which figures are asked for, in the order of measuring; no name means all. */
export function parseCommandLine(parameters: readonly string[]): Wanted {
  try {
    const options = { json: { type: "boolean" }, help: { type: "boolean" }, profile: { type: "string" } } as const;
    const { values, positionals } = parseArgs({ args: [...parameters], options, allowPositionals: true });
    if (values.help === true) return { outcome: "help", text: usage };
    const unknown = positionals.find((name) => !figureNames.some((known) => known === name));
    if (unknown !== undefined) return { outcome: "refused", text: `There is no figure ${unknown}.\n\n${usage}` };
    const names = figureNames.filter((name) => positionals.length === 0 || positionals.includes(name));
    return { outcome: "run", names, json: values.json === true, profileDirectory: values.profile ?? null };
  } catch (error) {
    return { outcome: "refused", text: `${error instanceof Error ? error.message : String(error)}\n\n${usage}` };
  }
}

/** One figure that fails must not cost the others: it is told and left out. */
async function measureAll(
  { names, profileDirectory }: Extract<Wanted, { outcome: "run" }>,
  benchDirectory: string,
  { stderr, signal }: BenchStreams,
): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const fleets = new Map<number, Promise<Fleet>>();
  for (const name of names) {
    const startedAtMs = performance.now();
    const progress = (text: string) => stderr.write(`${name}: ${text}\n`);
    const directory = join(benchDirectory, name);
    const fleet = (count: number): Promise<Fleet> => {
      const made = fleets.get(count) ?? createFleet(benchDirectory, count, progress);
      fleets.set(count, made);
      return made;
    };
    try {
      signal.throwIfAborted();
      mkdirSync(directory);
      figures.push(await measurers[name]({ directory, profileDirectory, signal, fleet, progress }));
      progress(`done in ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`);
    } catch (error) {
      progress(`not measured. ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  return figures;
}
