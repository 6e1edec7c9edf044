// countersign manager license history: how a licence stood over days, a line for each day on which it changed, with a bar.

import type { LicenseHistory, LicenseStep } from "../use-cases/use-cases.ts";
import { administrationCommand, virtualAccountOf, virtualAccountOptions } from "./administer.ts";
import { optionText, requireWords, show, showTable } from "./output.ts";

export const licenseHistory = administrationCommand({
  name: "history",
  summary: "Show how a licence stood over days, where it changed",
  usage: "<tag> [--from DAY] [--to DAY]",
  options: {
    ...virtualAccountOptions,
    from: { type: "string", description: "First day, yyyy-mm-dd (UTC); 90 days up to the last one when left out." },
    to: { type: "string", description: "Last day; today when left out." },
  },
  run: async (client, input) => {
    const [tag] = requireWords(input, "tag");
    const days = { from: optionText(input, "from"), to: optionText(input, "to") };
    const query = { ...virtualAccountOf(input), tag, ...days };
    const history = await client.call<LicenseHistory>("GET", "/api/v1/licenses/history", { query });
    if (input.json) return show(input, history, () => "");
    const most = Math.max(1, ...history.steps.flatMap(({ inUseMax, purchased }) => [inUseMax, purchased]));
    return showTable(
      input,
      history.steps,
      [
        { title: "Day", value: ({ day }) => day, keep: true },
        { title: "In use", value: ({ inUse }) => String(inUse), align: "right" },
        { title: "Unverified", value: ({ inUseUnverified }) => String(inUseUnverified), align: "right" },
        { title: "Most in use", value: ({ inUseMax }) => String(inUseMax), align: "right" },
        { title: "Purchased", value: ({ purchased }) => String(purchased), align: "right" },
        { title: "Most short", value: ({ shortMax }) => String(shortMax), align: "right" },
        { title: "# in use  ! short  · free", value: (step) => barOf(step, most) },
      ],
      "Nothing was written down in these days.",
    );
  },
});

const barCharacters = 24;

/** As long as the most of all lines; what is short is told apart, also where it is little. */
function barOf({ inUseMax, shortMax, purchased }: LicenseStep, most: number): string {
  const lengthOf = (count: number) => Math.ceil((count * barCharacters) / most);
  const used = lengthOf(inUseMax);
  const short = Math.min(used, lengthOf(shortMax));
  return "#".repeat(used - short) + "!".repeat(short) + "·".repeat(Math.max(0, lengthOf(purchased) - used));
}
