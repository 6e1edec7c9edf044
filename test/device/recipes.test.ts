// The recipes of the documents, typed command by command on a device, against a real manager over HTTPS.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Console,
  managerName,
  serveManager,
  startNameServer,
  startProxy,
  startSwitch,
} from "./served-manager.test-support.ts";

const installed = /%SMART_LIC-6-TRUST_INSTALL_SUCCESS/;

/** Types the lines; each must be taken without a word, but for those that answer. */
async function follow({ type }: Console, lines: readonly string[]): Promise<void> {
  for (const line of lines) assert.doesNotMatch(await type(line), /^\s*(%|\^)/, line);
}

async function trusts(console: Console, token: string): Promise<void> {
  assert.match(await console.type(`license smart trust idtoken ${token} all force`), /^\[OK\]/);
  await console.logged(installed);
}

test("[CLI-28] [CLI-1] [CLI-2] [TRN-8] [TRN-9] [TRN-17] the direct recipe: trust comes, from the source interface", async (t) => {
  const served = await serveManager(t);
  const console = await startSwitch(t, served);
  await follow(console, [
    ...["enable", "configure terminal", `ip host ${managerName} 127.0.0.1`],
    ...["ip http client source-interface vlan 10", "ip http client secure-trustpoint SLA-TrustPoint"],
    ...["license smart transport smart", "license smart url default", "exit", "write memory", "terminal monitor"],
  ]);
  await trusts(console, await served.token());
  assert.deepEqual(new Set(served.callers), new Set(["127.0.0.21"]));
  assert.match(
    await console.type("show ip interface brief | exclude unassigned"),
    /^Vlan10 +127\.0\.0\.21 +YES manual up +up$/m,
  );
  assert.match(await console.type("show crypto pki trustpoints status"), /Keys generated \.+ Yes/);
  assert.ok(console.log.some((line) => /%PKI-6-CONFIGAUTOSAVE/.test(line)));
});

test("[TRU-8] [ONP-2] [TOP-3] [CLI-30] [CLI-12] [TRN-6] the on-premises recipe: trust comes by itself, nobody enters a token", async (t) => {
  const served = await serveManager(t, undefined, { role: "onprem" });
  const { promise: acknowledged, resolve } = Promise.withResolvers<unknown>();
  const console = await startSwitch(t, served, { on: { acknowledged: resolve } });
  await follow(console, [
    ...["enable", "configure terminal", `ip host ${managerName} 127.0.0.1`],
    ...["ip http client source-interface Vlan10", "ip http client secure-trustpoint SLA-TrustPoint"],
    ...["license smart transport cslu", `license smart url https://${managerName}:${served.port}/SmartTransport`],
    ...["crypto pki trustpoint SLA-TrustPoint", "revocation-check none", "exit", "exit", "write memory"],
  ]);
  await console.logged(installed);
  assert.match(
    await console.type("show running-config"),
    /^crypto pki trustpoint SLA-TrustPoint\n revocation-check none$/m,
  );
  assert.match(await console.type("show license status"), /Virtual Account: DEFAULT/);
  await console.type("license smart sync all");
  await acknowledged;
});

test("[ONP-4] [TRN-5] [FAIL-15] the CSLU address names the account; where a list of revoked certificates is demanded there is none to fetch", async (t) => {
  const served = await serveManager(t, undefined, { role: "onprem" });
  const console = await startSwitch(t, served);
  const failing = console.logged(/%PKI-3-CRL_FETCH_FAIL: CRL fetch for trustpoint SLA-TrustPoint failed/);
  await follow(console, [
    ...["enable", "configure terminal", `ip host ${managerName} 127.0.0.1`],
    ...["crypto pki trustpoint SLA-TrustPoint", "revocation-check crl", "exit", "license smart transport cslu"],
    `license smart url cslu https://${managerName}:${served.port}/cslu/v1/pi/L%61b-1`,
  ]);
  await failing;
  await console.logged(/COMM_FAILED.*names no list/);
  await follow(console, ["crypto pki trustpoint SLA-TrustPoint", "revocation-check none", "exit"]);
  // The next attempt is a minute away; an address that is given anew is tried at once.
  await follow(console, [
    "no license smart url cslu",
    `license smart url cslu https://${managerName}:${served.port}/cslu/v1/pi/L%61b-1`,
  ]);
  await console.type("end");
  await console.logged(installed);
  assert.match(await console.type("show license status"), /Virtual Account: Lab/);
});

test("[CLI-31] [CLI-5] [TRN-20] [TRN-21] the proxy recipe: the proxy's name is looked up, the manager's is the proxy's affair", async (t) => {
  const [served, proxy] = [await serveManager(t), await startProxy(t)];
  const console = await startSwitch(t, served);
  await follow(console, [
    ...["enable", "configure terminal", "ip host proxy.lab.test 127.0.0.1"],
    ...["ip http client source-interface Vlan10", "ip http client secure-trustpoint SLA-TrustPoint"],
    ...["license smart transport smart", "license smart url default", "license smart proxy address proxy.lab.test"],
    ...[`license smart proxy port ${proxy.port}`, "exit", "write memory"],
  ]);
  await trusts(console, await served.token());
  assert.deepEqual(new Set(proxy.tunnels), new Set([`${managerName}:${served.port}`]));
});

test("[TRU-24] [CLI-32] [CLI-18] [TRN-7] [TRN-12] the switch recipe: a name server answers with several addresses, one of which is alive", async (t) => {
  const served = await serveManager(t);
  const names = await startNameServer(
    t,
    `host-record=${managerName},127.0.0.91`,
    `host-record=${managerName},127.0.0.1`,
  );
  const console = await startSwitch(t, served, {
    nameServerPort: names.port,
    defaultSmartUrl: served.url.replace(managerName, "manager"),
  });
  await follow(console, [
    ...["enable", "configure terminal", "no license smart server-identity-check"],
    ...["license smart transport smart", "license smart url default", "ip domain lookup", "ip name-server 127.0.0.1"],
    ...["ip domain name lab.test", "ip domain lookup source-interface Vlan10", "exit"],
  ]);
  await trusts(console, await served.token());
  assert.match(await console.type("show license status | section Trust Code"), /INSTALLED on \w{3} \d\d/);
  const added = "PID:C9300-48P,SN:CSL2701A001";
  assert.ok(
    (await served.events()).some((message) => message.endsWith(`added: ${added}`)),
    "the account's event log",
  );
  assert.ok(
    names.lines.some((line) => line.includes("127.0.0.21/") && line.includes(`A] ${managerName}`)),
    names.lines.join("\n"),
  );
  assert.match(await console.type("show hosts"), /^manager +\(temp, OK\) +0 +IP +127\.0\.0\.\d+ {2}127\.0\.0\.\d+$/m);
  assert.match(await console.type(`telnet manager ${served.port}`), /Trying manager \(127\.0\.0\.1, \d+\)\.\.\. Open/);
});

test("[CLI-6] [TRN-13] [TRN-14] [TRN-16] in a VRF, its interface and its name server carry licensing", async (t) => {
  const served = await serveManager(t);
  const names = await startNameServer(t, `host-record=${managerName},127.0.0.1`);
  const console = await startSwitch(t, served, { nameServerPort: names.port });
  await follow(console, [
    ...["enable", "configure terminal", "ip name-server vrf Mgmt-vrf 127.0.0.1"],
    ...["license smart transport smart", "license smart url default", "license smart vrf Mgmt-vrf", "end"],
  ]);
  await trusts(console, await served.token());
  assert.deepEqual(new Set(served.callers), new Set(["127.0.0.22"]));
});

test("[TRN-1] [TOP-7] [CLI-15] [TRN-19] by Call Home licensing goes to the address of its profile, in the VRF of Call Home", async (t) => {
  const served = await serveManager(t);
  const names = await startNameServer(t, `host-record=${managerName},127.0.0.1`);
  const console = await startSwitch(t, served, { nameServerPort: names.port, defaultSmartUrl: "https://127.0.0.1:1/" });
  await follow(console, [
    ...["enable", "configure terminal", "ip name-server vrf Mgmt-vrf 127.0.0.1", "call-home", "vrf Mgmt-vrf"],
    ...['profile "CiscoTAC-1"', `destination address http https://${managerName}:${served.port}/SmartTransport`],
    ...["license smart transport callhome", "end", "write memory"],
  ]);
  await trusts(console, await served.token());
  assert.deepEqual(new Set(served.callers), new Set(["127.0.0.22"]));
  const shown = `  URL: https://${managerName}:${served.port}/SmartTransport`;
  for (const command of ["status", "all", "tech support"])
    assert.ok((await console.type(`show license ${command}`)).split("\n").includes(shown), command);
});

test("[TRN-30] a manager that is not reached is told by what is in the way: the port, or the interface that licensing leaves from", async (t) => {
  const served = await serveManager(t);
  // Nobody listens there.
  const port = 1;
  const console = await startSwitch(t, served, {
    defaultSmartUrl: `https://${managerName}:${port}/licservice/license`,
  });
  await follow(console, [
    ...["enable", "configure terminal", `ip host ${managerName} 127.0.0.1`],
    ...["ip http client source-interface vlan 10", "license smart transport smart", "end"],
  ]);
  assert.match(await console.type(`license smart trust idtoken ${await served.token()} all force`), /^\[OK\]/);
  await console.logged(new RegExp(`%SMART_LIC-3-COMM_FAILED: .*Connection refused \\(${managerName}:${port}\\)`));
  assert.match(
    await console.type(`telnet ${managerName} ${port}`),
    new RegExp(`^Trying ${managerName} \\(127\\.0\\.0\\.1, ${port}\\)\\.\\.\\.\n% Connection refused by remote host`),
  );
  assert.match(await console.type("show ip cef 127.0.0.1"), /the next hop is chosen by the machine/);
  await follow(console, ["configure terminal", "interface vlan 10", "shutdown", "end"]);
  assert.match(await console.type(`license smart trust idtoken ${await served.token()} all force`), /^\[OK\]/);
  await console.logged(/Host or network unreachable \(Vlan10 is administratively down\)/);
});
