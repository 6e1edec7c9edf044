// Log lines and notifications leave as the network is configured: from an interface's address, to what the device's own
// resolver finds.

import assert from "node:assert/strict";
import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { startTestDevice } from "../test-support/test-device.ts";

const interfaces = [
  { name: "Vlan10", address: "127.0.0.7" },
  { name: "Vlan20", address: "127.0.0.8" },
] as const;

/** Waits for a datagram that holds this text, and answers where it came from. */
async function startReceiver(context: TestContext) {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  context.after(() => socket.close());
  const received: [string, string][] = [];
  socket.on("message", (bytes, remote: RemoteInfo) => received.push([bytes.toString("latin1"), remote.address]));
  const sourceOf = async (text: string): Promise<string> => {
    for (;;) {
      const at = received.findIndex(([message]) => message.includes(text));
      if (at >= 0) return received.splice(0, at + 1).at(-1)?.[1] ?? "";
      await once(socket, "message");
    }
  };
  return { port: socket.address().port, sourceOf };
}

test("log lines leave from the source interface, to an address that only the device knows by this name", async (context) => {
  const { port, sourceOf } = await startReceiver(context);
  const { say } = await startTestDevice(context, { interfaces });
  await say("ip host log.nowhere 127.0.0.1");
  assert.equal(await say("logging source-interface vlan 20"), "");
  assert.match(await say("show running-config"), /^logging source-interface Vlan20$/m);
  await say(`logging host log.nowhere transport udp port ${port}`);
  assert.equal(await sourceOf("LOGGINGHOST_STARTSTOP"), "127.0.0.8");
  await say("no logging source-interface");
  assert.equal(await sourceOf("LOGGINGHOST_STARTSTOP"), "127.0.0.7", "the first that is up");
});

test("without an address of the source interface nothing leaves, and that is said; what waits leaves later", async (context) => {
  const { port, sourceOf } = await startReceiver(context);
  const { say, log } = await startTestDevice(context, { interfaces });
  assert.match(await say("logging source-interface Vlan99"), /% Interface Vlan99 does not exist\./);
  await say("interface Loopback7");
  assert.equal(await say("logging source-interface Loopback7"), "");
  await say(`logging host 127.0.0.1 transport udp port ${port}`);
  assert.ok(
    log.some((line) => /LOGGINGHOST_FAIL: .* failed: Loopback7 has no IP address/.test(line)),
    log.join("\n"),
  );
  await say("logging source-interface Vlan10");
  assert.equal(await sourceOf("LOGGINGHOST_FAIL"), "127.0.0.7");
});

test("notifications leave from the source interface, to an address that only the device knows by this name", async (context) => {
  const { port, sourceOf } = await startReceiver(context);
  const { say, device } = await startTestDevice(context, { interfaces });
  await say("ip host traps.nowhere 127.0.0.1");
  await say("snmp-server enable traps license");
  await say(`snmp-server host traps.nowhere traps version 2c told udp-port ${port}`);
  await device.configureFeatures(["network-advantage"]);
  assert.equal(await sourceOf("told"), "127.0.0.7");
  assert.equal(await say("snmp-server trap-source Vlan20"), "");
  await device.configureFeatures([]);
  for (;;) if ((await sourceOf("told")) === "127.0.0.8") break;
  assert.match(await say("snmp-server trap-source Vlan99"), /% Interface Vlan99 does not exist\./);
});
