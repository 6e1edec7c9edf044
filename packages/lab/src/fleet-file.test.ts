import assert from "node:assert/strict";
import { test } from "node:test";
import { FleetError, fleetInstancesMax, fleetOfPlatforms, parseFleet } from "./fleet-file.ts";

function refusal(instances: unknown): string {
  try {
    parseFleet(JSON.stringify({ instances }), "fleet.json");
  } catch (error) {
    assert(error instanceof FleetError);
    return error.message;
  }
  return "";
}

test("platforms make a fleet, the second of a kind with devices of its own", () => {
  const [core, access, other] = fleetOfPlatforms(["c9600", "c9800-l", "c9600"]);
  assert.deepEqual([core?.name, access?.accessPoints, other?.name], ["c9600", 12, "c9600-2"]);
  assert.deepEqual(other?.members, [
    { pid: "C9606R", serialNumber: "CSL2711L001-2" },
    { pid: "C9606R", serialNumber: "CSL2711L001-2" },
  ]);
  assert.throws(() => fleetOfPlatforms(["c1"]), /there is no platform "c1"; there are c9200, /);
});

test("a fleet file names instances with what differs from their platform", () => {
  const member = { pid: "C9300-48P", serialNumber: "A1" };
  const text = JSON.stringify({
    instances: [{ name: "edge", platform: "c9300-stack", softwareVersion: "17.12.1", members: [member] }],
  });
  assert.deepEqual(parseFleet(text, "fleet.json"), [
    { name: "edge", platform: "c9300-stack", accessPoints: 0, softwareVersion: "17.12.1", members: [member] },
  ]);
});

const edge = { name: "edge", platform: "c9300-stack" };
const wrong: readonly (readonly [what: string, instances: unknown, said: RegExp])[] = [
  ["no instance", [], /fleet\.json: instances names no instance/],
  ["an unknown member", [{ ...edge, ports: 3 }], /fleet\.json: instances\.0\.ports /],
  ["a name that is no folder", [{ ...edge, name: "../x" }], /instances\.0\.name is not up to 32 of a-z/],
  ["a name twice", [edge, edge], /two instances "edge"/],
  ["a device twice", [edge, { ...edge, name: "other" }], /other and edge have the same device PID:C9300-48P/],
  ["access points at a switch", [{ ...edge, accessPoints: 1 }], /no access points join a Catalyst 9300/],
  ["classic software", [{ ...edge, softwareVersion: "16.12.4" }], /in classic mode, which a fleet does not have/],
  [
    "a PID of another platform",
    [{ ...edge, members: [{ pid: "C9606R", serialNumber: "A" }] }],
    /C9606R is no Catalyst 9300/,
  ],
  [
    "supervisors of two chassis",
    [
      {
        name: "core",
        platform: "c9600",
        members: [
          { pid: "C9606R", serialNumber: "A" },
          { pid: "C9606R", serialNumber: "B" },
        ],
      },
    ],
    /all supervisors have the chassis' UDI/,
  ],
];

for (const [what, instances, said] of wrong) {
  test(`a fleet with ${what} is refused with the place and the reason`, () => assert.match(refusal(instances), said));
}

test("a fleet has at most so many instances", () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      name: `app-${index}`,
      platform: "generic",
      members: [{ pid: "EDGE-APP", serialNumber: `S${index}` }],
    }));
  assert.equal(refusal(many(fleetInstancesMax)), "");
  assert.match(refusal(many(fleetInstancesMax + 1)), /names more than 64 instances/);
});
