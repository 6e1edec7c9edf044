// What a relay says of a state directory in which something is wrong: damaged, not there, or not to be read are three things.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { encodeCertificate } from "@countersign/protocol";
import { issueRelayCertificate } from "@countersign/protocol/test-support/certificates";
import { authority } from "@countersign/protocol/test-support/parties";
import { openRelayStore } from "../storage/relay-store.ts";
import { KeptIdentity, readIdentity, writeIdentity } from "./identity-file.ts";
import { pendingEnrolment } from "./pending-enrolment.ts";
import { lockForServing } from "./serving-lock.ts";
import { readSettings } from "./settings.ts";

function directoryFor(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "countersign-relay-state-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test("an identity whose key or certificate cannot be read is damaged, and is named", async (t) => {
  const directory = directoryFor(t);
  const { keys, certificate } = issueRelayCertificate(authority.issuing);
  const whole = {
    ...{ udi_pid: "RELAY", udi_serial_number: "1", product_instance_identifier: "p" },
    ...{ smart_account_name: "Example", virtual_account_name: "Lab" },
    private_key: keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificate: encodeCertificate(certificate),
    chain: [],
    licensing_root: encodeCertificate(authority.root.certificate),
  };
  for (const part of ["private_key", "certificate", "licensing_root"] as const) {
    await writeIdentity(directory, { ...whole, [part]: "x" });
    assert.throws(() => new KeptIdentity(directory), { code: "relay_state_damaged", detail: "identity.json" }, part);
  }
  await writeIdentity(directory, whole);
  assert.equal(new KeptIdentity(directory).signing.certificate.serialNumber, certificate.serialNumber);
});

test("files that are there and cannot be read are told by the system's name, and a new relay is not begun over them", async (t) => {
  const directory = directoryFor(t);
  assert.throws(() => readIdentity(directory), { code: "relay_not_initialised" });
  assert.throws(() => readSettings(directory), { code: "relay_not_initialised" });
  for (const name of ["identity.json", "settings.json", "enrolment.json"]) mkdirSync(join(directory, name));
  assert.throws(() => readIdentity(directory), { code: "EISDIR" });
  assert.throws(() => readSettings(directory), { code: "EISDIR" });
  await assert.rejects(pendingEnrolment(directory), { code: "EISDIR" });
});

test("a database that is none is damaged, and a lock that cannot be taken for another reason is held by nobody", (t) => {
  const directory = directoryFor(t);
  const noDatabase = "no database, whatever its name is ".repeat(100);
  for (const name of ["relay.db", "serving.lock"]) writeFileSync(join(directory, name), noDatabase);
  const open = () => openRelayStore(join(directory, "relay.db"), { bytes: (size) => new Uint8Array(size) }, 1000);
  assert.throws(open, { code: "relay_state_damaged", detail: "relay.db" });
  assert.throws(() => lockForServing(directory), { code: "ERR_SQLITE_ERROR" });
  rmSync(join(directory, "serving.lock"));
  const lock = lockForServing(directory);
  assert.throws(() => lockForServing(directory), { code: "relay_running" });
  lock.release();
  lockForServing(directory).release();
});
