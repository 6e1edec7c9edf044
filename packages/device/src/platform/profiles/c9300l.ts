// A switch with fixed uplinks, alone; others of its kind can join it in a stack.

import type { PlatformProfile } from "../platform-profile.ts";
import { switchLevels, switchLicensing, tieredLicenses } from "../tiered-licenses.ts";

const licenses = [
  ...tieredLicenses({
    pidPrefix: "C9300L-24",
    countedBy: ["device", "device"],
    tiers: {
      "network-essentials": [
        "C9300L 24P Network Essentials",
        "regid.2018-06.com.cisco.C9300L_24P_NW_Essentials,1.0_fae60963-bd13-444b-b46c-ffb4d00921fb",
        "invented",
      ],
      "network-advantage": [
        "C9300L 24P Network Advantage",
        "regid.2018-06.com.cisco.C9300L_24P_NW_Advantage,1.0_081ef4fd-6acf-43e9-a1d4-6d4d54d0c209",
        "invented",
      ],
      "dna-essentials": [
        "C9300L 24P DNA Essentials",
        "regid.2018-06.com.cisco.C9300L_24P_DNA_Essentials,1.0_b1d59911-8fab-4ad2-b7ed-59bdc79960c4",
        "invented",
      ],
      "dna-advantage": [
        "C9300L 24P DNA Advantage",
        "regid.2018-06.com.cisco.C9300L_24P_DNA_Advantage,1.0_e935a45c-bc58-4fcb-97c0-abe716775e26",
        "invented",
      ],
    },
  }),
  ...tieredLicenses({
    pidPrefix: "C9300L-48",
    countedBy: ["device", "device"],
    tiers: {
      "network-essentials": [
        "C9300L 48P Network Essentials",
        "regid.2018-06.com.cisco.C9300L_48P_NW_Essentials,1.0_4421f0a9-374b-48ae-9c87-72250ca28557",
        "invented",
      ],
      "network-advantage": [
        "C9300L 48P Network Advantage",
        "regid.2018-06.com.cisco.C9300L_48P_NW_Advantage,1.0_6422d51b-5580-4c05-9269-e4f4c23728b9",
        "documented",
      ],
      "dna-essentials": [
        "C9300L 48P DNA Essentials",
        "regid.2018-06.com.cisco.C9300L_48P_DNA_Essentials,1.0_a41eeacb-b3c2-4fe8-8b93-204b7902b6b9",
        "invented",
      ],
      "dna-advantage": [
        "C9300L 48P DNA Advantage",
        "regid.2018-06.com.cisco.C9300L_48P_DNA_Advantage,1.0_ecb0e901-a493-434c-b502-5b96f690eab3",
        "documented",
      ],
    },
  }),
];

export const c9300l: PlatformProfile = {
  name: "c9300l",
  title: "Catalyst 9300L switch",
  hostname: "c9300l",
  productTag: "regid.2018-06.com.cisco.C9300L,1.0_03ebc7a2-6465-4dce-b28e-1f37001db25b",
  softwareVersion: "17.12.04",
  licensing: switchLicensing,
  mandatoryAckSince: null,
  licenses,
  licenseLevels: switchLevels,
  defaultFeatures: ["network-advantage", "dna-advantage"],
  defaultSlots: [{ number: 1, udi: { pid: "C9300L-48PF-4X", serialNumber: "CSL2709J001" }, role: "Active" }],
  pidPrefixes: ["C9300L-24", "C9300L-48"],
  slotsMax: 8,
  redundancy: "stack",
  hasManufacturerCertificate: true,
  reportEverySeconds: null,
  hasAccessPoints: false,
};
