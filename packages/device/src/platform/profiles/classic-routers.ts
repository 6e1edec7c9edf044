// Routers, of iron and virtual ones: the classic model from 16.10.1 (GEN-19), licensing by policy from 17.3.2. One licence for the
// technology package that is configured; the newest release of these profiles is the last one with the classic model.

import type { PlatformLicense, PlatformProfile } from "../platform-profile.ts";

const router = {
  softwareVersion: "16.12.04",
  licensing: [
    { since: "16.3.1", model: "right-to-use" },
    { since: "16.10.1", model: "classic" },
    { since: "17.3.2", model: "policy" },
  ],
  legacyLicenses: [
    { kind: "right_to_use", name: "ipbasek9", feature: "ipbasek9" },
    { kind: "pak", name: "securityk9", feature: "securityk9" },
    { kind: "pak", name: "appxk9", feature: "appxk9" },
  ],
  mandatoryAckSince: null,
  licenseLevels: {
    command: "boot",
    levels: [
      { name: "ipbasek9", addons: [] },
      { name: "securityk9", addons: [] },
      { name: "appxk9", addons: [] },
    ],
  },
  defaultFeatures: ["appxk9"],
  slotsMax: 1,
  redundancy: "single",
  hasManufacturerCertificate: true,
  reportEverySeconds: null,
  hasAccessPoints: false,
} satisfies Partial<PlatformProfile>;

function packages(family: string, uuids: readonly [string, string, string]): readonly PlatformLicense[] {
  return (["ipbasek9", "securityk9", "appxk9"] as const).map((name, at) => ({
    tag: `regid.2018-12.com.cisco.${family}_${name},1.0_${uuids[at]}`,
    tagOrigin: "invented",
    name,
    description: `${family}_${name}`,
    licenseClass: "perpetual",
    feature: name,
    countedBy: "device",
  }));
}

export const asr1001x: PlatformProfile = {
  ...router,
  name: "asr1001-x",
  title: "ASR 1001-X router",
  hostname: "asr1001-x",
  productTag: "regid.2018-12.com.cisco.ASR_1000,1.0_66bc9b77-ce27-443c-a2f0-bd67cf480417",
  licenses: packages("ASR_1000", [
    "6092143d-1309-483f-b3bb-ac15dd5ed3d3",
    "ea6c1e43-6401-468a-868f-f12032147bc1",
    "ce93d713-93ee-40f6-960e-11a8484506c5",
  ]),
  defaultSlots: [{ number: 1, udi: { pid: "ASR1001-X", serialNumber: "FXS2203Q001" }, role: "Active" }],
  pidPrefixes: ["ASR10"],
};

export const isr1111: PlatformProfile = {
  ...router,
  name: "c1111",
  title: "ISR 1111 router",
  hostname: "c1111",
  productTag: "regid.2018-12.com.cisco.ISR_1100,1.0_3ad9f08f-8e5f-49c4-93ba-78a8b5428708",
  licenses: packages("ISR_1100", [
    "22407464-7586-4627-9b1d-11db0ae6c5a5",
    "911fdc74-c045-4b3e-ae80-2b96cc945a85",
    "c032c0da-3352-471a-a838-55495a22441e",
  ]),
  defaultSlots: [{ number: 1, udi: { pid: "C1111-8P", serialNumber: "FGL2204L001" }, role: "Active" }],
  pidPrefixes: ["C11"],
};

export const isr4331: PlatformProfile = {
  ...router,
  name: "isr4331",
  title: "ISR 4331 router",
  hostname: "isr4331",
  productTag: "regid.2018-12.com.cisco.ISR_4300,1.0_a97b4301-a830-4aef-9de9-3782591f353f",
  licenses: packages("ISR_4300", [
    "343d9a19-442e-4815-b162-eb9e07dd23f3",
    "b5a704c6-7e63-437f-9217-14f543e794f0",
    "f1505fed-0416-472f-b6ac-9a6e7503e26c",
  ]),
  defaultSlots: [{ number: 1, udi: { pid: "ISR4331/K9", serialNumber: "FDO2205A001" }, role: "Active" }],
  pidPrefixes: ["ISR4"],
};

export const csr1000v: PlatformProfile = {
  ...router,
  name: "csr1000v",
  title: "Cloud Services Router 1000V",
  hostname: "csr1000v",
  productTag: "regid.2018-12.com.cisco.CSR_1000V,1.0_d7b4e4a5-e0bd-48f8-bfe0-f55dcf0398c4",
  licenses: packages("CSR_1000V", [
    "99ffeefb-6b60-4ade-853d-6dac9d5566a5",
    "ca59a088-3809-4e84-8bdc-f3cbf0124296",
    "617d1261-37cb-4a5a-a9de-3ceaeede68de",
  ]),
  defaultSlots: [{ number: 1, udi: { pid: "CSR1000V", serialNumber: "9CSR2206A01" }, role: "Active" }],
  pidPrefixes: ["CSR1000V"],
  hasManufacturerCertificate: false,
};

export const isrv: PlatformProfile = {
  ...router,
  name: "isrv",
  title: "Integrated Services Virtual Router",
  hostname: "isrv",
  productTag: "regid.2018-12.com.cisco.ISRV,1.0_24ea45f0-ec92-4d45-b5d3-98bf94ca1923",
  licenses: packages("ISRV", [
    "594cb58e-d875-4569-a36d-f9e441256591",
    "f7b70a30-9b87-4941-a962-d21200402450",
    "662b7082-f86f-43f2-8460-7561b1043e4a",
  ]),
  defaultSlots: [{ number: 1, udi: { pid: "ISRV", serialNumber: "9ISRV207A01" }, role: "Active" }],
  pidPrefixes: ["ISRV"],
  hasManufacturerCertificate: false,
};
