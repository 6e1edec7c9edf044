// The high-performance models of the Catalyst 9500, alone and as a StackWise Virtual pair: one network and one DNA licence
// for each switch (CNT-5). Before 16.12.3 each model asked for a network licence of its own, since then for the generic
// one; the DNA licences stay apart by model (CNT-7 to CNT-9).

import type { PlatformProfile } from "../platform-profile.ts";
import { switchLevels, switchLicensing, tieredLicenses } from "../tiered-licenses.ts";

const genericSince = "16.12.3";

const licenses = [
  ...tieredLicenses({
    versions: { since: genericSince },
    countedBy: ["device", "device"],
    tiers: {
      "network-essentials": [
        "C9500 Network Essentials",
        "regid.2017-03.com.cisco.essentialsk9-Nyquist-C9500,1.0_944daa36-795d-4c24-96f6-319e5a860f4b",
        "invented",
      ],
      "network-advantage": [
        "C9500 Network Advantage",
        "regid.2017-03.com.cisco.advantagek9-Nyquist-C9500,1.0_f1563759-2e03-4a4c-bec5-5feec525a12c",
        "documented",
      ],
    },
  }),
  ...tieredLicenses({
    pidPrefix: "C9500-32C",
    versions: { before: genericSince },
    countedBy: ["device", "device"],
    tiers: {
      "network-essentials": [
        "C9500 32C NW Essentials",
        "regid.2018-01.com.cisco.C9500-NW-32C-E,1.0_a1adedd1-bd8b-4bfb-b1d6-7db55001448b",
        "invented",
      ],
      "network-advantage": [
        "C9500 32C NW Advantage",
        "regid.2018-01.com.cisco.C9500-NW-32C-A,1.0_2dc4d898-b061-4d66-8fa1-f03edc036469",
        "invented",
      ],
    },
  }),
  ...tieredLicenses({
    pidPrefix: "C9500-32QC",
    versions: { before: genericSince },
    countedBy: ["device", "device"],
    tiers: {
      "network-essentials": [
        "C9500 32QC NW Essentials",
        "regid.2018-01.com.cisco.C9500-NW-32QC-E,1.0_57b758d1-cdee-489f-b841-4d068a101a88",
        "invented",
      ],
      "network-advantage": [
        "C9500 32QC NW Advantage",
        "regid.2018-01.com.cisco.C9500-NW-32QC-A,1.0_a5c2d4c3-d6ba-490a-b8f8-3893f2a1b9a2",
        "invented",
      ],
    },
  }),
  ...tieredLicenses({
    pidPrefix: "C9500-24Y4C",
    versions: { before: genericSince },
    countedBy: ["device", "device"],
    tiers: {
      "network-essentials": [
        "C9500 24Y4C NW Essentials",
        "regid.2018-01.com.cisco.C9500-NW-24Y4C-E,1.0_e1bc7be6-126a-4999-87fb-7fe9442a612d",
        "invented",
      ],
      "network-advantage": [
        "C9500 24Y4C NW Advantage",
        "regid.2018-01.com.cisco.C9500-NW-24Y4C-A,1.0_13d37300-72c7-41c2-816f-e1e00aca3478",
        "invented",
      ],
    },
  }),
  ...tieredLicenses({
    pidPrefix: "C9500-48Y4C",
    versions: { before: genericSince },
    countedBy: ["device", "device"],
    tiers: {
      "network-essentials": [
        "C9500 48Y4C NW Essentials",
        "regid.2018-01.com.cisco.C9500-NW-48Y4C-E,1.0_2d172f28-a4c5-4fc1-8fb6-ef453635c7f0",
        "invented",
      ],
      "network-advantage": [
        "C9500 48Y4C NW Advantage",
        "regid.2018-01.com.cisco.C9500-NW-48Y4C-A,1.0_40dd3836-a8d0-4f52-8735-27fb3ef30792",
        "invented",
      ],
    },
  }),
  ...tieredLicenses({
    pidPrefix: "C9500-32C",
    countedBy: ["device", "device"],
    tiers: {
      "dna-essentials": [
        "C9500-32C DNA Essentials",
        "regid.2018-01.com.cisco.C9500-DNA-32C-E,1.0_7c1e9de7-97bd-45bd-84be-7f7dc13a10f9",
        "invented",
      ],
      "dna-advantage": [
        "C9500-32C DNA Advantage",
        "regid.2018-01.com.cisco.C9500-DNA-32C-A,1.0_2c141f15-11e0-4ff7-b03f-596dd893677b",
        "invented",
      ],
    },
  }),
  ...tieredLicenses({
    pidPrefix: "C9500-32QC",
    countedBy: ["device", "device"],
    tiers: {
      "dna-essentials": [
        "C9500-32QC DNA Essentials",
        "regid.2018-01.com.cisco.C9500-DNA-32QC-E,1.0_0c11d951-4487-48db-8ac9-9346986e6496",
        "invented",
      ],
      "dna-advantage": [
        "C9500-32QC DNA Advantage",
        "regid.2018-01.com.cisco.C9500-DNA-32QC-A,1.0_1fd2bf73-201e-472b-a287-65f23ec80f3e",
        "documented",
      ],
    },
  }),
  ...tieredLicenses({
    pidPrefix: "C9500-24Y4C",
    countedBy: ["device", "device"],
    tiers: {
      "dna-essentials": [
        "C9500-24Y4C DNA Essentials",
        "regid.2018-01.com.cisco.C9500-DNA-24Y4C-E,1.0_469f1c07-3708-4ba3-93af-0d99abdf3d00",
        "invented",
      ],
      "dna-advantage": [
        "C9500-24Y4C DNA Advantage",
        "regid.2018-01.com.cisco.C9500-DNA-24Y4C-A,1.0_e5c9992f-a2b4-42d9-b56f-52af94319e2c",
        "invented",
      ],
    },
  }),
  ...tieredLicenses({
    pidPrefix: "C9500-48Y4C",
    countedBy: ["device", "device"],
    tiers: {
      "dna-essentials": [
        "C9500-48Y4C DNA Essentials",
        "regid.2018-01.com.cisco.C9500-DNA-48Y4C-E,1.0_18b8e972-8b67-49ca-9730-294fe32dec99",
        "invented",
      ],
      "dna-advantage": [
        "C9500-48Y4C DNA Advantage",
        "regid.2018-01.com.cisco.C9500-DNA-48Y4C-A,1.0_43b8f63a-2bb2-47ee-9317-80af9123eca0",
        "invented",
      ],
    },
  }),
];

const models = ["C9500-32C", "C9500-32QC", "C9500-24Y4C", "C9500-48Y4C"];

export const c9500HighPerformance: PlatformProfile = {
  name: "c9500-high-performance",
  title: "Catalyst 9500 high-performance switch",
  hostname: "c9500-hp",
  productTag: "regid.2017-05.com.cisco.C9500,v1_7435cf27-0075-4bfb-b67c-b42f3054e82a",
  softwareVersion: "17.09.04a",
  licensing: switchLicensing,
  mandatoryAckSince: null,
  licenses,
  licenseLevels: switchLevels,
  defaultFeatures: ["network-advantage", "dna-advantage"],
  defaultSlots: [{ number: 1, udi: { pid: "C9500-48Y4C", serialNumber: "CSL2713N001" }, role: "Active" }],
  pidPrefixes: models,
  slotsMax: 2,
  redundancy: "pair",
  hasManufacturerCertificate: true,
  reportEverySeconds: null,
  hasAccessPoints: false,
};

export const c9500StackwiseVirtual: PlatformProfile = {
  ...c9500HighPerformance,
  name: "c9500-svl",
  title: "Catalyst 9500 StackWise Virtual pair",
  hostname: "c9500-svl",
  defaultSlots: [
    { number: 1, udi: { pid: "C9500-32QC", serialNumber: "CSL2703C001" }, role: "Active" },
    { number: 2, udi: { pid: "C9500-32QC", serialNumber: "CSL2703C002" }, role: "Standby" },
  ],
};
