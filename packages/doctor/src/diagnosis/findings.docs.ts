// Generates docs/reference/findings.md from the rules.

import { answerBytesMax } from "../asking/ask-device.ts";
import { healthBytesMax } from "../asking/ask-relay.ts";
import * as captureLimits from "../capturing/capture-limits.ts";
import { doctorExitCodes } from "../output/report.ts";
import { lineCharactersMax, sessionBytesMax } from "../reading/reading-limits.ts";
import { evidenceCharactersMax, factsMax } from "./fact.ts";
import type { Rule } from "./rule.ts";
import { findingCodes, rules } from "./rule-table.ts";
import { impacts, type Step } from "./step.ts";

const introduction = `# Findings of the doctor

What \`countersign doctor\` can say, with a code that never changes its meaning. \`fault\`: it does not work now. \`warning\`: somebody
must act before it stops working. \`note\`: explained, nothing to do. \`<HOST>\` is replaced by the server's name where it is known;
commands for other platforms than the device's are left out where the platform is known. How to go about it:
[troubleshooting](../operating/troubleshooting.md).

This page is generated from the rules by \`npm run docs\`.
`;

function render(): string {
  return [
    introduction,
    exitCodes(),
    effects(),
    limits(),
    ...findingCodes.map((code) => section(code, rules[code])),
  ].join("\n");
}

function exitCodes(): string {
  const rows = Object.entries(doctorExitCodes).map(([code, meaning]) => `| ${code} | ${meaning} |\n`);
  return `## Exit codes\n\n| exit code | meaning |\n|---|---|\n${rows.join("")}`;
}

function effects(): string {
  const rows = Object.entries(impacts).map(([name, text]) => `| \`${name}\` | ${text} |\n`);
  return `## What a command does\n\nSaid before every command that is offered.\n\n| effect | what it means |\n|---|---|\n${rows.join("")}`;
}

function limits(): string {
  const rows = Object.entries({
    sessionBytesMax,
    lineCharactersMax,
    factsMax,
    evidenceCharactersMax,
    answerBytesMax,
    healthBytesMax,
    ...captureLimits,
  }).map(([name, value]) => `| \`${name}\` | ${value} |\n`);
  return `## Limits\n\nWhat is beyond them is said and not read.\n\n| limit | value |\n|---|---|\n${rows.join("")}`;
}

function section(code: string, { severity, title, meaning, standsFor, remedy, verify }: Rule): string {
  const head = `## ${code}\n\n**${title}** (${severity}; ${standsFor.join(", ")})\n\n${meaning}\n`;
  return head + steps("What to do", remedy) + steps("Then see whether it helped", verify);
}

function steps(title: string, all: readonly Step[]): string {
  if (all.length === 0) return "";
  return `\n${title}:\n\n${all.map((step) => `- ${stepText(step)}\n`).join("")}`;
}

function stepText(step: Step): string {
  if ("advice" in step) return step.advice;
  const platform = step.platform === null ? "" : `, ${step.platform}`;
  return `(${step.impact}${platform}) \`${step.command}\``;
}

export const pages = [{ name: "findings.md", render }];
