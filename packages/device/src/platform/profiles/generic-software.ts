// Any software product that embeds an agent: a base licence for each device and an option by subscription.

import type { PlatformProfile } from "../platform-profile.ts";

export const genericSoftware: PlatformProfile = {
  name: "generic",
  title: "Software product",
  hostname: "app",
  productTag: "regid.2026-01.org.example.EDGE_APP,v1_325306db-a09d-4e33-8a22-14b218d9edb5",
  softwareVersion: "1.0.0",
  licensing: [{ since: "0", model: "policy" }],
  mandatoryAckSince: null,
  licenses: [
    {
      tag: "regid.2026-01.org.example.EDGE_APP_BASE,1.0_87e56692-a65b-427e-bd32-82bcf99db3c3",
      tagOrigin: "invented",
      name: "edge-app-base",
      description: "Edge App Base",
      licenseClass: "perpetual",
      feature: "edge-app-base",
      countedBy: "device",
    },
    {
      tag: "regid.2026-01.org.example.EDGE_APP_PLUS,1.0_36785def-171d-4363-9c21-457512cd46a7",
      tagOrigin: "invented",
      name: "edge-app-plus",
      description: "Edge App Plus",
      licenseClass: "subscription",
      feature: "edge-app-plus",
      countedBy: "device",
    },
  ],
  licenseLevels: null,
  defaultFeatures: ["edge-app-base"],
  defaultSlots: [{ number: 1, udi: { pid: "EDGE-APP", serialNumber: "CSL2706F001" }, role: "Active" }],
  pidPrefixes: ["EDGE-APP"],
  slotsMax: 1,
  redundancy: "single",
  hasManufacturerCertificate: false,
  reportEverySeconds: null,
  hasAccessPoints: false,
};
