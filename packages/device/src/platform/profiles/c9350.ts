// A stack of newer access switches. From 17.18 on the operating system itself has a licence of its own, the same for
// every model; older software asks by the number of ports.

import type { LicenseLevels, PlatformLicense, PlatformProfile, VersionRange } from "../platform-profile.ts";
import { switchLevels, switchLicensing, tieredLicenses } from "../tiered-licenses.ts";

const unifiedSoftware: VersionRange = { since: "17.18.1" };

const licenses: readonly PlatformLicense[] = [
  ...tieredLicenses({
    pidPrefix: "C9350-24",
    countedBy: ["device", "device"],
    tiers: {
      "network-essentials": [
        "C9350-24 Catalyst Network Essentials",
        "regid.2023-08.com.cisco.C9350_24P_NW_E,1.0_da897158-4204-4eac-a0cf-3c282825933c",
        "invented",
      ],
      "network-advantage": [
        "C9350-24 Catalyst Network Advantage",
        "regid.2023-08.com.cisco.C9350_24P_NW_A,1.0_bf84bdef-3f01-416a-a619-4d98efbbede1",
        "documented",
      ],
      "dna-essentials": [
        "C9350-24 Catalyst Software Subscription Essentials",
        "regid.2023-08.com.cisco.C9350_24P_DNX_E,1.0_0f938e2f-377b-4852-b205-0f32ee6433ac",
        "invented",
      ],
      "dna-advantage": [
        "C9350-24 Catalyst Software Subscription Advantage",
        "regid.2023-08.com.cisco.C9350_24P_DNX_A,1.0_e0fef355-0393-4db8-ae2e-2013b1ff759c",
        "documented",
      ],
    },
  }),
  ...tieredLicenses({
    pidPrefix: "C9350-48",
    countedBy: ["device", "device"],
    tiers: {
      "network-essentials": [
        "C9350-48 Catalyst Network Essentials",
        "regid.2023-08.com.cisco.C9350_48P_NW_E,1.0_426dff82-add2-4527-b1f5-40a6d03c99ef",
        "invented",
      ],
      "network-advantage": [
        "C9350-48 Catalyst Network Advantage",
        "regid.2023-08.com.cisco.C9350_48P_NW_A,1.0_75fdcdb1-a77d-40c8-b2b1-e628501b9205",
        "invented",
      ],
      "dna-essentials": [
        "C9350-48 Catalyst Software Subscription Essentials",
        "regid.2023-08.com.cisco.C9350_48P_DNX_E,1.0_104e6358-e595-48bc-af8f-548199cbc4ec",
        "invented",
      ],
      "dna-advantage": [
        "C9350-48 Catalyst Software Subscription Advantage",
        "regid.2023-08.com.cisco.C9350_48P_DNX_A,1.0_06ac9ecc-2e54-4e2e-8db3-3c8fa6516684",
        "invented",
      ],
    },
  }),
  {
    tag: "regid.2024-08.com.cisco.C9350_IOSXE_E,1.0_7a622676-0e19-41a6-b293-0a5311425cde",
    tagOrigin: "invented",
    name: "essentials",
    heading: "Switching OS Essentials",
    description: "Cisco C9350 Switching IOS-XE Essentials",
    licenseClass: "perpetual",
    feature: "essentials",
    countedBy: "device",
    versions: unifiedSoftware,
  },
  {
    tag: "regid.2024-08.com.cisco.C9350_IOSXE_A,1.0_6ae2ac0e-45df-4788-a70d-23d0e511a972",
    tagOrigin: "invented",
    name: "advantage",
    heading: "Switching OS Advantage",
    description: "Cisco C9350 Switching IOS-XE Advantage",
    licenseClass: "perpetual",
    feature: "advantage",
    countedBy: "device",
    versions: unifiedSoftware,
  },
];

const licenseLevels: LicenseLevels = {
  command: "boot",
  levels: [
    ...switchLevels.levels,
    { name: "essentials", addons: [], versions: unifiedSoftware },
    { name: "advantage", addons: [], versions: unifiedSoftware },
  ],
};

export const c9350: PlatformProfile = {
  name: "c9350",
  title: "Catalyst 9350 stack of two",
  hostname: "c9350",
  productTag: "regid.2023-08.com.cisco.C9350,1.0_e4e8bce9-f207-473c-a7c1-7091d8c83b9f",
  softwareVersion: "17.15.01",
  licensing: switchLicensing,
  mandatoryAckSince: null,
  licenses,
  licenseLevels,
  defaultFeatures: ["network-advantage", "dna-advantage"],
  defaultSlots: [
    { number: 1, udi: { pid: "C9350-24U", serialNumber: "CSL2710K001" }, role: "Active" },
    { number: 2, udi: { pid: "C9350-24U", serialNumber: "CSL2710K002" }, role: "Standby" },
  ],
  pidPrefixes: ["C9350-24", "C9350-48"],
  slotsMax: 8,
  redundancy: "stack",
  hasManufacturerCertificate: true,
  reportEverySeconds: null,
  hasAccessPoints: false,
};
