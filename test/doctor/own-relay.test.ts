// A relay of ours whose certificate nears its end, as the doctor and `relay show` tell it.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { type TestContext, test } from "node:test";
import { askRelay, diagnose } from "@countersign/doctor";
import { encodeCertificate } from "@countersign/protocol";
import { issueRelayCertificate } from "@countersign/protocol/test-support/certificates";
import { authority } from "@countersign/protocol/test-support/parties";
import { checkSettings, startRelay, writeSettings } from "@countersign/relay";
import { commands } from "@countersign/relay/commands";
import { closedPort } from "./squid.test-support.ts";

const dayMs = 86_400_000;

async function startEndingIn(t: TestContext, leftMs: number) {
  const directory = mkdtempSync(join(tmpdir(), "countersign-own-relay-"));
  const { certificate, keys } = issueRelayCertificate(authority.issuing, { notAfter: Date.now() + leftMs });
  const identity = {
    ...{ udi_pid: "COUNTERSIGN-RELAY", udi_serial_number: "1", product_instance_identifier: "p" },
    ...{ smart_account_name: "Example Corp", virtual_account_name: "Lab" },
    private_key: keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificate: encodeCertificate(certificate),
    chain: [encodeCertificate(authority.issuing.certificate)],
    licensing_root: encodeCertificate(authority.root.certificate),
  };
  writeFileSync(join(directory, "identity.json"), JSON.stringify(identity), { mode: 0o600 });
  const managerUrl = `https://127.0.0.1:${await closedPort()}`;
  await writeSettings(directory, checkSettings({ managerUrl, port: 0, plainHttp: true, collectEveryHours: 0 }));
  const log = new PassThrough();
  const running = await startRelay(directory, log);
  t.after(async () => {
    await running.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const codes = async () => {
    const facts = await askRelay({ url: new URL(running.url), roots: [], now: () => Date.now() });
    return diagnose(facts).map(({ code }) => code);
  };
  const show = async (json: boolean) => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const values = { "state-directory": directory };
    const command = commands.find(({ name }) => name === "show");
    await command?.run?.({ values, positionals: [], stdout, stderr, json, signal: t.signal });
    return String(stdout.read());
  };
  const failed = async () => {
    for await (const line of log.iterator({ destroyOnReturn: false }))
      if (String(line).includes("certificate_renewal_failed")) return;
  };
  return { running, codes, show, failed };
}

test("a relay whose certificate cannot be renewed says so to the doctor, to its commands and to Prometheus", async (t) => {
  const { running, codes, show, failed } = await startEndingIn(t, 80 * dayMs);
  await failed();
  assert.deepEqual(await codes(), ["relay_certificate_ends"]);
  const { certificateState, renewalFailure, renewalFailingSince } = JSON.parse(await show(true));
  assert.deepEqual([certificateState, renewalFailure], ["ends_soon", "connection_refused"]);
  assert.match(
    await show(false),
    new RegExp(`\nIts renewal +fails since ${renewalFailingSince} \\(connection_refused\\)`),
  );
  const metrics = await (await fetch(new URL("/metrics", running.url))).text();
  const [, remaining] = /\ncountersign_relay_certificate_remaining_seconds ([\d.]+)\n/.exec(metrics) ?? [];
  assert.ok(Number(remaining) > 79 * 86_400 && Number(remaining) <= 80 * 86_400, remaining);
  assert.match(metrics, /\ncountersign_relay_renewal_failing_seconds \d/);
});

test("a relay whose certificate has ended fails its health, and the doctor calls that a fault", async (t) => {
  const { running, codes } = await startEndingIn(t, -dayMs);
  assert.equal((await fetch(new URL("/health", running.url))).status, 503);
  assert.deepEqual(await codes(), ["relay_certificate_ended"]);
});
