import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { TransportFailure } from "@countersign/agent";
import { type NameSettings, resolveName } from "./resolver.ts";

const settings: NameSettings = {
  ...{ isOn: true, hosts: [], domainName: "lab.test", servers: [], port: 53, localAddress: null },
};
const hosts = [{ name: "manager.lab.test", addresses: ["10.0.0.1", "10.0.0.2"] }];

function failsWith(detail: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof TransportFailure, String(error));
    assert.equal(error.code, "name_not_found");
    assert.match(error.detail, detail);
    return true;
  };
}

test("[TRN-17] a host that is named in the configuration needs no name server, with or without its domain", async () => {
  for (const name of ["manager.lab.test", "MANAGER"])
    assert.deepEqual(await resolveName(name, { ...settings, hosts, isOn: false }), ["10.0.0.1", "10.0.0.2"]);
  assert.deepEqual(await resolveName("10.9.9.9", { ...settings, isOn: false }), ["10.9.9.9"]);
});

test("[BET-3] why a name was not found is told: lookup off, no answer, no such name", async () => {
  await assert.rejects(resolveName("relay", { ...settings, isOn: false }), failsWith(/ip domain lookup is off/));
  // A socket that is bound and never answers would cost the whole time; one that was closed refuses at once.
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  const dead = { ...settings, servers: ["127.0.0.1"], port };
  await assert.rejects(resolveName("relay", dead), failsWith(/no answer from name server 127\.0\.0\.1/));
  await assert.rejects(
    resolveName("no-such-host.invalid", { ...settings, domainName: null }),
    failsWith(/no such name/),
  );
});
