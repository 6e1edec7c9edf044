// Stackable switches of before the Catalyst 9000: their last releases have the classic model, and nothing newer exists (GEN-18).

import type { PlatformProfile } from "../platform-profile.ts";
import { switchLevels, tieredLicenses } from "../tiered-licenses.ts";

const stackable = {
  softwareVersion: "16.12.04",
  licensing: [
    { since: "16.1.1", model: "right-to-use" },
    { since: "16.9.1", model: "classic" },
  ],
  legacyLicenses: [
    { kind: "right_to_use", name: "ipbase", feature: "network-essentials" },
    { kind: "right_to_use", name: "ipservices", feature: "network-advantage" },
  ],
  mandatoryAckSince: null,
  licenseLevels: switchLevels,
  defaultFeatures: ["network-advantage", "dna-advantage"],
  slotsMax: 9,
  redundancy: "stack",
  hasManufacturerCertificate: true,
  reportEverySeconds: null,
  hasAccessPoints: false,
} satisfies Partial<PlatformProfile>;

export const c3650: PlatformProfile = {
  ...stackable,
  name: "c3650",
  title: "Catalyst 3650 switch",
  hostname: "c3650",
  productTag: "regid.2018-05.com.cisco.C3650,1.0_5347d3db-b4d0-41e2-906c-5753c435fcdd",
  licenses: tieredLicenses({
    countedBy: ["slot", "slot"],
    tiers: {
      "network-essentials": [
        "C3650 Network Essentials",
        "regid.2018-05.com.cisco.C3650_NW_Essentials,1.0_800f5f9c-6220-44ab-8237-44c76a20b8ee",
        "invented",
      ],
      "network-advantage": [
        "C3650 Network Advantage",
        "regid.2018-05.com.cisco.C3650_NW_Advantage,1.0_5df8ddaf-9f2f-4adc-a792-7723cdf97012",
        "invented",
      ],
      "dna-essentials": [
        "C3650 DNA Essentials",
        "regid.2018-05.com.cisco.C3650_DNA_Essentials,1.0_152d2533-df2e-45f8-94c7-9ce9d4219f35",
        "invented",
      ],
      "dna-advantage": [
        "C3650 DNA Advantage",
        "regid.2018-05.com.cisco.C3650_DNA_Advantage,1.0_f873aa56-a49d-4a9b-a4ab-ec77bacad494",
        "invented",
      ],
    },
  }),
  defaultSlots: [{ number: 1, udi: { pid: "WS-C3650-48PS", serialNumber: "FDO2201A001" }, role: "Active" }],
  pidPrefixes: ["WS-C3650"],
};

export const c3850: PlatformProfile = {
  ...stackable,
  name: "c3850",
  title: "Catalyst 3850 switch",
  hostname: "c3850",
  productTag: "regid.2018-05.com.cisco.C3850,1.0_063afeb6-ea4d-4b95-be1f-454ec3ea931d",
  licenses: tieredLicenses({
    countedBy: ["slot", "slot"],
    tiers: {
      "network-essentials": [
        "C3850 Network Essentials",
        "regid.2018-05.com.cisco.C3850_NW_Essentials,1.0_28973ac8-c464-4e11-b5d2-01c4f07d5bcd",
        "invented",
      ],
      "network-advantage": [
        "C3850 Network Advantage",
        "regid.2018-05.com.cisco.C3850_NW_Advantage,1.0_c95689a8-c9fd-471e-9aae-dc60c50ebb6d",
        "invented",
      ],
      "dna-essentials": [
        "C3850 DNA Essentials",
        "regid.2018-05.com.cisco.C3850_DNA_Essentials,1.0_e06f6386-61e9-4094-890f-f75e68588bce",
        "invented",
      ],
      "dna-advantage": [
        "C3850 DNA Advantage",
        "regid.2018-05.com.cisco.C3850_DNA_Advantage,1.0_f2d9a90d-7908-4237-8408-196522ba13be",
        "invented",
      ],
    },
  }),
  defaultSlots: [{ number: 1, udi: { pid: "WS-C3850-48PS", serialNumber: "FCW2202A001" }, role: "Active" }],
  pidPrefixes: ["WS-C3850"],
};
