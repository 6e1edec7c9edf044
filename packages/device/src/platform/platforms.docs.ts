// Generates docs/reference/platforms.md: every platform with its devices, software, licences and counting rules.

import { countedByWords, redundancyWords, versionWords } from "./describe-platform.ts";
import type { PlatformLicense, PlatformProfile } from "./platform-profile.ts";
import { platformProfiles } from "./platform-table.ts";

const introduction = `# Platforms

What a simulated device can be: \`countersign device run --platform <name>\`, \`countersign lab start --platform <name>\`. A
licence counts only while its feature is configured, by \`license boot level\`, \`license air level\` or, where there are no
levels, by the product itself. A level takes effect at the next boot. The software
decides which licensing model a device has; one of before smart licensing does not start, and says so.

A tag is *documented* when public outputs of such devices show it; the uuid of an *invented* one is ours.

This page is generated from the profiles by \`npm run docs\`.
`;

function section(profile: PlatformProfile): string {
  const { name, title, licensing, softwareVersion, mandatoryAckSince, reportEverySeconds } = profile;
  const devices = profile.defaultSlots.map(({ number, udi }) => `${udi.pid} in slot ${number}`).join(", ");
  const facts = [
    `Devices: ${redundancyWords[profile.redundancy]}, ${profile.slotsMax} at most. A new one: ${devices}.`,
    `Software: ${softwareVersion}. Licensing: ${licensing.map((one) => `${one.model} from ${one.since}`).join(", ")}.`,
    ...(profile.licenseLevels === null ? [] : [levels(profile)]),
    ...(reportEverySeconds === null
      ? []
      : [`Reports every ${reportEverySeconds / 3600} hours, whatever interval is set.`]),
    ...(mandatoryAckSince === null ? [] : [`An ACK is mandatory from ${mandatoryAckSince}.`]),
  ];
  const table =
    profile.licenses.length === 0
      ? "The product says itself what it uses.\n"
      : `| licence | entitlement | one for | software | tag | origin |\n|---|---|---|---|---|---|\n${profile.licenses.map(row).join("")}`;
  return `\n## ${name}\n\n${title}.\n\n${facts.map((fact) => `- ${fact}\n`).join("")}\n${table}`;
}

function levels({ licenseLevels }: PlatformProfile): string {
  const offered = licenseLevels?.levels.map(({ name, addons, versions }) => {
    const software = versionWords(versions);
    const addon = addons.length === 0 ? "" : ` with or without addon \`${addons.join("`, `")}\``;
    return `\`${name}\`${addon}${software === "" ? "" : ` (${software})`}`;
  });
  return `\`license ${licenseLevels?.command} level\`: ${offered?.join("; ")}.`;
}

function row(license: PlatformLicense): string {
  const of = license.pidPrefix === undefined ? "" : ` \`${license.pidPrefix}…\``;
  const { name, description, tag, tagOrigin } = license;
  return `| ${name} | ${description} | ${countedByWords[license.countedBy]}${of} | ${versionWords(license.versions)} | \`${tag}\` | ${tagOrigin} |\n`;
}

export const pages = [
  { name: "platforms.md", render: () => introduction + platformProfiles.map(section).join("") },
] as const;
