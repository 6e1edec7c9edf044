// A pair of virtual wireless controllers (HA SSO): one network and one DNA licence for each joined access point,
// counted and reported every eight hours (REP-6, REP-9). Its ACK is mandatory (POL-3); the policy says so.

import type { PlatformProfile } from "../platform-profile.ts";

export const c9800Cl: PlatformProfile = {
  name: "c9800-cl",
  title: "Catalyst 9800-CL HA SSO pair with access points",
  hostname: "c9800",
  productTag: "regid.2019-06.com.cisco.C9800_CL,v1_485aab7f-5076-48d1-9903-b1f4a01fe2fb",
  softwareVersion: "17.09.04a",
  policyModeSince: "17.3.2",
  licenses: [
    {
      tag: "regid.2018-06.com.cisco.DNA_NWStack_E,1.0_f909656a-6318-4334-b290-ae9c753c775d",
      name: "air-network-essentials",
      description: "air-network-essentials",
      licenseClass: "perpetual",
      feature: "air-network-essentials",
      countedBy: "access_point",
    },
    {
      tag: "regid.2018-06.com.cisco.DNA_NWStack,1.0_e9e5cfc9-fd30-4567-a04c-b8dae452fd8c",
      name: "air-network-advantage",
      description: "air-network-advantage",
      licenseClass: "perpetual",
      feature: "air-network-advantage",
      countedBy: "access_point",
    },
    {
      tag: "regid.2017-08.com.cisco.AIR-DNA-E,1.0_34479772-a292-4400-b783-fc53b711e521",
      name: "air-dna-essentials",
      description: "air-dna-essentials",
      licenseClass: "subscription",
      feature: "air-dna-essentials",
      countedBy: "access_point",
    },
    {
      tag: "regid.2017-08.com.cisco.AIR-DNA-A,1.0_edac6079-493d-4bd4-92fd-c3a3df4c1810",
      name: "air-dna-advantage",
      description: "air-dna-advantage",
      licenseClass: "subscription",
      feature: "air-dna-advantage",
      countedBy: "access_point",
    },
  ],
  defaultFeatures: ["air-network-advantage", "air-dna-advantage"],
  defaultSlots: [
    { number: 1, udi: { pid: "C9800-CL-K9", serialNumber: "CSL2704D001" }, role: "Active" },
    { number: 2, udi: { pid: "C9800-CL-K9", serialNumber: "CSL2704D002" }, role: "Standby" },
  ],
  pidPrefixes: ["C9800-CL-K9"],
  slotsMax: 2,
  redundancy: "pair",
  reportEverySeconds: 28_800,
  hasAccessPoints: true,
  mappedLicenses: 4,
};
