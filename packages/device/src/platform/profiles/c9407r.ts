// A modular chassis: two supervisors share the chassis' UDI. One network licence for each supervisor, one DNA licence
// for the chassis (CNT-4).

import type { PlatformProfile } from "../platform-profile.ts";

const chassis = { pid: "C9407R", serialNumber: "CSL2702B001" };

export const c9407r: PlatformProfile = {
  name: "c9407r",
  title: "Catalyst 9400 chassis with two supervisors",
  hostname: "c9407",
  productTag: "regid.2017-05.com.cisco.C9400,v1_c635c19a-b50e-4de2-9e7f-0037094c94a9",
  softwareVersion: "17.09.04a",
  policyModeSince: "17.3.2",
  licenses: [
    {
      tag: "regid.2017-05.com.cisco.essentialsk9-C9400,1.0_d63a6325-39a5-4beb-8896-55680eee50b5",
      name: "network-essentials",
      description: "C9400 Network Essentials",
      licenseClass: "perpetual",
      feature: "network-essentials",
      countedBy: "slot",
    },
    {
      tag: "regid.2017-05.com.cisco.advantagek9-C9400,1.0_f776b975-1b0a-4cdb-be93-5324baeefc8c",
      name: "network-advantage",
      description: "C9400 Network Advantage",
      licenseClass: "perpetual",
      feature: "network-advantage",
      countedBy: "slot",
    },
    {
      tag: "regid.2017-05.com.cisco.dna_essentials-C9400,1.0_5de95037-4945-48f6-9753-7d39cd93328d",
      name: "dna-essentials",
      description: "C9400 DNA Essentials",
      licenseClass: "subscription",
      feature: "dna-essentials",
      countedBy: "device",
    },
    {
      tag: "regid.2017-05.com.cisco.dna_advantage-C9400,1.0_a94beb55-24e6-4bf2-aca0-64bd7f460a22",
      name: "dna-advantage",
      description: "C9400 DNA Advantage",
      licenseClass: "subscription",
      feature: "dna-advantage",
      countedBy: "device",
    },
  ],
  defaultFeatures: ["network-advantage", "dna-advantage"],
  defaultSlots: [
    { number: 3, udi: chassis, role: "Active" },
    { number: 4, udi: chassis, role: "Standby" },
  ],
  pidPrefixes: ["C9404R", "C9407R", "C9410R"],
  slotsMax: 2,
  redundancy: "chassis",
  reportEverySeconds: null,
  hasAccessPoints: false,
  mappedLicenses: 4,
};
