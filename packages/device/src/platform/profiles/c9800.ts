// Pairs of wireless controllers (HA SSO): one network and one DNA licence for each joined access point, counted and
// reported every eight hours (REP-6, REP-9). The models differ in identity; on the virtual one an ACK is mandatory (POL-3).

import type { PlatformLicense, PlatformProfile } from "../platform-profile.ts";

const licenses: readonly PlatformLicense[] = [
  {
    tag: "regid.2018-06.com.cisco.DNA_NWStack_E,1.0_f909656a-6318-4334-b290-ae9c753c775d",
    tagOrigin: "invented",
    name: "air-network-essentials",
    description: "air-network-essentials",
    licenseClass: "perpetual",
    feature: "air-network-essentials",
    countedBy: "access_point",
  },
  {
    tag: "regid.2018-06.com.cisco.DNA_NWStack,1.0_e7244e71-3ad5-4608-8bf0-d12f67c80896",
    tagOrigin: "documented",
    name: "air-network-advantage",
    description: "air-network-advantage",
    licenseClass: "perpetual",
    feature: "air-network-advantage",
    countedBy: "access_point",
  },
  {
    tag: "regid.2017-08.com.cisco.AIR-DNA-E,1.0_34479772-a292-4400-b783-fc53b711e521",
    tagOrigin: "invented",
    name: "air-dna-essentials",
    description: "air-dna-essentials",
    licenseClass: "subscription",
    feature: "air-dna-essentials",
    countedBy: "access_point",
  },
  {
    tag: "regid.2017-08.com.cisco.AIR-DNA-A,1.0_b6308627-3ab0-4a11-a3d9-586911a0d790",
    tagOrigin: "documented",
    name: "air-dna-advantage",
    description: "air-dna-advantage",
    licenseClass: "subscription",
    feature: "air-dna-advantage",
    countedBy: "access_point",
  },
];

const controller = {
  softwareVersion: "17.09.04a",
  licensing: [
    { since: "16.10.1", model: "classic" },
    { since: "17.3.2", model: "policy" },
  ],
  mandatoryAckSince: null,
  licenses,
  licenseLevels: {
    command: "air",
    levels: [
      { name: "air-network-essentials", addons: ["air-dna-essentials"] },
      { name: "air-network-advantage", addons: ["air-dna-advantage"] },
    ],
  },
  defaultFeatures: ["air-network-advantage", "air-dna-advantage"],
  slotsMax: 2,
  redundancy: "pair",
  reportEverySeconds: 28_800,
  hasManufacturerCertificate: true,
  hasAccessPoints: true,
} satisfies Partial<PlatformProfile>;

export const c9800Cl: PlatformProfile = {
  ...controller,
  name: "c9800-cl",
  title: "Catalyst 9800-CL HA SSO pair with access points",
  hostname: "c9800",
  productTag: "regid.2018-05.com.cisco.WLC_9500C,1.0_85665885-b865-4e32-8184-5510412fcb54",
  mandatoryAckSince: "17.7.1",
  hasManufacturerCertificate: false,
  defaultSlots: [
    { number: 1, udi: { pid: "C9800-CL-K9", serialNumber: "CSL2704D001" }, role: "Active" },
    { number: 2, udi: { pid: "C9800-CL-K9", serialNumber: "CSL2704D002" }, role: "Standby" },
  ],
  pidPrefixes: ["C9800-CL-K9"],
};

export const c980040: PlatformProfile = {
  ...controller,
  name: "c9800-40",
  title: "Catalyst 9800-40 HA SSO pair with access points",
  hostname: "c9800-40",
  productTag: "regid.2018-05.com.cisco.WLC_9500,1.0_b3681e4f-8f70-4c29-9451-b7a01a0065d0",
  defaultSlots: [
    { number: 1, udi: { pid: "C9800-40-K9", serialNumber: "CSL2714P001" }, role: "Active" },
    { number: 2, udi: { pid: "C9800-40-K9", serialNumber: "CSL2714P002" }, role: "Standby" },
  ],
  pidPrefixes: ["C9800-40-K9"],
};

export const c980080: PlatformProfile = {
  ...controller,
  name: "c9800-80",
  title: "Catalyst 9800-80 HA SSO pair with access points",
  hostname: "c9800-80",
  productTag: "regid.2018-05.com.cisco.WLC_9500_80,1.0_5cbac5b0-64c3-4bea-be81-eff94ed79c7d",
  defaultSlots: [
    { number: 1, udi: { pid: "C9800-80-K9", serialNumber: "CSL2715Q001" }, role: "Active" },
    { number: 2, udi: { pid: "C9800-80-K9", serialNumber: "CSL2715Q002" }, role: "Standby" },
  ],
  pidPrefixes: ["C9800-80-K9"],
};

export const c9800L: PlatformProfile = {
  ...controller,
  name: "c9800-l",
  title: "Catalyst 9800-L HA SSO pair with access points",
  hostname: "c9800-l",
  productTag: "regid.2019-03.com.cisco.WLC_9800L,1.0_0c82bedb-7225-4931-bd33-80c9b5d11514",
  defaultSlots: [
    { number: 1, udi: { pid: "C9800-L-F-K9", serialNumber: "CSL2716R001" }, role: "Active" },
    { number: 2, udi: { pid: "C9800-L-F-K9", serialNumber: "CSL2716R002" }, role: "Standby" },
  ],
  pidPrefixes: ["C9800-L-C-K9", "C9800-L-F-K9"],
};
