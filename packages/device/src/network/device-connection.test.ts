import assert from "node:assert/strict";
import { test } from "node:test";
import { TransportFailure } from "@countersign/agent";
import { defaultCallHome } from "../call-home-configuration.ts";
import { type NetworkSettings, networkOf } from "../network-settings.ts";
import { DeviceConnection, licensingWay, type Source, sourceOf } from "./device-connection.ts";

const network = networkOf([
  { name: "Vlan10", address: "127.0.0.10" },
  { name: "Vlan20", address: "127.0.0.20" },
  { name: "GigabitEthernet0/0", address: "127.0.0.30", vrf: "Mgmt-vrf" },
]);
const down = {
  ...network,
  interfaces: network.interfaces.map((one) => ({ ...one, isShutdown: true })),
};

function refusalOf(act: () => Source): string {
  try {
    return JSON.stringify(act());
  } catch (error) {
    assert.ok(error instanceof TransportFailure && error.code === "host_unreachable", String(error));
    return error.detail;
  }
}

test("[TRN-8] [BET-24] connections leave from the source interface, or from the first one that is up", () => {
  assert.equal(sourceOf({ network, sourceInterface: "vlan20" }, null).localAddress, "127.0.0.20");
  assert.equal(sourceOf({ network, sourceInterface: null }, null).localAddress, "127.0.0.10");
  const anywhere = networkOf([{ name: "Vlan10" }]);
  assert.deepEqual(sourceOf({ network: anywhere, sourceInterface: null }, null), { localAddress: null, vrf: null });
});

test("[TRN-18] the source interface of a VRF brings its connections into that VRF", () => {
  const source = sourceOf({ network, sourceInterface: "GigabitEthernet0/0" }, null);
  assert.deepEqual(source, { localAddress: "127.0.0.30", vrf: "Mgmt-vrf" });
});

test("[TRN-13] what is no way out is named: an interface that is down, gone or elsewhere, a VRF without one", () => {
  const from = (sourceInterface: string | null, vrf: string | null, of = network) =>
    refusalOf(() => sourceOf({ network: of, sourceInterface }, vrf));
  assert.equal(from(null, null, down), "no interface is up");
  assert.equal(from(null, "Mgmt-vrf", down), "VRF Mgmt-vrf has no interface that is up");
  assert.equal(from("Vlan10", null, down), "Vlan10 is administratively down");
  assert.equal(from("Vlan99", null), "interface Vlan99 does not exist");
  assert.equal(from("Vlan10", "Mgmt-vrf"), "Vlan10 is not in VRF Mgmt-vrf");
});

test("settings are one object until something changes, so that connections are kept", () => {
  let facts = { network, sourceInterface: null, clientTrustpoint: null, trustAnchors: [] };
  let observer = { tell: () => undefined, seesBytes: false };
  const connection = new DeviceConnection({
    ...{
      facts: () => facts,
      identities: [],
      nameServerPort: 53,
      now: () => 0,
      log: () => undefined,
      told: () => undefined,
    },
    observer: () => observer,
  });
  const way = { vrf: null, sourceInterface: null, checksServerIdentity: true };
  const first = connection.settings(way);
  assert.equal(connection.settings({ ...way }), first);
  assert.notEqual(connection.settings({ ...way, vrf: "Mgmt-vrf" }), first);
  const before = connection.settings(way);
  assert.notEqual(connection.settings({ ...way, checksServerIdentity: false }), before);
  facts = { ...facts, network: { ...network, domainLookup: false } };
  const changed = connection.settings(way);
  assert.notEqual(changed, before);
  observer = { ...observer, seesBytes: true };
  assert.notEqual(connection.settings(way), changed);
});

test("[TRN-19] [CLI-17] with Call Home its own VRF, interface and check count, and no others", () => {
  const sourceInterface = "Vlan20";
  const facts = { network, sourceInterface, callHome: { ...defaultCallHome, vrf: "Mgmt-vrf" } };
  const smart = { vrf: "Blue", sourceInterface, checksServerIdentity: true };
  assert.deepEqual(licensingWay(facts, "Blue", "smart"), smart);
  assert.deepEqual(licensingWay(facts, "Blue", "callhome"), { ...smart, vrf: "Mgmt-vrf" });
  const own = { vrf: "Mgmt-vrf", sourceInterface: "GigabitEthernet0/0", checksServerIdentity: false };
  assert.deepEqual(licensingWay({ ...facts, callHome: { ...facts.callHome, ...own } }, null, "callhome"), own);
});

test("[TRN-16] a routing table's own domain and source of lookups come before those of all", async () => {
  const vrf = "Mgmt-vrf";
  const hosts = [
    { name: "manager.lab.test", addresses: ["127.0.0.80"] },
    { name: "manager.mgmt.lab.test", addresses: ["127.0.0.81"] },
  ];
  const names = { vrf, domainName: "mgmt.lab.test", lookupSourceInterface: "GigabitEthernet0/0" };
  let own: NetworkSettings = {
    ...{ ...network, hosts, domainName: "lab.test", lookupSourceInterface: "Vlan20", vrfNames: [names] },
  };
  const connection = new DeviceConnection({
    ...{ identities: [], nameServerPort: 53, now: () => 0, log: () => undefined, told: () => undefined },
    facts: () => ({ network: own, sourceInterface: null, clientTrustpoint: null, trustAnchors: [] }),
    observer: () => ({ tell: () => undefined, seesBytes: false }),
  });
  const from = (table: string | null) => connection.resolve("manager", { localAddress: null, vrf: table });
  assert.deepEqual([await from(null), await from(vrf)], [["127.0.0.80"], ["127.0.0.81"]]);
  own = { ...own, vrfNames: [{ ...names, domainName: null }] };
  assert.deepEqual(await from(vrf), ["127.0.0.80"], "that of all, where the table has none");
  own = { ...own, interfaces: down.interfaces, lookupSourceInterface: null };
  await assert.rejects(from(vrf), ({ detail }) => detail === "GigabitEthernet0/0 is administratively down");
});
