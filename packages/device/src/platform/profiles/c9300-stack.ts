// A stack of access switches: each switch uses one network and one DNA licence, under the tag of its family (CNT-3).

import type { PlatformProfile } from "../platform-profile.ts";
import { switchLevels, switchLicensing, tieredLicenses } from "../tiered-licenses.ts";

const licenses = [
  ...tieredLicenses({
    pidPrefix: "C9300-24",
    countedBy: ["device", "device"],
    tiers: {
      "network-essentials": [
        "C9300-24 Network Essentials",
        "regid.2017-03.com.cisco.essentialsk9,1.0_90406ae8-385e-43aa-ac98-91da0ea270e2",
        "documented",
      ],
      "network-advantage": [
        "C9300-24 Network Advantage",
        "regid.2017-03.com.cisco.advantagek9,1.0_bd1da96e-ec1d-412b-a50e-53846b347d53",
        "documented",
      ],
      "dna-essentials": [
        "C9300-24 DNA Essentials",
        "regid.2017-05.com.cisco.c9300_dna_essentials,1.0_1fa1578b-fb39-4237-961d-4abdaa4a3e34",
        "invented",
      ],
      "dna-advantage": [
        "C9300-24 DNA Advantage",
        "regid.2017-05.com.cisco.c9300_dna_advantage,1.0_411773c3-2116-4c10-94a4-5d357fe6ff18",
        "documented",
      ],
    },
  }),
  ...tieredLicenses({
    pidPrefix: "C9300-48",
    countedBy: ["device", "device"],
    tiers: {
      "network-essentials": [
        "C9300-48 Network Essentials",
        "regid.2017-05.com.cisco.C9300_48P_NW_Essentialsk9,1.0_3bcb1a5b-4748-4c81-a42b-9cc7837b5756",
        "invented",
      ],
      "network-advantage": [
        "C9300-48 Network Advantage",
        "regid.2017-05.com.cisco.C9300_48P_NW_Advantagek9,1.0_6a224fe3-c92e-4440-a9c1-5d0e53a54015",
        "documented",
      ],
      "dna-essentials": [
        "C9300-48 DNA Essentials",
        "regid.2017-05.com.cisco.C9300_48P_Dna_Essentials,1.0_eebb1d91-5a33-45ae-9ff4-8bc495e440c7",
        "invented",
      ],
      "dna-advantage": [
        "C9300-48 DNA Advantage",
        "regid.2017-05.com.cisco.C9300_48P_Dna_Advantage,1.0_60783b06-53ee-484c-b21e-615d3cf6837a",
        "documented",
      ],
    },
  }),
];

export const c9300Stack: PlatformProfile = {
  name: "c9300-stack",
  title: "Catalyst 9300 stack of three",
  hostname: "c9300-stack",
  productTag: "regid.2017-05.com.cisco.C9300,v1_727af1d9-6c39-4444-b301-863f81445b72",
  softwareVersion: "17.09.04a",
  licensing: switchLicensing,
  mandatoryAckSince: null,
  licenses,
  licenseLevels: switchLevels,
  defaultFeatures: ["network-advantage", "dna-advantage"],
  defaultSlots: [
    { number: 1, udi: { pid: "C9300-48P", serialNumber: "CSL2701A001" }, role: "Active" },
    { number: 2, udi: { pid: "C9300-48P", serialNumber: "CSL2701A002" }, role: "Standby" },
    { number: 3, udi: { pid: "C9300-24P", serialNumber: "CSL2701A003" }, role: "Member" },
  ],
  pidPrefixes: ["C9300-24", "C9300-48"],
  slotsMax: 8,
  redundancy: "stack",
  hasManufacturerCertificate: true,
  reportEverySeconds: null,
  hasAccessPoints: false,
};
