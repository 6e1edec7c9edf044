// license smart import: the field's words for success, then one line for each object of the file.

import type { ImportedObject } from "../license-view.ts";

export function renderImport(objects: readonly ImportedObject[]): string {
  const lines = objects.map(({ kind, outcome, detail }) =>
    outcome === "installed" ? `  ${kind}: ${detail}` : `  ${kind} left out: ${detail}`,
  );
  const confirmations = objects.flatMap(({ confirmation }) =>
    confirmation === undefined
      ? []
      : [`Last Confirmation code UDI: ${confirmation.udi}  Confirmation code: ${confirmation.code}`],
  );
  return ["Import Data Successful", ...confirmations, ...lines].join("\n");
}

/** license smart authorization return … offline */
export function renderReturnCodes(returned: readonly { readonly udi: string; readonly returnCode: string }[]): string {
  return [
    "Enter this return code in Cisco Smart Software Manager portal:",
    ...returned.flatMap(({ udi, returnCode }) => [`UDI: ${udi}`, `Return code: ${returnCode}`]),
  ].join("\n");
}
