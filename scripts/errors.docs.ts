// Generates docs/reference/errors.md from the error tables of all packages. Generators may read tables that a package
// keeps to itself, which is why the tables are imported from their files.

import { agentErrors } from "../packages/agent/src/agent-error.ts";
import { deviceErrors } from "../packages/device/src/device-error.ts";
import { httpErrors } from "../packages/device/src/http-server/http-problem.ts";
import { backupErrors } from "../packages/manager/src/backup-error.ts";
import { administrationErrors, deviceRefusals, floorRefusals } from "../packages/manager/src/errors.ts";
import { databaseErrors } from "../packages/manager/src/storage/database-error.ts";
import { protocolErrors } from "../packages/protocol/src/errors.ts";
import { relayErrors } from "../packages/relay/src/relay-error.ts";
import type { ReferencePage } from "./docs.ts";

interface ErrorDescription {
  readonly meaning: string;
  readonly remedy: string;
  readonly retry: string;
}

export interface ErrorTable {
  readonly title: string;
  readonly introduction: string;
  readonly errors: Readonly<Record<string, ErrorDescription>>;
}

/** Every table of codes, in the order of the page. */
export const errorTables: readonly ErrorTable[] = [
  {
    title: "Protocol",
    introduction: "What can be wrong with received bytes, on either side.",
    errors: protocolErrors,
  },
  {
    title: "Refusals of the manager",
    introduction: "What a manager answers a device, beside the codes of the protocol.",
    errors: deviceRefusals,
  },
  {
    title: "Administration of the manager",
    introduction: "What a manager answers who administers it.",
    errors: administrationErrors,
  },
  {
    title: "Managers on premises",
    introduction: "What a manager answers one on premises that stands, or wants to stand, below it.",
    errors: floorRefusals,
  },
  {
    title: "Databases of the manager",
    introduction: "What is wrong with a database as a whole, and what a move to PostgreSQL refuses.",
    errors: databaseErrors,
  },
  {
    title: "Backup and restore",
    introduction: "What is told to whoever takes a backup of a manager or restores one.",
    errors: backupErrors,
  },
  {
    title: "Agent",
    introduction: "What the library tells the product around it.",
    errors: agentErrors,
  },
  {
    title: "Relay",
    introduction: "What a relay tells the devices that speak to it and whoever runs it.",
    errors: relayErrors,
  },
  {
    title: "Device",
    introduction: "What is told to whoever runs a device or talks to one.",
    errors: deviceErrors,
  },
  {
    title: "Device, over HTTPS",
    introduction:
      "What a device's own HTTPS server answers; a refusal of the device itself comes with the device's code.",
    errors: httpErrors,
  },
];

const introduction = `# Error codes

Codes never change their meaning and are never used again. Try again: \`permanent\` never with the same message,
\`transient\` soon, \`later\` after the time that the answer names.

This page is generated from the error tables by \`npm run docs\`.
`;

function render(): string {
  return introduction + errorTables.map(renderTable).join("");
}

function renderTable({ title, introduction: text, errors }: ErrorTable): string {
  const rows = Object.entries(errors).map(
    ([code, { meaning, remedy, retry }]) => `| \`${code}\` | ${cell(meaning)} | ${cell(remedy)} | ${retry} |\n`,
  );
  const head = "| code | meaning | what to do | try again |\n|---|---|---|---|\n";
  return `\n## ${title}\n\n${text}\n\n${head}${rows.join("")}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

export const pages: readonly ReferencePage[] = [{ name: "errors.md", render }];
