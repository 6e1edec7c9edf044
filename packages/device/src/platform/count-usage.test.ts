import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTag } from "@countersign/protocol";
import { countUsage } from "./count-usage.ts";
import type { PlatformLicense, Slot } from "./platform-profile.ts";
import { findPlatform, platformProfiles } from "./platform-table.ts";
import { licensesOf } from "./software-version.ts";

type Counted = {
  readonly pids?: readonly string[];
  readonly accessPoints?: readonly string[];
  readonly features?: readonly string[];
  readonly softwareVersion?: string;
};

function slotsOf(pids: readonly string[], isChassis: boolean): readonly Slot[] {
  return pids.map((pid, index) => ({
    number: index + 1,
    udi: { pid, serialNumber: isChassis ? "CSL0000001" : `CSL000000${index + 1}` },
    role: index === 0 ? "Active" : index === 1 ? "Standby" : "Member",
  }));
}

/** Licences in use with their counts; an unused one is left out. */
function usedOn(platform: string, { pids, accessPoints = [], features, softwareVersion }: Counted = {}) {
  const profile = findPlatform(platform);
  assert(profile !== undefined);
  const version = softwareVersion ?? profile.softwareVersion;
  const counts = countUsage(profile, {
    slots: pids === undefined ? profile.defaultSlots : slotsOf(pids, profile.redundancy === "chassis"),
    features: new Set(features ?? profile.defaultFeatures),
    accessPoints: new Set(accessPoints),
    softwareVersion: version,
  });
  return licensesOf(profile, version)
    .filter((license) => (counts.get(license.tag) ?? 0) > 0)
    .map((license) => [license, counts.get(license.tag) ?? 0] as const);
}

function used(platform: string, counted: Counted = {}): Record<string, number> {
  return Object.fromEntries(usedOn(platform, counted).map(([license, count]) => [license.description, count]));
}

test("[CNT-3] [CNT-15] a stack uses one network and one DNA licence for each switch, under its family's tag", () => {
  assert.deepEqual(used("c9300-stack"), {
    "C9300-24 Network Advantage": 1,
    "C9300-24 DNA Advantage": 1,
    "C9300-48 Network Advantage": 2,
    "C9300-48 DNA Advantage": 2,
  });
});

test("[CNT-4] a chassis uses a network licence for each supervisor and one DNA licence", () => {
  assert.deepEqual(used("c9407r"), { "C9400 Network Advantage": 2, "C9400 DNA Advantage": 1 });
  assert.deepEqual(used("c9600"), { "C9600 Network Advantage": 2, "C9600 DNA Advantage": 1 });
});

test("[CNT-5] a StackWise Virtual pair uses one network and one DNA licence for each switch", () => {
  assert.deepEqual(used("c9500-svl"), { "C9500 Network Advantage": 2, "C9500-32QC DNA Advantage": 2 });
  assert.deepEqual(used("c9500"), { "C9500 Network Advantage": 1, "C9500 DNA Advantage": 1 });
});

test("[CNT-8] two models of a pair with older software use a network licence each of their own", () => {
  assert.deepEqual(
    used("c9500-high-performance", { pids: ["C9500-32QC", "C9500-48Y4C"], softwareVersion: "16.12.2" }),
    {
      "C9500 32QC NW Advantage": 1,
      "C9500 48Y4C NW Advantage": 1,
      "C9500-32QC DNA Advantage": 1,
      "C9500-48Y4C DNA Advantage": 1,
    },
  );
});

test("[REP-9] a wireless controller uses one network and one DNA licence for each joined access point", () => {
  for (const platform of ["c9800-cl", "c9800-l", "c9800-40", "c9800-80"]) {
    assert.deepEqual(used(platform), {});
    assert.deepEqual(used(platform, { accessPoints: ["AP1", "AP2", "AP3"] }), {
      "air-network-advantage": 3,
      "air-dna-advantage": 3,
    });
  }
});

test("[CNT-1] a licence counts only while its feature is configured", () => {
  assert.deepEqual(used("c8000v", { features: ["network-advantage"] }), { ESR_P_250M_A: 1 });
  for (const profile of platformProfiles) {
    assert.deepEqual(used(profile.name, { accessPoints: ["AP1"], features: [] }), {});
  }
});

test("two licences with one tag are the same licence, and every tag is well formed", () => {
  const known = new Map<string, PlatformLicense>();
  for (const license of platformProfiles.flatMap((profile) => profile.licenses)) {
    parseTag(license.tag);
    const { name, description, licenseClass } = known.get(license.tag) ?? license;
    assert.deepEqual([license.name, license.description, license.licenseClass], [name, description, licenseClass]);
    known.set(license.tag, license);
  }
  for (const { licenses } of platformProfiles) {
    assert.equal(new Set(licenses.map(({ tag }) => tag)).size, licenses.length);
  }
});

/** name, entitlement name of the tag, description, count, kind: as public outputs of such devices show them. */
type Documented = readonly [name: string, tag: string, description: string, count: number];

const documented: readonly {
  readonly platform: string;
  readonly counted: Counted;
  readonly expected: readonly Documented[];
}[] = [
  {
    platform: "c9300-stack",
    counted: { pids: ["C9300-24UX", "C9300-24U", "C9300-24T"] },
    expected: [
      [
        "network-advantage",
        "regid.2017-03.com.cisco.advantagek9,1.0_bd1da96e-ec1d-412b-a50e-53846b347d53",
        "C9300-24 Network Advantage",
        3,
      ],
      [
        "dna-advantage",
        "regid.2017-05.com.cisco.c9300_dna_advantage,1.0_411773c3-2116-4c10-94a4-5d357fe6ff18",
        "C9300-24 DNA Advantage",
        3,
      ],
    ],
  },
  {
    platform: "c9300-stack",
    counted: { pids: ["C9300-24UX", "C9300-24U", "C9300-24T"], features: ["network-essentials"] },
    expected: [
      [
        "network-essentials",
        "regid.2017-03.com.cisco.essentialsk9,1.0_90406ae8-385e-43aa-ac98-91da0ea270e2",
        "C9300-24 Network Essentials",
        3,
      ],
    ],
  },
  {
    platform: "c9300-stack",
    counted: { pids: ["C9300-24P", "C9300-48U", "C9300-24U"] },
    expected: [
      [
        "network-advantage",
        "regid.2017-03.com.cisco.advantagek9,1.0_bd1da96e-ec1d-412b-a50e-53846b347d53",
        "C9300-24 Network Advantage",
        2,
      ],
      [
        "dna-advantage",
        "regid.2017-05.com.cisco.c9300_dna_advantage,1.0_411773c3-2116-4c10-94a4-5d357fe6ff18",
        "C9300-24 DNA Advantage",
        2,
      ],
      [
        "network-advantage",
        "regid.2017-05.com.cisco.C9300_48P_NW_Advantagek9,1.0_6a224fe3-c92e-4440-a9c1-5d0e53a54015",
        "C9300-48 Network Advantage",
        1,
      ],
      [
        "dna-advantage",
        "regid.2017-05.com.cisco.C9300_48P_Dna_Advantage,1.0_60783b06-53ee-484c-b21e-615d3cf6837a",
        "C9300-48 DNA Advantage",
        1,
      ],
    ],
  },
  {
    platform: "c9300l",
    counted: { pids: ["C9300L-48PF-4X"] },
    expected: [
      [
        "network-advantage",
        "regid.2018-06.com.cisco.C9300L_48P_NW_Advantage,1.0_6422d51b-5580-4c05-9269-e4f4c23728b9",
        "C9300L 48P Network Advantage",
        1,
      ],
      [
        "dna-advantage",
        "regid.2018-06.com.cisco.C9300L_48P_DNA_Advantage,1.0_ecb0e901-a493-434c-b502-5b96f690eab3",
        "C9300L 48P DNA Advantage",
        1,
      ],
    ],
  },
  {
    platform: "c9350",
    counted: { pids: ["C9350-24U", "C9350-24U", "C9350-24U", "C9350-24U"] },
    expected: [
      [
        "network-advantage",
        "regid.2023-08.com.cisco.C9350_24P_NW_A,1.0_bf84bdef-3f01-416a-a619-4d98efbbede1",
        "C9350-24 Catalyst Network Advantage",
        4,
      ],
      [
        "dna-advantage",
        "regid.2023-08.com.cisco.C9350_24P_DNX_A,1.0_e0fef355-0393-4db8-ae2e-2013b1ff759c",
        "C9350-24 Catalyst Software Subscription Advantage",
        4,
      ],
    ],
  },
  {
    platform: "c9407r",
    counted: { pids: ["C9410R", "C9410R"] },
    expected: [
      [
        "network-advantage",
        "regid.2017-05.com.cisco.advantagek9-C9400,1.0_61a546cd-1037-47cb-bbe6-7cad3217a7b3",
        "C9400 Network Advantage",
        2,
      ],
      [
        "dna-advantage",
        "regid.2017-05.com.cisco.dna_advantage-C9400,1.0_6e77dbc1-0da3-466c-8414-97c8ee4d48ce",
        "C9400 DNA Advantage",
        1,
      ],
    ],
  },
  {
    platform: "c9500-svl",
    counted: { pids: ["C9500-32QC", "C9500-32QC"] },
    expected: [
      [
        "network-advantage",
        "regid.2017-03.com.cisco.advantagek9-Nyquist-C9500,1.0_f1563759-2e03-4a4c-bec5-5feec525a12c",
        "C9500 Network Advantage",
        2,
      ],
      [
        "dna-advantage",
        "regid.2018-01.com.cisco.C9500-DNA-32QC-A,1.0_1fd2bf73-201e-472b-a287-65f23ec80f3e",
        "C9500-32QC DNA Advantage",
        2,
      ],
    ],
  },
];

for (const { platform, counted, expected } of documented) {
  const of = `${counted.pids?.join(", ")}${counted.features === undefined ? "" : ` with ${counted.features.join()}`}`;
  test(`[CNT-2] ${platform} of ${of} names and counts its licences as documented outputs do`, () => {
    const licenses = usedOn(platform, counted);
    assert.deepEqual(
      licenses.map(([{ name, tag, description }, count]) => [name, tag, description, count]),
      expected,
    );
    for (const [license] of licenses) {
      assert.equal(license.tagOrigin, "documented");
      assert.equal(license.licenseClass, license.name.startsWith("dna") ? "subscription" : "perpetual");
    }
  });
}

test("newer software of a C9350 asks for one licence of the operating system, whatever the number of ports", () => {
  const counted = {
    pids: ["C9350-48T", "C9350-48P", "C9350-24T"],
    features: ["essentials"],
    softwareVersion: "17.18.1",
  };
  const [only, ...more] = usedOn("c9350", counted);
  assert.deepEqual(more, []);
  assert.deepEqual(
    [only?.[0].name, only?.[0].heading, only?.[0].description, only?.[1]],
    ["essentials", "Switching OS Essentials", "Cisco C9350 Switching IOS-XE Essentials", 3],
  );
});

test("a router above 250 Mbit/s uses the licences of its tier and the export-controlled one", () => {
  const features = ["network-premier_5G", "dna-premier_5G", "hseck9"];
  assert.deepEqual(
    usedOn("c8000v", { features }).map(([{ name, description, licenseClass }, count]) => [
      name,
      description,
      licenseClass,
      count,
    ]),
    [
      ["network-premier_5G", "ESR_P_5G_P", "perpetual", 1],
      ["dna-premier_5G", "DNA_P_5G_P", "subscription", 1],
      ["hseck9", "DNA_HSEC", "export", 1],
    ],
  );
});
