// countersign device platforms: what a device can be, with licences and counting rules.

import { type Column, type Command, renderTable } from "@countersign/terminal";
import type { PlatformLicense, PlatformProfile } from "../platform/platform-profile.ts";

export const platforms: Command = {
  name: "platforms",
  summary: "List the platforms that a device can be; with a name, its licences and how they are counted",
  usage: "[<platform>]",
  run: async ({ stdout, stderr, json, positionals }) => {
    const { findPlatform, platformProfiles } = await import("../platform/platform-table.ts");
    const { platformJson } = await import("../platform/describe-platform.ts");
    const [name, ...more] = positionals;
    const one = name === undefined ? undefined : findPlatform(name);
    if (more.length > 0 || (name !== undefined && one === undefined)) {
      stderr.write(`there is no platform "${positionals.join(" ")}"; \`device platforms\` lists them\n`);
      return 2;
    }
    if (json)
      stdout.write(
        `${JSON.stringify(one === undefined ? platformProfiles.map(platformJson) : platformJson(one), null, 2)}\n`,
      );
    else if (one === undefined) stdout.write(renderTable(columns, platformProfiles));
    else stdout.write(await describe(one));
    return 0;
  },
};

const columns: readonly Column<PlatformProfile>[] = [
  { title: "Platform", value: (row) => row.name, keep: true },
  { title: "What it is", value: (row) => row.title },
  { title: "Software", value: (row) => row.softwareVersion },
  { title: "Licences", value: (row) => `${row.licenses.length}` },
];

async function describe(profile: PlatformProfile): Promise<string> {
  const { countedByWords, redundancyWords, versionWords } = await import("../platform/describe-platform.ts");
  const licenseColumns: readonly Column<PlatformLicense>[] = [
    { title: "Licence", value: (row) => row.name, keep: true },
    { title: "Entitlement", value: (row) => row.description },
    {
      title: "One for",
      value: (row) => `${countedByWords[row.countedBy]}${row.pidPrefix === undefined ? "" : ` ${row.pidPrefix}…`}`,
    },
    { title: "Software", value: (row) => versionWords(row.versions) },
    { title: "Tag", value: (row) => row.tagOrigin },
  ];
  const models = profile.licensing.map(({ since, model }) => `${model} from ${since}`).join(", ");
  const ack = profile.mandatoryAckSince === null ? "" : `An ACK is mandatory from ${profile.mandatoryAckSince}.\n`;
  return [
    `${profile.title}: ${redundancyWords[profile.redundancy]}, ${profile.slotsMax} at most.\n`,
    `Licensing: ${models}; a new device runs ${profile.softwareVersion}.\n${ack}\n`,
    profile.licenses.length === 0
      ? "The product says itself what it uses.\n"
      : renderTable(licenseColumns, profile.licenses),
  ].join("");
}
