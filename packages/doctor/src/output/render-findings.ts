// Findings for people: 80 columns, the worst first, what a command does said before the command, and nothing red unless somebody
// must act.

import type { Finding, OfferedStep } from "../diagnosis/diagnose.ts";
import type { Evidence } from "../diagnosis/fact.ts";
import type { Severity } from "../diagnosis/rule.ts";

export const columnsMax = 80;
const evidenceShownMax = 3;

const words: Readonly<Record<Severity, string>> = { fault: "FAULT", warning: "WARNING", note: "NOTE" };

export type Rendering = { readonly isColoured: boolean };

export function renderFindings(findings: readonly Finding[], { isColoured }: Rendering): string {
  if (findings.length === 0) return "Nothing is wrong in what was read.\n";
  return `${summaryOf(findings)}\n\n${findings.map((finding) => renderFinding(finding, isColoured)).join("\n")}`;
}

export function summaryOf(findings: readonly Finding[]): string {
  const counted = (["fault", "warning", "note"] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? "" : "s"}`];
  });
  return counted.join(", ");
}

function renderFinding(finding: Finding, isColoured: boolean): string {
  const { code, severity, title, meaning, standsFor, evidence, remedy, verify } = finding;
  const head = wrapped(title, `${words[severity]}  `, " ".repeat(words[severity].length + 2));
  const red = isColoured && severity === "fault" ? `\u001b[31m${words.fault}\u001b[39m` : words[severity];
  const lines = [
    ...head.map((line, index) => (index === 0 ? line.replace(words[severity], red) : line)),
    ...wrapped(meaning, "  ", "  "),
    ...wrapped(`${code} (${standsFor.join(", ")})`, "  ", "  "),
    "",
    "  Seen:",
    ...seen(evidence),
    ...(remedy.length === 0 ? [] : ["", "  What to do:", ...renderSteps(remedy)]),
    ...(verify.length === 0 ? [] : ["", "  Then see whether it helped:", ...renderSteps(verify)]),
  ];
  return `${lines.join("\n")}\n`;
}

function seen(evidence: readonly Evidence[]): readonly string[] {
  const shown = evidence.slice(0, evidenceShownMax);
  const more = evidence.length - shown.length;
  return [
    ...shown.flatMap(({ source, place, text }) => wrapped(`${source}, ${place}: ${text}`, "    ", "      ")),
    ...(more === 0 ? [] : [`    and ${more} more`]),
  ];
}

/** Steps of one effect stand together under it, in their order. */
function renderSteps(steps: readonly OfferedStep[]): readonly string[] {
  const lines: string[] = [];
  let last = "";
  for (const { impactText, platform, command, advice } of steps) {
    const head = command === null ? "" : `${impactText}${platform === null ? "" : ` (${platform})`}:`;
    if (head !== last && head !== "") lines.push(...wrapped(`[${head.slice(0, -1)}]`, "    ", "     "));
    last = head;
    if (command !== null) lines.push(`      ${command}`);
    if (advice !== null) lines.push(...wrapped(advice, "    - ", "      "));
  }
  return lines;
}

/** Words longer than a line are cut into pieces: they are evidence, not something to paste. */
export function wrapped(text: string, first: string, other: string): readonly string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  const room = columnsMax - other.length;
  const pieces = text.split(" ").flatMap((word) => word.match(new RegExp(`.{1,${room}}`, "gu")) ?? []);
  for (const word of pieces) {
    if (!isEmpty && line.length + 1 + word.length > columnsMax) {
      lines.push(line);
      [line, isEmpty] = [other, true];
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
