// What became of a file that was carried here, in words.

import type { ImportedUsage } from "../api/answers.ts";

export function verdictOf({ reports: { accepted, known, refused } }: ImportedUsage): string {
  const parts = [
    ...(accepted === 0 ? [] : [`${counted(accepted)} accepted`]),
    ...(known === 0 ? [] : [`${counted(known)} known already, counted once`]),
    ...(refused === 0 ? [] : [`${counted(refused)} refused`]),
  ];
  return parts.length === 0 ? "holds no report" : `was taken: ${parts.join(", ")}`;
}

function counted(count: number): string {
  return count === 1 ? "1 report" : `${count} reports`;
}

/** `usage.xml` → `usage-ack.xml`, without whatever could lead out of a folder. */
export function acknowledgementName(given: string): string {
  const base = given.replace(/\.[^.]*$/, "").replaceAll(/[^A-Za-z0-9._-]+/g, "-");
  return `${base === "" ? "usage" : base}-ack.xml`;
}
