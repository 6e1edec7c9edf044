// Trustpoints on a device with a real manager: the pasted certificate decides whom TLS believes, the list of revoked
// certificates is fetched before anything is sent, and what was not saved is lost at a reload.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Console, managerName, type Served, serveManager, startSwitch } from "./served-manager.test-support.ts";

const installed = /%SMART_LIC-6-TRUST_INSTALL_SUCCESS/;
const named = ["enable", "configure terminal", `ip host ${managerName} 127.0.0.1`, "license smart url default"];
const ownListUrl = (port: number) => `https://127.0.0.1:${port}/pki/issuing-ca.crl`;
/** Nobody listens on this port of loopback: it is reserved, and only root could. */
const deadListUrl = () => "http://127.0.0.1:1/issuing-ca.crl";

async function seekTrust({ type }: Console, served: Served): Promise<void> {
  await type("end", `license smart trust idtoken ${await served.token()} all force`);
}

test("[CLI-19] [SEC-11] [SEC-12] [SEC-5] a pasted certificate is shown, asked about, and then believed", async (t) => {
  const served = await serveManager(t);
  const console = await startSwitch(t, served);
  const { type, logged } = console;
  await type(...named, "crypto pki trustpoint LicRoot", "enrollment terminal", "revocation-check none", "exit");
  await type("ip http client secure-trustpoint LicRoot");
  await seekTrust(console, served);
  await logged(/%SMART_LIC-3-COMM_FAILED: .* : The server's TLS certificate does not end in a trusted root/);
  await type("configure terminal");
  const pem = served.rootCertificatePem.trim().split("\n");
  const asked = await type(["crypto pki authenticate LicRoot", ...pem, "quit"].join("\r"));
  assert.match(
    asked,
    /Enter the base 64 encoded CA certificate\.\nEnd with a blank line or the word "quit" on a line by itself\n/,
  );
  assert.match(asked, /attributes:\n {7}Fingerprint MD5: (\w{8} ){4}\n {6}Fingerprint SHA1: (\w{8} ){5}\n$/);
  assert.match(await type("yes"), /^Trustpoint CA certificate accepted\.\n% Certificate successfully imported\n/);
  await seekTrust(console, served);
  await logged(installed);
  assert.match(
    await type("show crypto pki trustpoints"),
    /^Trustpoint LicRoot:\n {4}Subject Name: \n {4}o=Countersign$/m,
  );
  assert.match(await type("show crypto pki certificates LicRoot"), /Associated Trustpoints: LicRoot $/m);
});

test("[SEC-10] [LOG-12] [BET-35] an imported certificate that was not saved is lost at a reload, trust is not", async (t) => {
  const served = await serveManager(t);
  const console = await startSwitch(t, served);
  const { type, log, logged, device } = console;
  await type(...named, "end", "write memory");
  await seekTrust(console, served);
  await logged(/%PKI-6-CONFIGAUTOSAVE: Running configuration saved to NVRAM/);
  await logged(installed);
  await type("configure terminal", "crypto pki trustpoint LicRoot", "enrollment terminal");
  const pem = served.rootCertificatePem.trim().split("\n");
  await type(["crypto pki authenticate LicRoot", ...pem, ""].join("\r"), "yes");
  assert.ok(
    log.some((line) => /%PKI-4-NOCONFIGAUTOSAVE: Configuration was modified\. Issue "write memory"/.test(line)),
  );
  await device.execute("reload");
  assert.ok(log.some((line) => /%SMART_LIC-4-CONFIG_NOT_SAVED/.test(line)));
  const shown = (await device.execute("show crypto pki trustpoints")).output;
  assert.match(shown, /^Trustpoint SLA-TrustPoint:$/m);
  assert.doesNotMatch(shown, /LicRoot/);
  assert.equal(
    (await device.execute("show license status | count INSTALLED on")).output,
    "Number of lines which match regexp = 3",
  );
});

test("[LOG-12] trust on a device with unsaved configuration says that it was not saved", async (t) => {
  const served = await serveManager(t);
  const console = await startSwitch(t, served);
  await console.type(...named);
  await seekTrust(console, served);
  await console.logged(/%PKI-4-NOCONFIGAUTOSAVE: .* Issue "write memory" to save new IOS PKI configuration/);
  await console.logged(installed);
  assert.ok(!console.log.some((line) => /%PKI-6-CONFIGAUTOSAVE/.test(line)));
});

test("[BET-25] with revocation-check crl the manager's own list is fetched, and found good", async (t) => {
  const served = await serveManager(t, ownListUrl);
  const console = await startSwitch(t, served);
  await console.type(...named, "ip http client source-interface Vlan10");
  await console.type("crypto pki trustpoint SLA-TrustPoint", "revocation-check crl");
  await seekTrust(console, served);
  await console.logged(installed);
  assert.ok(served.callers.length >= 2, "the list was fetched over a connection of its own");
  assert.deepEqual(new Set(served.callers), new Set(["127.0.0.21"]));
  assert.ok(!console.log.some((line) => /%PKI-3/.test(line)));
});

test("[LOG-7] [BET-33] revocation-check crl refuses a server whose list cannot be had, and names stage and reason", async (t) => {
  const served = await serveManager(t, deadListUrl);
  const console = await startSwitch(t, served);
  await console.type(...named, "crypto pki trustpoint SLA-TrustPoint", "revocation-check crl");
  await seekTrust(console, served);
  const line = await console.logged(/%PKI-3-CRL_FETCH_FAIL/);
  assert.match(line, /CRL fetch for trustpoint SLA-TrustPoint failed Reason : .*ECONNREFUSED/);
  await console.logged(
    /%SMART_LIC-3-COMM_FAILED: .* : Whether the server's TLS certificate was revoked cannot be found out/,
  );
  const failure = console.device.agent.state().trust.attempt?.lastFailure;
  assert.deepEqual([failure?.stage, failure?.code], ["tls", "revocation_unknown"]);
});

test("[LOG-7] [CLI-12] [BET-25] a dead host of lists stops nobody by default, and is not asked with revocation-check none", async (t) => {
  const served = await serveManager(t, deadListUrl);
  const lenient = await startSwitch(t, served);
  await lenient.type(...named);
  await seekTrust(lenient, served);
  await lenient.logged(/%PKI-3-CRL_FETCH_FAIL: CRL fetch for trustpoint SLA-TrustPoint failed/);
  await lenient.logged(installed);
  const silent = await startSwitch(t, served, { hostname: "access-2" });
  await silent.type(...named, "crypto pki trustpoint SLA-TrustPoint", "revocation-check none");
  await seekTrust(silent, served);
  await silent.logged(installed);
  assert.ok(!silent.log.some((line) => /%PKI-3/.test(line)));
});

test("[SEC-3] [SEC-4] [CLI-2] [TRN-9] a manager that requires a certificate gets the trustpoint's that is chosen, and never one of authorities", async (t) => {
  const served = await serveManager(t, undefined, { clientCertificates: "require" });
  const console = await startSwitch(t, served, { platform: "c9800-40" });
  const { type, logged } = console;
  await type(...named, "end");
  const shown = await type("show crypto pki trustpoints");
  assert.match(
    shown,
    /^Trustpoint CISCO_IDEVID_SUDI:\n {4}Subject Name: \n {4}serialnumber=PID:C9800-40-K9 SN:CSL2714P001$/im,
  );
  const selfSigned = /^Trustpoint (TP-self-signed-\d{10}):$/m.exec(shown)?.[1] ?? "";
  assert.match(await type(`show crypto pki certificates ${selfSigned}`), /^Router Self-Signed Certificate$/m);
  await type("configure terminal", "crypto pki trustpoint LicRoot", "enrollment terminal", "revocation-check none");
  await type(
    ["crypto pki authenticate LicRoot", ...served.rootCertificatePem.trim().split("\n"), "quit"].join("\r"),
    "yes",
  );
  assert.equal(await type("ip http client secure-trustpoint LicRoot"), "");
  await seekTrust(console, served);
  await logged(/TRUST_CODE_INSTALL_FAILED: .*: The device shows no certificate in the TLS handshake/);
  for (const trustpoint of [selfSigned, "CISCO_IDEVID_SUDI"]) {
    await type("configure terminal", `ip http client secure-trustpoint ${trustpoint}`);
    const installedBefore = console.log.filter((line) => installed.test(line)).length;
    await seekTrust(console, served);
    await console.loggedTimes(installed, installedBefore + 1);
  }
  const virtual = await startSwitch(t, served, { platform: "c9800-cl" });
  assert.doesNotMatch(await virtual.type("show crypto pki trustpoints"), /CISCO_IDEVID_SUDI/);
  assert.match(
    (await virtual.device.execute("ip http client secure-trustpoint CISCO_IDEVID_SUDI")).output,
    /Trustpoint CISCO_IDEVID_SUDI does not exist/,
  );
});
