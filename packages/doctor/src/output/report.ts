// The end of every command of the doctor: facts to findings, findings to text or JSON, and the exit code.

import type { CommandInput } from "@countersign/terminal";
import { diagnose, needsSomeone } from "../diagnosis/diagnose.ts";
import type { Fact } from "../diagnosis/fact.ts";
import { renderFindings, wrapped } from "./render-findings.ts";

export const doctorExitCodes = {
  0: "nothing to do",
  1: "findings that need someone",
  2: "the command line is wrong, or names something that the doctor cannot read",
} as const;

export type Examination = {
  readonly facts: readonly Fact[];
  /** What was not read, in words. */
  readonly leftOut: readonly string[];
  /** What goes before the findings: text, and members of the JSON. */
  readonly preface?: { readonly text: string; readonly members: Readonly<Record<string, unknown>> };
};

export function report({ facts, leftOut, preface }: Examination, input: CommandInput): number {
  const { stdout, json } = input;
  const findings = diagnose(facts);
  if (json) stdout.write(`${JSON.stringify({ ...preface?.members, findings, leftOut }, null, 2)}\n`);
  else {
    const isColoured = "hasColors" in stdout && typeof stdout.hasColors === "function" && stdout.hasColors() === true;
    stdout.write((preface?.text ?? "") + renderFindings(findings, { isColoured }));
    for (const left of leftOut) stdout.write(`\n${wrapped(`Not read: ${left}`, "", "  ").join("\n")}\n`);
  }
  return needsSomeone(findings) ? 1 : 0;
}

/** What cannot be read at all. */
export function refuse(problem: string, { stderr, json }: CommandInput): number {
  stderr.write(json ? `${JSON.stringify({ error: { code: "unreadable", message: problem } })}\n` : `${problem}\n`);
  return 2;
}
