// license smart factory reset … preview

import type { FactoryResetPreview } from "../license-view.ts";

export function renderFactoryResetPreview({ removes, keeps, reloadRequired }: FactoryResetPreview): string {
  return [
    "Removes:",
    ...removes.map((part) => `  ${part}`),
    "Keeps:",
    ...keeps.map((part) => `  ${part}`),
    `Reload required: ${reloadRequired ? "yes" : "no"}`,
  ].join("\n");
}
