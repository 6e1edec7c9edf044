// A core chassis with two supervisors, counted like the Catalyst 9400 (CNT-4). It has one level only.

import type { LicenseLevels, PlatformProfile } from "../platform-profile.ts";
import { switchLicensing, tieredLicenses } from "../tiered-licenses.ts";

const licenseLevels: LicenseLevels = {
  command: "boot",
  levels: [{ name: "network-advantage", addons: ["dna-advantage"] }],
};

export const c9600: PlatformProfile = {
  name: "c9600",
  title: "Catalyst 9600 chassis with two supervisors",
  hostname: "c9600",
  productTag: "regid.2018-12.com.cisco.C9600,v1_3558d73d-b613-4e0a-b566-8efd193e349a",
  softwareVersion: "17.09.04a",
  licensing: switchLicensing,
  mandatoryAckSince: null,
  licenses: tieredLicenses({
    countedBy: ["slot", "device"],
    tiers: {
      "network-advantage": [
        "C9600 Network Advantage",
        "regid.2018-12.com.cisco.C9600_NW_Advantage,1.0_30145dd8-8e3c-4d5b-8c10-bfbb72b56f91",
        "invented",
      ],
      "dna-advantage": [
        "C9600 DNA Advantage",
        "regid.2018-12.com.cisco.C9600_DNA_Advantage,1.0_2d89f3bc-772b-40f6-bda7-3c368434fec9",
        "invented",
      ],
    },
  }),
  licenseLevels,
  defaultFeatures: ["network-advantage", "dna-advantage"],
  defaultSlots: [
    { number: 3, udi: { pid: "C9606R", serialNumber: "CSL2711L001" }, role: "Active" },
    { number: 4, udi: { pid: "C9606R", serialNumber: "CSL2711L001" }, role: "Standby" },
  ],
  pidPrefixes: ["C9606R"],
  slotsMax: 2,
  redundancy: "chassis",
  hasManufacturerCertificate: true,
  reportEverySeconds: null,
  hasAccessPoints: false,
};
