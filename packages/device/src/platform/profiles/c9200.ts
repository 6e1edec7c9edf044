// A stack of entry access switches. Each family asks under its own tags (CNT-3, CNT-15).

import type { PlatformProfile } from "../platform-profile.ts";
import { switchLevels, switchLicensing, tieredLicenses } from "../tiered-licenses.ts";

const licenses = [
  ...tieredLicenses({
    pidPrefix: "C9200L-24",
    countedBy: ["device", "device"],
    tiers: {
      "network-essentials": [
        "C9200L-NW-E-24",
        "regid.2018-05.com.cisco.C9200L-NW-E-24,1.0_669630cf-3562-4fb0-b961-eb6ca78a3eeb",
        "invented",
      ],
      "network-advantage": [
        "C9200L-NW-A-24",
        "regid.2018-05.com.cisco.C9200L-NW-A-24,1.0_37e592cb-7eb0-42ef-86b2-c583492c909b",
        "invented",
      ],
      "dna-essentials": [
        "C9200L-DNA-E-24",
        "regid.2018-05.com.cisco.C9200L-DNA-E-24,1.0_e9c2a8b3-9aae-40ae-8950-a1651217a5be",
        "invented",
      ],
      "dna-advantage": [
        "C9200L-DNA-A-24",
        "regid.2018-05.com.cisco.C9200L-DNA-A-24,1.0_db72ec63-c89e-48cb-abe9-3b064f2c6943",
        "invented",
      ],
    },
  }),
  ...tieredLicenses({
    pidPrefix: "C9200L-48",
    countedBy: ["device", "device"],
    tiers: {
      "network-essentials": [
        "C9200L-NW-E-48",
        "regid.2018-05.com.cisco.C9200L-NW-E-48,1.0_52d2a0bd-de8a-480f-b70b-1d57e7738aec",
        "documented",
      ],
      "network-advantage": [
        "C9200L-NW-A-48",
        "regid.2018-05.com.cisco.C9200L-NW-A-48,1.0_56c09d43-2632-403c-91b2-d89fc26a0302",
        "invented",
      ],
      "dna-essentials": [
        "C9200L-DNA-E-48",
        "regid.2018-05.com.cisco.C9200L-DNA-E-48,1.0_e213fd3f-18f9-4940-a21c-617b92efdaae",
        "documented",
      ],
      "dna-advantage": [
        "C9200L-DNA-A-48",
        "regid.2018-05.com.cisco.C9200L-DNA-A-48,1.0_2e3cdf32-84af-4943-a2e0-8e273f8dc34e",
        "invented",
      ],
    },
  }),
  ...tieredLicenses({
    pidPrefix: "C9200-24",
    countedBy: ["device", "device"],
    tiers: {
      "network-essentials": [
        "C9200-NW-E-24",
        "regid.2018-09.com.cisco.C9200-NW-E-24,1.0_b3a6555d-185d-4f18-82ed-9f3dfb13926a",
        "invented",
      ],
      "network-advantage": [
        "C9200-NW-A-24",
        "regid.2018-09.com.cisco.C9200-NW-A-24,1.0_5243800b-7e28-47a2-9f6e-841af4c8f7fd",
        "invented",
      ],
      "dna-essentials": [
        "C9200-DNA-E-24",
        "regid.2018-09.com.cisco.C9200-DNA-E-24,1.0_3fc288da-ed4b-4071-8641-37e30e70dd9d",
        "invented",
      ],
      "dna-advantage": [
        "C9200-DNA-A-24",
        "regid.2018-09.com.cisco.C9200-DNA-A-24,1.0_810ffa15-9782-445a-99e1-89d318fec0de",
        "invented",
      ],
    },
  }),
  ...tieredLicenses({
    pidPrefix: "C9200-48",
    countedBy: ["device", "device"],
    tiers: {
      "network-essentials": [
        "C9200-NW-E-48",
        "regid.2018-09.com.cisco.C9200-NW-E-48,1.0_f4a0bfbb-bf78-4e92-870f-a99f8897426a",
        "invented",
      ],
      "network-advantage": [
        "C9200-NW-A-48",
        "regid.2018-09.com.cisco.C9200-NW-A-48,1.0_6bee0e13-62bd-41c2-90ed-7d039869e599",
        "invented",
      ],
      "dna-essentials": [
        "C9200-DNA-E-48",
        "regid.2018-09.com.cisco.C9200-DNA-E-48,1.0_a725be87-4b45-4447-a20c-f9c61bb472ea",
        "invented",
      ],
      "dna-advantage": [
        "C9200-DNA-A-48",
        "regid.2018-09.com.cisco.C9200-DNA-A-48,1.0_ce4fa29a-1ada-4753-8df7-769401e87643",
        "invented",
      ],
    },
  }),
];

export const c9200: PlatformProfile = {
  name: "c9200",
  title: "Catalyst 9200 stack of two",
  hostname: "c9200",
  productTag: "regid.2018-05.com.cisco.C9200,v1_83f193e4-9bb2-4d41-8bde-52ea18ae9365",
  softwareVersion: "17.09.04a",
  licensing: switchLicensing,
  mandatoryAckSince: null,
  licenses,
  licenseLevels: switchLevels,
  defaultFeatures: ["network-advantage", "dna-advantage"],
  defaultSlots: [
    { number: 1, udi: { pid: "C9200L-48P-4X", serialNumber: "CSL2708H001" }, role: "Active" },
    { number: 2, udi: { pid: "C9200L-24P-4X", serialNumber: "CSL2708H002" }, role: "Standby" },
  ],
  pidPrefixes: ["C9200-24", "C9200-48", "C9200L-24", "C9200L-48"],
  slotsMax: 8,
  redundancy: "stack",
  hasManufacturerCertificate: true,
  reportEverySeconds: null,
  hasAccessPoints: false,
};
