// Two fixed switches joined as a StackWise Virtual pair: one network and one DNA licence for each switch (CNT-5).

import type { PlatformProfile } from "../platform-profile.ts";

export const c9500StackwiseVirtual: PlatformProfile = {
  name: "c9500-svl",
  title: "Catalyst 9500 StackWise Virtual pair",
  hostname: "c9500-svl",
  productTag: "regid.2017-05.com.cisco.C9500,v1_e2d14443-3bf2-4ba2-96e2-49b9e1fd8f76",
  softwareVersion: "17.09.04a",
  policyModeSince: "17.3.2",
  licenses: [
    {
      tag: "regid.2017-05.com.cisco.essentialsk9-C9500,1.0_ad4aa5a8-93ae-4d65-9656-a4effc39e73c",
      name: "network-essentials",
      description: "C9500 Network Essentials",
      licenseClass: "perpetual",
      feature: "network-essentials",
      countedBy: "device",
    },
    {
      tag: "regid.2017-05.com.cisco.advantagek9-C9500,1.0_7f152a02-4cbc-4f60-bc10-0f476b953ac6",
      name: "network-advantage",
      description: "C9500 Network Advantage",
      licenseClass: "perpetual",
      feature: "network-advantage",
      countedBy: "device",
    },
    {
      tag: "regid.2018-05.com.cisco.C9500_32QC_Dna_Essentials,1.0_440da72c-0040-4e24-ac1e-b5af04ff5ca3",
      name: "dna-essentials",
      description: "C9500 32QC DNA Essentials",
      licenseClass: "subscription",
      feature: "dna-essentials",
      countedBy: "device",
    },
    {
      tag: "regid.2018-05.com.cisco.C9500_32QC_Dna_Advantage,1.0_3e6a7298-f45e-4d6d-82b8-355dfcd8219a",
      name: "dna-advantage",
      description: "C9500 32QC DNA Advantage",
      licenseClass: "subscription",
      feature: "dna-advantage",
      countedBy: "device",
    },
  ],
  defaultFeatures: ["network-advantage", "dna-advantage"],
  defaultSlots: [
    { number: 1, udi: { pid: "C9500-32QC", serialNumber: "CSL2703C001" }, role: "Active" },
    { number: 2, udi: { pid: "C9500-32QC", serialNumber: "CSL2703C002" }, role: "Standby" },
  ],
  pidPrefixes: ["C9500-32QC"],
  slotsMax: 2,
  redundancy: "pair",
  reportEverySeconds: null,
  hasAccessPoints: false,
  mappedLicenses: 4,
};
