// show license summary

import type { LicenseUsageView, LicenseView } from "../license-view.ts";
import { statusWord } from "./show-license-usage.ts";
import { joinBlocks, type ShowOptions } from "./show-text.ts";
import { accountBlock } from "./status-blocks.ts";

const descriptionCharactersMax = 25;
const ruleWidth = 77;

export function renderLicenseSummary(view: LicenseView, options: ShowOptions): string {
  const used = view.licenses.filter((license) => license.count > 0);
  const table = usageTable(used, "Entitlement Tag", statusWord);
  return joinBlocks([accountBlock(view, options), ["License Usage:", ...table]]).join("\n");
}

type StatusOf = (license: LicenseUsageView) => string;

/** `caption` of the second column: the two models write it differently. */
export function usageTable(used: readonly LicenseUsageView[], caption: string, statusOf: StatusOf): readonly string[] {
  if (used.length === 0) return ["  No licenses in use"];
  return [
    `  License                 ${caption}               Count Status`,
    `  ${"-".repeat(ruleWidth)}`,
    ...used.map((license) => row(license, statusOf(license))),
  ];
}

/** A blank always stands before the bracket, whatever the length of the name. */
function row(license: LicenseUsageView, status: string): string {
  const name = `${license.name} `.padEnd(24);
  return `  ${name}${`(${cut(license.heading)})`.padEnd(27)}${`${license.count}`.padStart(8)} ${status}`;
}

function cut(description: string): string {
  if (description.length <= descriptionCharactersMax) return description;
  return `${description.slice(0, descriptionCharactersMax - 3)}...`;
}
