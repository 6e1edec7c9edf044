// A virtual router: a perpetual network licence and a DNA subscription of one throughput tier.

import type { PlatformProfile } from "../platform-profile.ts";

export const c8000v: PlatformProfile = {
  name: "c8000v",
  title: "Catalyst 8000V virtual router",
  hostname: "c8000v",
  productTag: "regid.2020-08.com.cisco.C8000V,v1_70f23e55-5680-40e5-b0d4-41082e6c405a",
  softwareVersion: "17.09.04a",
  policyModeSince: "17.3.2",
  licenses: [
    {
      tag: "regid.2019-03.com.cisco.ESR_P_250M_A,1.0_20458587-06f7-44d8-863a-d30798a34616",
      name: "network-advantage_250M",
      description: "ESR_P_250M_A",
      licenseClass: "perpetual",
      feature: "network-advantage",
      countedBy: "device",
    },
    {
      tag: "regid.2019-03.com.cisco.DNA_P_250M_A,1.0_72051b10-f06b-4b2f-a289-9b8fde6d42b1",
      name: "dna-advantage_250M",
      description: "DNA_P_250M_A",
      licenseClass: "subscription",
      feature: "dna-advantage",
      countedBy: "device",
    },
  ],
  defaultFeatures: ["network-advantage", "dna-advantage"],
  defaultSlots: [{ number: 1, udi: { pid: "C8000V", serialNumber: "CSL2705E001" }, role: "Active" }],
  pidPrefixes: ["C8000V"],
  slotsMax: 1,
  redundancy: "single",
  reportEverySeconds: null,
  hasAccessPoints: false,
  mappedLicenses: 2,
};
