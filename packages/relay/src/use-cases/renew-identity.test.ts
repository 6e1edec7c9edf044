// When a relay asks for a new certificate, what it does with the answer, and what it tells; with the file that it keeps.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { type TestContext, test } from "node:test";
import { TransportFailure } from "@countersign/agent";
import { dayMs, encodeCertificate } from "@countersign/protocol";
import { issueRelayCertificate, type TestIdentity } from "@countersign/protocol/test-support/certificates";
import { authority } from "@countersign/protocol/test-support/parties";
import { createLog } from "../logging/log.ts";
import { type GivenCertificate, ManagerRefusal } from "../ports.ts";
import {
  afterRenewal,
  certificateState,
  endsSoonDays,
  firstRenewal,
  isRenewalDue,
  renewBeforeDays,
} from "../renewal/renewal.ts";
import { KeptIdentity, readIdentity, writeIdentity } from "../state-directory/identity-file.ts";
import { openRelayStore } from "../storage/relay-store.ts";
import { RenewIdentity, type RenewPorts } from "./renew-identity.ts";

const minuteMs = 60_000;

test("a certificate is due a year before its end, for people ninety days before, and never silently ended", () => {
  const states = [
    [renewBeforeDays * dayMs + 1, "valid", false],
    [renewBeforeDays * dayMs, "due", true],
    [endsSoonDays * dayMs + 1, "due", true],
    [endsSoonDays * dayMs, "ends_soon", true],
    [0, "ends_soon", true],
    [-1, "ended", true],
    [-9 * 365 * dayMs, "ended", true],
  ] as const;
  for (const [leftMs, state, isDue] of states) {
    const now = 1_900_000_000_000;
    assert.equal(certificateState(now + leftMs, now), state, `${leftMs} ms left`);
    assert.equal(isRenewalDue(now + leftMs, firstRenewal, now), isDue, `${leftMs} ms left`);
    const later = { ...firstRenewal, nextAttemptAtMs: now + 1 };
    assert.equal(isRenewalDue(now + leftMs, later, now), false);
    assert.equal(isRenewalDue(now + leftMs, { ...later, nextAttemptAtMs: now }, now), isDue);
  }
});

test("failures are asked again after a minute, doubled up to a day, since when they began; anything else ends them", () => {
  let renewal = firstRenewal;
  const waits: number[] = [];
  for (let failure = 0, now = 0; failure < 13; failure += 1) {
    renewal = afterRenewal(renewal, { what: "failed", code: `code_${failure}` }, now);
    waits.push((renewal.nextAttemptAtMs - now) / minuteMs);
    now = renewal.nextAttemptAtMs;
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440]);
  assert.deepEqual([renewal.failures, renewal.failure], [13, { code: "code_12", sinceMs: 0 }]);
  assert.deepEqual(afterRenewal(renewal, { what: "unchanged" }, 7), { ...firstRenewal, nextAttemptAtMs: 7 + dayMs });
  assert.deepEqual(afterRenewal(renewal, { what: "renewed" }, 7), firstRenewal);
});

test("a clock that was set back after an attempt keeps the next one waiting for a day at most", () => {
  const [now, validUntilMs] = [1_900_000_000_000, 1_900_000_000_000];
  const isDue = (nextAttemptAtMs: number) => isRenewalDue(validUntilMs, { ...firstRenewal, nextAttemptAtMs }, now);
  assert.deepEqual([now, now + 1, now + dayMs, now + dayMs + 1].map(isDue), [true, false, false, true]);
});

type Says = () => GivenCertificate | Error;

async function startRelay(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "countersign-renewal-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const first = issueRelayCertificate(authority.issuing);
  const { private_key: _, ...given } = givenOf(first);
  await writeIdentity(directory, {
    ...{ udi_pid: "RELAY", udi_serial_number: "1", product_instance_identifier: "p" },
    ...{ smart_account_name: "Example", virtual_account_name: "Lab", ...given },
    private_key: first.keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    licensing_root: encodeCertificate(authority.root.certificate),
  });
  const identity = new KeptIdentity(directory);
  const validUntilMs = Date.parse(first.certificate.validTo);
  const state = { now: validUntilMs - (renewBeforeDays + 1) * dayMs, asked: 0, says: (() => given) as Says };
  const out = new PassThrough();
  const openStore = () => openRelayStore(join(directory, "relay.db"), { bytes: (size) => randomBytes(size) }, 1024);
  const notes = openStore();
  t.after(() => notes.close());
  const ports: RenewPorts = {
    identity,
    notes,
    renewer: {
      renew: async () => {
        state.asked += 1;
        const said = state.says();
        if (said instanceof Error) throw said;
        return said;
      },
    },
    clock: { now: () => state.now },
    log: createLog("info", out),
  };
  const renewal = new RenewIdentity(ports);
  const logged = () =>
    [...String(out.read() ?? "").matchAll(/"code":"(\w+)","event":"(\w+)"|"event":"(\w+)"/g)].map((found) =>
      found.slice(1).filter(Boolean).join(" "),
    );
  return { directory, identity, state, ports, renewal, openStore, first, given, validUntilMs, logged };
}

function givenOf(identity: TestIdentity) {
  return {
    private_key: "",
    certificate: encodeCertificate(identity.certificate),
    chain: [encodeCertificate(authority.issuing.certificate)],
  };
}

test("a relay asks in time, goes on while it gets nothing, says so, and keeps the new certificate before it uses it", async (t) => {
  const { directory, identity, state, renewal, first, given, validUntilMs, logged } = await startRelay(t);
  await renewal.runIfDue();
  assert.equal(state.asked, 0, "there is more than a year left");
  state.now = validUntilMs - renewBeforeDays * dayMs;
  await renewal.runIfDue();
  await renewal.runIfDue();
  assert.equal(state.asked, 1, "a manager that gives the same again is asked daily");
  state.now += dayMs;
  for (const failure of [new TransportFailure("connection_refused"), new ManagerRefusal("identity_not_valid", "", 0)]) {
    state.says = () => failure;
    await renewal.runIfDue();
    assert.equal(renewal.view().renewalFailure, failure.code);
    assert.equal(identity.signing.certificate.serialNumber, first.certificate.serialNumber);
    state.now += minuteMs;
  }
  assert.deepEqual(logged(), [
    "connection_refused certificate_renewal_failed",
    "identity_not_valid certificate_renewal_failed",
  ]);
  assert.equal(renewal.view().renewalFailingSinceMs, state.now - 2 * minuteMs);
  state.now = validUntilMs + dayMs;
  assert.equal(renewal.view().state, "ended");
  const next = issueRelayCertificate(authority.issuing, {
    keys: first.keys,
    notAfter: validUntilMs + 5 * 365 * dayMs,
  });
  state.says = () => givenOf(next);
  await renewal.runIfDue();
  assert.deepEqual(
    [renewal.view().state, renewal.view().renewalFailure, renewal.view().renewalFailingSinceMs],
    ["valid", null, null],
  );
  assert.equal(identity.signing.certificate.serialNumber, next.certificate.serialNumber);
  assert.equal(readIdentity(directory).certificate, encodeCertificate(next.certificate));
  assert.equal(statSync(join(directory, "identity.json")).mode & 0o077, 0);
  assert.deepEqual(logged(), ["certificate_renewed"]);
  assert.equal(await identity.take(given), false, "an older one is never taken");
  rmSync(directory, { recursive: true });
  writeFileSync(directory, "");
  const last = issueRelayCertificate(authority.issuing, {
    keys: first.keys,
    notAfter: validUntilMs + 9 * 365 * dayMs,
  });
  await assert.rejects(identity.take(givenOf(last)), { code: "ENOTDIR" });
  assert.equal(
    identity.signing.certificate.serialNumber,
    next.certificate.serialNumber,
    "what is not kept is not used",
  );
});

test("why it is not renewed is known to commands and after a restart, until it is; what a command got is used at once", async (t) => {
  const { directory, identity, state, ports, renewal, openStore, first, given, validUntilMs } = await startRelay(t);
  state.now = validUntilMs - endsSoonDays * dayMs;
  const failingSinceMs = state.now;
  state.says = () => new TransportFailure("connection_refused");
  await renewal.runIfDue();
  // As `relay show` or a restart: another process on the same directory.
  const other = openStore();
  t.after(() => other.close());
  const seen = () => {
    const { renewalFailure, renewalFailingSinceMs } = new RenewIdentity({ ...ports, notes: other }).view();
    return [renewalFailure, renewalFailingSinceMs];
  };
  assert.deepEqual(seen(), ["connection_refused", failingSinceMs]);
  state.now += dayMs;
  const restarted = new RenewIdentity(ports);
  await restarted.runIfDue();
  assert.equal(restarted.view().renewalFailingSinceMs, failingSinceMs);

  const command = new KeptIdentity(directory);
  const later = (years: number) => validUntilMs + years * 365 * dayMs;
  const next = issueRelayCertificate(authority.issuing, { keys: first.keys, notAfter: later(5) });
  const { asked } = state;
  assert.ok(await command.take(givenOf(next)));
  assert.equal(identity.signing.certificate.serialNumber, first.certificate.serialNumber);
  restarted.useStored();
  await restarted.runIfDue();
  assert.equal(state.asked, asked, "nobody is asked for what is there");
  assert.equal(identity.signing.certificate.serialNumber, next.certificate.serialNumber);
  assert.deepEqual([restarted.view().state, seen()], ["valid", [null, null]]);

  // Neither an older one, nor one of another key, nor a file that cannot be read takes its place.
  const stored = readIdentity(directory);
  const foreign = issueRelayCertificate(authority.issuing, { notAfter: later(9) });
  const { private_key: _, ...ofForeign } = givenOf(foreign);
  const foreignKey = foreign.keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  await writeIdentity(directory, { ...stored, ...given });
  assert.equal(identity.reload(), false);
  await writeIdentity(directory, { ...stored, ...ofForeign, private_key: foreignKey });
  assert.equal(identity.reload(), false);
  writeFileSync(join(directory, "identity.json"), "{");
  assert.equal(identity.reload(), false);
});

test("a certificate that cannot be stored is a failure with the system's name, and is not asked for every minute", async (t) => {
  const { directory, identity, state, renewal, first, validUntilMs } = await startRelay(t);
  state.now = validUntilMs - renewBeforeDays * dayMs;
  const notAfter = validUntilMs + 5 * 365 * dayMs;
  state.says = () => {
    rmSync(directory, { recursive: true });
    writeFileSync(directory, "");
    return givenOf(issueRelayCertificate(authority.issuing, { keys: first.keys, notAfter }));
  };
  await renewal.runIfDue().catch(() => undefined);
  assert.equal(renewal.view().renewalFailure, "ENOTDIR");
  state.now += minuteMs - 1;
  await renewal.runIfDue();
  assert.equal(state.asked, 1);
  assert.equal(identity.signing.certificate.serialNumber, first.certificate.serialNumber);
});
