// What our own devices print and capture, read by the doctor: it finds what is wrong, and nothing where nothing is.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { DeviceOptions } from "@countersign/device";
import { askDevice, diagnose, readCapture, readSession } from "@countersign/doctor";
import { authority } from "@countersign/protocol/test-support/parties";
import { type Console, type Served, serveManager, startSwitch } from "../device/served-manager.test-support.ts";
import { closedPort } from "./squid.test-support.ts";

async function examined(
  t: TestContext,
  served: Served,
  port: number,
  ending: RegExp,
  options: Partial<DeviceOptions> = {},
) {
  const stateDirectory = mkdtempSync(join(tmpdir(), "countersign-examined-"));
  const defaultSmartUrl = `https://localhost:${port}/licservice/license`;
  const console = await startSwitch(t, served, {
    ...options,
    stateDirectory,
    defaultSmartUrl,
  });
  // Behind the device, which still writes while it stops.
  t.after(() => rmSync(stateDirectory, { recursive: true, force: true }));
  const ended = console.logged(ending);
  await say(console, "monitor capture CSSM interface Vlan10 both match any", "monitor capture CSSM start");
  await say(console, `license smart trust idtoken ${await served.token()} all`);
  await ended;
  await say(console, "monitor capture CSSM stop", "monitor capture CSSM export location flash:cssm.pcap");
  const text = await askDevice(stateDirectory);
  const file = join(stateDirectory, "flash", "cssm.pcap");
  const findings = diagnose(readSession(Buffer.from(text), "session").facts);
  const captured = readCapture(readFileSync(file), "cssm.pcap", ["127.0.0.1", "0:0:0:0:0:0:0:1"]);
  return {
    text,
    findings,
    captured,
    faults: findings.filter(({ severity }) => severity === "fault").map(({ code }) => code),
  };
}

async function say({ device }: Console, ...lines: readonly string[]): Promise<string> {
  let output = "";
  for (const line of lines) ({ output } = await device.execute(line));
  return output;
}

test("the doctor reads the session and the capture of a device of ours, whether it is well or not", async (t) => {
  const served = await serveManager(t);
  const failed = /COMM_FAILED/;
  await t.test("[FAIL-11] nobody listens", async () => {
    const { faults, captured, text } = await examined(t, served, await closedPort(), failed);
    assert.deepEqual(faults, ["connection_refused"], text);
    assert.deepEqual(
      diagnose(captured.facts).map(({ code }) => code),
      ["connection_refused"],
    );
  });
  await t.test("[FAIL-14] the certificate is not the licensing server's", async () => {
    const trustAnchors = authority.root.certificate.toString();
    const { faults, captured, text } = await examined(t, served, served.port, failed, { trustAnchors });
    assert.deepEqual(faults, ["server_certificate_refused"], text);
    assert.ok(captured.connections.length > 0 && captured.connections.every(({ reached }) => reached !== "SYN"));
  });
  await t.test("a device that is well has no fault, in its session or in its capture", async () => {
    const { faults, captured, text } = await examined(t, served, served.port, /TRUST_INSTALL_SUCCESS.*(?:C9300|SN)/);
    assert.deepEqual(faults, [], text);
    assert.deepEqual(diagnose(captured.facts), []);
    assert.ok(captured.connections.some(({ reached }) => reached === "data" || reached === "end"));
  });
});
