import assert from "node:assert/strict";
import { test } from "node:test";
import { changeNetwork, type NetworkChange, nameServersMax } from "./network-change.ts";
import { interfaceName, type NetworkSettings, networkOf, prefixLength, unsetNetwork } from "./network-settings.ts";

const start = networkOf([
  { name: "Vlan10", address: "10.0.0.1" },
  { name: "GigabitEthernet0/0", vrf: "Mgmt-vrf" },
]);

function after(...changes: readonly NetworkChange[]): NetworkSettings {
  return changes.reduce((network, change) => {
    const result = changeNetwork(network, change);
    assert.equal(result.outcome, "changed", JSON.stringify(result));
    return result.outcome === "changed" ? result.network : network;
  }, start);
}

function refusalOf(network: NetworkSettings, change: NetworkChange): string {
  const result = changeNetwork(network, change);
  assert.equal(result.outcome, "refused", JSON.stringify(change));
  return result.outcome === "refused" ? result.code : "";
}

test("names of interfaces may be cut short, apart and in any case; others stay as they are", () => {
  const typed = {
    "vl 10": "Vlan10",
    "GI0/0": "GigabitEthernet0/0",
    lo7: "Loopback7",
    "te1/1/1": "TenGigabitEthernet1/1/1",
  };
  for (const [from, to] of Object.entries(typed)) assert.equal(interfaceName(from), to);
  for (const same of ["eth0", "t1", "enp3s0"]) assert.equal(interfaceName(same), same);
});

test("a mask is ones, then zeros", () => {
  assert.deepEqual(["255.255.255.0", "0.0.0.0", "255.255.255.255"].map(prefixLength), [24, 0, 32]);
  assert.deepEqual(["255.0.255.0", "10.0.0.1", "x", "255.255.255"].map(prefixLength), [null, null, null, null]);
});

test("[TRN-16] a routing table has at most six name servers, each once", () => {
  const words = Array.from({ length: nameServersMax }, (_, index) => `10.0.0.${index + 1}`);
  const full = after({ change: "add name servers", words }, { change: "add name servers", words: ["10.0.0.1"] });
  assert.equal(full.nameServers.length, nameServersMax);
  assert.equal(refusalOf(full, { change: "add name servers", words: ["10.0.0.7"] }), "too_many_name_servers");
  const more = after(
    { change: "add name servers", words },
    { change: "add name servers", words: ["vrf", "Mgmt-vrf", "10.0.0.7"] },
  );
  assert.equal(more.nameServers.length, nameServersMax + 1);
  const fewer = changeNetwork(more, { change: "remove name servers", words: [] });
  assert.deepEqual(fewer.outcome === "changed" && fewer.network.nameServers, [
    { vrf: "Mgmt-vrf", address: "10.0.0.7" },
  ]);
});

test("what does not exist, or is no name, address or mask, is refused with a code", () => {
  const cases: readonly (readonly [NetworkChange, string])[] = [
    [{ change: "lookup source", interface: "Vlan11" }, "interface_unknown"],
    [{ change: "add interface", name: "GigabitEthernet9/9" }, "interface_unknown"],
    [{ change: "remove interface", name: "GigabitEthernet0/0" }, "interface_physical"],
    [{ change: "interface vrf", name: "Vlan10", vrf: "Blue" }, "vrf_unknown"],
    [{ change: "interface address", name: "Vlan10", address: "10.0.0.2", mask: "255.0.255.0" }, "address_invalid"],
    [{ change: "interface shutdown", name: "Vlan99", isShutdown: true }, "interface_unknown"],
    [{ change: "add name servers", words: ["dns.example"] }, "address_invalid"],
    [{ change: "add name servers", words: ["vrf", "Blue", "10.0.0.1"] }, "vrf_unknown"],
    [{ change: "add host", name: "manager", addresses: ["manager2"] }, "address_invalid"],
    [{ change: "add host", name: "-", addresses: ["10.0.0.1"] }, "name_invalid"],
    [{ change: "domain name", name: "exa mple" }, "name_invalid"],
    [{ change: "add vrf", name: "a b" }, "name_invalid"],
    [{ change: "add vrf", name: "x".repeat(33) }, "name_invalid"],
    [{ change: "add trustpoint", name: "x".repeat(65) }, "name_invalid"],
    [{ change: "trustpoint enrollment", name: "LicRoot", enrollment: "terminal" }, "trustpoint_unknown"],
  ];
  for (const [change, code] of cases) assert.equal(refusalOf(start, change), code, JSON.stringify(change));
});

test("what is taken away of a VRF that there is not, need not be defined first", () => {
  const remedyOf = (change: NetworkChange) => {
    const refused = changeNetwork(start, change);
    return refused.outcome === "refused" ? refused.remedy : "";
  };
  assert.match(remedyOf({ change: "interface vrf", name: "Vlan10", vrf: "Blue" }), /vrf definition Blue/);
  for (const change of [
    { change: "remove vrf", name: "Blue" },
    { change: "remove name servers", words: ["vrf", "Blue", "10.0.0.1"] },
  ] as const) {
    assert.equal(refusalOf(start, change), "vrf_unknown");
    assert.doesNotMatch(remedyOf(change), /definition/);
  }
});

test("limits hold at their number and not one beyond", () => {
  const full = (count: number, changeOf: (index: number) => NetworkChange) =>
    after(...Array.from({ length: count }, (_, index) => changeOf(index)));
  const vrf = (index: number): NetworkChange => ({ change: "add vrf", name: `V${index}` });
  assert.equal(refusalOf(full(63, vrf), vrf(99)), "too_many_vrfs");
  const host = (index: number): NetworkChange => ({ change: "add host", name: `h${index}`, addresses: ["10.0.0.1"] });
  assert.equal(refusalOf(full(256, host), host(999)), "too_many_hosts");
  const own = (index: number): NetworkChange => ({ change: "add interface", name: `Loopback${index}` });
  assert.equal(refusalOf(full(126, own), own(999)), "too_many_interfaces");
  const trustpoint = (index: number): NetworkChange => ({ change: "add trustpoint", name: `T${index}` });
  assert.equal(refusalOf(full(63, trustpoint), trustpoint(99)), "too_many_trustpoints");
});

test("another routing table takes a static address away, and a removed one gives its interfaces back", () => {
  const moved = after({ change: "interface vrf", name: "vlan10", vrf: "Mgmt-vrf" });
  assert.deepEqual(moved.interfaces[0]?.address, { type: "none" });
  const removed = after({ change: "remove vrf", name: "Mgmt-vrf" });
  assert.deepEqual(
    removed.interfaces.map(({ vrf }) => vrf),
    [null, null],
  );
});

test("[SEC-6] the trustpoint of licensing cannot be removed, only set back", () => {
  const changed = after({ change: "trustpoint revocation", name: "SLA-TrustPoint", check: "none" });
  const back = changeNetwork(changed, { change: "remove trustpoint", name: "SLA-TrustPoint" });
  assert.deepEqual(back.outcome === "changed" && back.network.trustpoints, unsetNetwork.trustpoints);
  const reset = changeNetwork(changed, { change: "trustpoint revocation", name: "SLA-TrustPoint", check: null });
  assert.deepEqual(reset.outcome === "changed" && reset.network.trustpoints, unsetNetwork.trustpoints);
});

test("a routing table has a domain and a source of lookups of its own; both go with it", () => {
  const vrf = "Mgmt-vrf";
  const set = after(
    { change: "vrf domain name", vrf, name: "mgmt.lab.test" },
    { change: "vrf lookup source", vrf, interface: "gi0/0" },
  );
  assert.deepEqual(set.vrfNames, [{ vrf, domainName: "mgmt.lab.test", lookupSourceInterface: "GigabitEthernet0/0" }]);
  const less = changeNetwork(set, { change: "vrf domain name", vrf, name: null });
  assert.deepEqual(less.outcome === "changed" && less.network.vrfNames[0]?.domainName, null);
  const gone = changeNetwork(set, { change: "remove vrf", name: vrf });
  assert.deepEqual(gone.outcome === "changed" && gone.network.vrfNames, []);
  assert.equal(refusalOf(set, { change: "vrf lookup source", vrf, interface: "Vlan10" }), "interface_not_in_vrf");
  assert.equal(refusalOf(set, { change: "vrf domain name", vrf: "Green", name: null }), "vrf_unknown");
});
