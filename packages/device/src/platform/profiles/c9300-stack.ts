// A stack of access switches: each switch uses one network and one DNA licence, under the tag of its family (CNT-3).

import type { PlatformLicense, PlatformProfile } from "../platform-profile.ts";

const families = [
  {
    pidPrefix: "C9300-24",
    title: "C9300-24",
    tags: {
      "network-essentials":
        "regid.2017-05.com.cisco.C9300_24P_NW_Essentialsk9,1.0_3af9882a-2ebe-42f8-b584-678d4ab4aeef",
      "network-advantage": "regid.2017-05.com.cisco.C9300_24P_NW_Advantagek9,1.0_3cce7cee-e861-4a2a-830b-bbf0fa74b3ec",
      "dna-essentials": "regid.2017-05.com.cisco.C9300_24P_Dna_Essentials,1.0_5af9d039-b705-4e6e-b9ba-a4994aac8cb3",
      "dna-advantage": "regid.2017-05.com.cisco.C9300_24P_Dna_Advantage,1.0_ce30f6d7-edc9-4068-a4d1-a0df4caedff7",
    },
  },
  {
    pidPrefix: "C9300-48",
    title: "C9300-48",
    tags: {
      "network-essentials":
        "regid.2017-05.com.cisco.C9300_48P_NW_Essentialsk9,1.0_3bcb1a5b-4748-4c81-a42b-9cc7837b5756",
      "network-advantage": "regid.2017-05.com.cisco.C9300_48P_NW_Advantagek9,1.0_e3a25507-8a54-437d-83e3-baae104988be",
      "dna-essentials": "regid.2017-05.com.cisco.C9300_48P_Dna_Essentials,1.0_eebb1d91-5a33-45ae-9ff4-8bc495e440c7",
      "dna-advantage": "regid.2017-05.com.cisco.C9300_48P_Dna_Advantage,1.0_888d0e5f-9273-4849-95cf-d3728c25d070",
    },
  },
] as const;

const tierTitles = {
  "network-essentials": "Network Essentials",
  "network-advantage": "Network Advantage",
  "dna-essentials": "DNA Essentials",
  "dna-advantage": "DNA Advantage",
} as const;

const licenses: readonly PlatformLicense[] = families.flatMap(({ pidPrefix, title, tags }) =>
  (Object.keys(tierTitles) as (keyof typeof tierTitles)[]).map((name) => ({
    tag: tags[name],
    name,
    description: `${title} ${tierTitles[name]}`,
    licenseClass: name.startsWith("dna") ? ("subscription" as const) : ("perpetual" as const),
    feature: name,
    countedBy: "device" as const,
    pidPrefix,
  })),
);

export const c9300Stack: PlatformProfile = {
  name: "c9300-stack",
  title: "Catalyst 9300 stack of three",
  hostname: "c9300-stack",
  productTag: "regid.2017-05.com.cisco.C9300,v1_ed55dc57-c99d-4bf2-9a0f-04dd11dcd7d6",
  softwareVersion: "17.09.04a",
  policyModeSince: "17.3.2",
  licenses,
  defaultFeatures: ["network-advantage", "dna-advantage"],
  defaultSlots: [
    { number: 1, udi: { pid: "C9300-48P", serialNumber: "CSL2701A001" }, role: "Active" },
    { number: 2, udi: { pid: "C9300-48P", serialNumber: "CSL2701A002" }, role: "Standby" },
    { number: 3, udi: { pid: "C9300-24P", serialNumber: "CSL2701A003" }, role: "Member" },
  ],
  pidPrefixes: families.map(({ pidPrefix }) => pidPrefix),
  slotsMax: 8,
  redundancy: "stack",
  reportEverySeconds: null,
  hasAccessPoints: false,
  mappedLicenses: licenses.length,
};
