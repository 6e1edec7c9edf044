// A product that embeds an agent itself: it says through its own code what it uses, so the platform names no licences, and
// the device around it only shows and configures.

import type { PlatformProfile } from "../platform-profile.ts";

export const embeddedProduct: PlatformProfile = {
  name: "embedded",
  title: "Software product with an agent of its own",
  hostname: "app",
  productTag: "regid.2026-01.org.example.EMBEDDED,v1_0d2c9d0b-0f37-4e0e-9a2c-6d3d5f0c8a11",
  softwareVersion: "1.0.0",
  licensing: [{ since: "0", model: "policy" }],
  mandatoryAckSince: null,
  licenses: [],
  licenseLevels: null,
  defaultFeatures: [],
  defaultSlots: [{ number: 1, udi: { pid: "EMBEDDED", serialNumber: "CSL2707G001" }, role: "Active" }],
  pidPrefixes: [""],
  slotsMax: 1,
  redundancy: "single",
  hasManufacturerCertificate: false,
  reportEverySeconds: null,
  hasAccessPoints: false,
};
