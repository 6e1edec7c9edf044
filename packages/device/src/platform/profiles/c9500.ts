// A fixed distribution switch, alone; a second one can join it as a StackWise Virtual pair (CNT-5). The network licence is
// the generic one of the whole series (CNT-12).

import type { PlatformProfile } from "../platform-profile.ts";
import { switchLevels, switchLicensing, tieredLicenses } from "../tiered-licenses.ts";

export const c9500: PlatformProfile = {
  name: "c9500",
  title: "Catalyst 9500 switch",
  hostname: "c9500",
  productTag: "regid.2017-05.com.cisco.C9500,v1_7435cf27-0075-4bfb-b67c-b42f3054e82a",
  softwareVersion: "17.09.04a",
  licensing: switchLicensing,
  mandatoryAckSince: null,
  licenses: tieredLicenses({
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
      "dna-essentials": [
        "C9500 DNA Essentials",
        "regid.2017-05.com.cisco.dna_essentials-C9500,1.0_463a63d4-09a4-4b82-a829-1cd152007f6b",
        "invented",
      ],
      "dna-advantage": [
        "C9500 DNA Advantage",
        "regid.2017-05.com.cisco.dna_advantage-C9500,1.0_bbd28522-254f-4037-a05a-06df3a0cd5e9",
        "invented",
      ],
    },
  }),
  licenseLevels: switchLevels,
  defaultFeatures: ["network-advantage", "dna-advantage"],
  defaultSlots: [{ number: 1, udi: { pid: "C9500-40X", serialNumber: "CSL2712M001" }, role: "Active" }],
  pidPrefixes: ["C9500-12Q", "C9500-16X", "C9500-24Q", "C9500-40X"],
  slotsMax: 2,
  redundancy: "pair",
  hasManufacturerCertificate: true,
  reportEverySeconds: null,
  hasAccessPoints: false,
};
