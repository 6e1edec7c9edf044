// A modular chassis: two supervisors share the chassis' UDI. One network licence for each supervisor, one DNA licence
// for the chassis (CNT-4).

import type { PlatformProfile } from "../platform-profile.ts";
import { switchLevels, switchLicensing, tieredLicenses } from "../tiered-licenses.ts";

export const c9407r: PlatformProfile = {
  name: "c9407r",
  title: "Catalyst 9400 chassis with two supervisors",
  hostname: "c9407",
  productTag: "regid.2017-05.com.cisco.C9400,v1_ad928212-d182-407e-ac85-29e213602efa",
  softwareVersion: "17.09.04a",
  licensing: switchLicensing,
  mandatoryAckSince: null,
  licenses: tieredLicenses({
    countedBy: ["slot", "device"],
    tiers: {
      "network-essentials": [
        "C9400 Network Essentials",
        "regid.2017-05.com.cisco.essentialsk9-C9400,1.0_d63a6325-39a5-4beb-8896-55680eee50b5",
        "invented",
      ],
      "network-advantage": [
        "C9400 Network Advantage",
        "regid.2017-05.com.cisco.advantagek9-C9400,1.0_61a546cd-1037-47cb-bbe6-7cad3217a7b3",
        "documented",
      ],
      "dna-essentials": [
        "C9400 DNA Essentials",
        "regid.2017-05.com.cisco.dna_essentials-C9400,1.0_5de95037-4945-48f6-9753-7d39cd93328d",
        "invented",
      ],
      "dna-advantage": [
        "C9400 DNA Advantage",
        "regid.2017-05.com.cisco.dna_advantage-C9400,1.0_6e77dbc1-0da3-466c-8414-97c8ee4d48ce",
        "documented",
      ],
    },
  }),
  licenseLevels: switchLevels,
  defaultFeatures: ["network-advantage", "dna-advantage"],
  defaultSlots: [
    { number: 3, udi: { pid: "C9407R", serialNumber: "CSL2702B001" }, role: "Active" },
    { number: 4, udi: { pid: "C9407R", serialNumber: "CSL2702B001" }, role: "Standby" },
  ],
  pidPrefixes: ["C9404R", "C9407R", "C9410R"],
  slotsMax: 2,
  redundancy: "chassis",
  hasManufacturerCertificate: true,
  reportEverySeconds: null,
  hasAccessPoints: false,
};
