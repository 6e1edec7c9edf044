// Generates docs/reference/syslog.md: the messages of licensing, with what to do about each.

import { classicMessages, otherMessages, policyMessages, type SyslogModel, type SyslogRow } from "./syslog-table.ts";

const introduction = `# Log messages of licensing

A line is \`%FACILITY-SEVERITY-MNEMONIC: text\`. Severities go from 0 (worst) to 7; 3 is an error, 4 a warning, 5 a notification, 6
information. Parts between angle brackets vary. How lines get to a receiver: \`logging host\` in [console](console.md); the
form on the wire: [operating](../operating/outward.md).

This page is generated from the table that the agent writes its lines from, by \`npm run docs\`.
`;

const sections: Readonly<Record<SyslogModel, readonly [title: string, about: string]>> = {
  policy: ["Policy model", "What the agent of a device with Smart Licensing Using Policy writes."],
  classic: [
    "Classic model",
    "What the agent of a device with classic Smart Licensing writes: software of before 17.3.2 on Catalyst switches and controllers.",
  ],
  device: ["The device around the agent", "Written by the device itself, or when something inside the agent breaks."],
  reservation: ["Licence reservation", "Not written by this agent."],
};

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function tableOf(rows: readonly SyslogRow[]): string {
  const lines = rows.map(({ facility, severity, mnemonic, text, when, action }) => {
    return `| \`%${facility}-${severity}-${mnemonic}\` | \`${cell(text)}\` | ${cell(when)} | ${cell(action)} |\n`;
  });
  return `| message | text | when | what to do |\n|---|---|---|---|\n${lines.join("")}`;
}

function render(): string {
  const all = [...Object.values(policyMessages), ...Object.values(classicMessages), ...otherMessages];
  const parts = Object.entries(sections).map(([model, [title, about]]) => {
    return `\n## ${title}\n\n${about}\n\n${tableOf(all.filter((row) => row.model === model))}`;
  });
  return introduction + parts.join("");
}

export const pages = [{ name: "syslog.md", render }] as const;
