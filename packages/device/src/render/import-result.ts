// license smart import: the field's words for success, then one line for each object of the file.

import type { ImportedObject } from "../license-view.ts";

export function renderImport(objects: readonly ImportedObject[]): string {
  const lines = objects.map(({ kind, outcome, detail }) =>
    outcome === "installed" ? `  ${kind}: ${detail}` : `  ${kind} left out: ${detail}`,
  );
  return ["Import Data Successful", ...lines].join("\n");
}
