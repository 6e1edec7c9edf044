// RESTCONF on a real device: the same settings as the console, data that yanglint finds valid, refusals in RFC 8040's form.
// Needs libyang2-tools.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { ConsoleNode } from "../console/command-context.ts";
import { consoleTree } from "../console/console-tree.ts";
import type { LicenseView } from "../license-view.ts";
import { findPlatform } from "../platform/platform-table.ts";
import {
  authorizedRouter,
  classicRefused,
  classicRegistered,
  classicShort,
  nowMs,
  refusedRouter,
} from "../test-support/fixture-views.ts";
import { startHttpsDevice } from "../test-support/https-client.ts";
import { startTestDevice } from "../test-support/test-device.ts";
import { openTestSession } from "../test-support/test-session.ts";
import { licenseSettings } from "./license-settings.ts";
import { dataAt } from "./restconf-data.ts";
import { operations } from "./restconf-operations.ts";
import { stateTree } from "./state-tree.ts";

const yangFolder = fileURLToPath(new URL("../../yang", import.meta.url));
const moduleFile = join(yangFolder, "countersign-license@2026-11-30.yang");
const data = "/restconf/data/countersign-license:license";
const configuration = `${data}/configuration`;
const headers = { "content-type": "application/yang-data+json" };

type Refusal = { readonly "error-app-tag": string; readonly "error-tag": string; readonly "error-path"?: string };
const refusalOf = (text: string): Refusal =>
  (JSON.parse(text) as { "ietf-restconf:errors": { error: [Refusal] } })["ietf-restconf:errors"].error[0];

/** Prints what is wrong and fails for data that the module does not allow. */
function validate(folder: string, type: "data" | "config" | "get", json: string): void {
  const file = join(folder, `instance-${type}.json`);
  writeFileSync(file, json);
  execFileSync("yanglint", ["-t", type, "-f", "json", moduleFile, file], { stdio: ["ignore", "ignore", "pipe"] });
}

async function startRestconf(...[t, options]: Parameters<typeof startHttpsDevice>) {
  const started = await startHttpsDevice(t, options);
  const { ask } = started;
  const json = async (path: string) => JSON.parse((await ask("GET", path)).text) as Record<string, unknown>;
  const edit = (method: string, path: string, value: unknown) =>
    ask(method, path, { headers, body: JSON.stringify(value) });
  return { ...started, json, edit };
}

/** One value for each setting, and the console line that means the same. */
const samples: Readonly<Record<string, readonly [value: string | number | boolean, line: string]>> = {
  hostname: ["edge-7", "hostname edge-7"],
  transport: ["cslu", "license smart transport cslu"],
  "url/smart": ["https://one.example/a", "license smart url smart https://one.example/a"],
  "url/cslu": ["http://relay.example:8182/cslu/v1/pi", "license smart url cslu http://relay.example:8182/cslu/v1/pi"],
  "url/utility": ["https://utility.example/u", "license smart url utility https://utility.example/u"],
  "proxy/address": ["proxy.example", "license smart proxy address proxy.example"],
  "proxy/port": [3128, "license smart proxy port 3128"],
  "proxy/username": ["ada", "license smart proxy username ada"],
  "proxy/password": ["canary-proxy-2236", "license smart proxy password canary-proxy-2236"],
  "privacy/hostname": [true, "license smart privacy hostname"],
  "privacy/version": [true, "license smart privacy version"],
  "usage-interval": [14, "license smart usage interval 14"],
  vrf: ["Mgmt-vrf", "license smart vrf Mgmt-vrf"],
  "custom-id": ["floor-3", "license smart custom_id floor-3"],
  "source-interface": ["Vlan10", "ip http client source-interface Vlan10"],
  "client-trustpoint": ["SLA-TrustPoint", "ip http client secure-trustpoint SLA-TrustPoint"],
  "server-identity-check": [false, "no license smart server-identity-check"],
  "http-client-proxy": ["proxy.example:8080", "ip http client proxy-server proxy.example proxy-port 8080"],
  "revocation-check": ["none", "crypto pki trustpoint SLA-TrustPoint;revocation-check none;exit"],
  "license-level/name": ["network-essentials", "license boot level network-essentials"],
  "license-level/addon": ["dna-essentials", "license boot level network-essentials addon dna-essentials"],
  "call-home/enabled": [false, "no service call-home"],
  "call-home/carries-licensing": [true, "call-home;profile CiscoTAC-1;active;reporting smart-licensing-data;exit;exit"],
  "call-home/profile": [
    "Lab",
    "call-home;profile CiscoTAC-1;no active;no reporting smart-licensing-data;profile Lab;active;reporting smart-licensing-data",
  ],
  "call-home/url": [
    "https://lab.example/licservice/license",
    "destination address http https://lab.example/licservice/license",
  ],
  "call-home/http-proxy": ["proxy.example:3129", "http-proxy proxy.example port 3129"],
  "call-home/source-interface": ["Vlan10", "source-interface Vlan10"],
  "call-home/vrf": ["Mgmt-vrf", "vrf Mgmt-vrf"],
  "call-home/server-identity-check": [false, "no http secure server-identity-check"],
  "call-home/contact-email-address": ["network@lab.example", "contact-email-addr network@lab.example"],
};

/** What the console says to a setting that it takes. */
const sayings = /^% (The custom id is shown|The contact is shown|use 'write' command)/;

function nested(): Record<string, unknown> {
  const tree: Record<string, Record<string, unknown> | unknown> = {};
  for (const [name, [value]] of Object.entries(samples)) {
    const [first = "", second] = name.split("/");
    tree[first] = second === undefined ? value : { ...(tree[first] as object | undefined), [second]: value };
  }
  return tree;
}

const withoutServer = (text: string): string =>
  text
    .split("\n")
    .filter((line) => !/^(ip http (secure|auth)|Current configuration|!$)/.test(line))
    .join("\n");

test("[BET-6] RESTCONF sets every licensing setting of the console, and both give the same configuration", async (t) => {
  const { say, edit, log, stateDirectory, json } = await startRestconf(t);
  const other = await startTestDevice(t);
  assert.deepEqual(
    Object.keys(samples),
    licenseSettings.map(({ path }) => path.join("/")),
  );
  const session = openTestSession(other.device, { columns: 0 });
  await session.type("enable\rconfigure terminal\r", /#$/);
  for (const [, lines] of Object.values(samples)) {
    for (const line of lines.split(";")) await session.type(`${line}\r`);
  }
  const said = session
    .screen()
    .split("\n")
    .filter((line) => line.startsWith("%") && !sayings.test(line));
  assert.deepEqual(said, []);
  const patched = await edit("PATCH", configuration, { "countersign-license:configuration": nested() });
  assert.equal(patched.status, 204, patched.text);
  assert.equal(withoutServer(await say("show running-config")), withoutServer(await other.say("show running-config")));
  const { proxy, ...read } = (await json(configuration))["countersign-license:configuration"] as Record<string, object>;
  assert.deepEqual(proxy, { address: "proxy.example", port: 3128, username: "ada" }, "the password is never read");
  assert.equal(read.transport, "cslu");
  validate(stateDirectory, "config", JSON.stringify(await json(`${data}?content=config`)));
  assert.doesNotMatch(log.join("\n") + (await say("show license all")), /canary/);
});

test("[BET-6] no setting of `license smart` on the console is missing in the model", () => {
  const profile = findPlatform("c9300-stack");
  assert(profile !== undefined);
  const below = (nodes: readonly ConsoleNode[], word: string) =>
    nodes.find(({ part }) => part.type === "keyword" && part.word === word)?.next ?? [];
  const license = below(consoleTree(profile, profile.softwareVersion), "license");
  const smart = below(license, "smart").filter(({ modes }) => modes?.includes("config"));
  const words = smart.map(({ part }) => (part.type === "keyword" ? part.word : ""));
  const named = new Set(licenseSettings.map(({ path }) => path[0]));
  const places: Readonly<Record<string, string>> = { usage: "usage-interval", custom_id: "custom-id" };
  assert(words.length >= 7);
  // Each is answered with the reason why it sets nothing (BET-2).
  const withoutEffect = ["enable", "utility", "reservation"];
  assert.deepEqual(
    words.filter((word) => !named.has(places[word] ?? word) && !withoutEffect.includes(word)),
    [],
  );
});

test("state, configuration and operations are as the module has them, by yanglint", async (t) => {
  const { ask, json, stateDirectory, say } = await startRestconf(t);
  await say("license smart trust idtoken wrong.token all");
  assert.equal((await ask("POST", "/smartlic-service/close-reports")).status, 200);
  const whole = await json(data);
  validate(stateDirectory, "get", JSON.stringify(whole));
  const { state } = whole["countersign-license:license"] as { state: Record<string, unknown> };
  for (const name of ["trust", "policy", "usage", "report", "report-counts", "schedule", "communication"]) {
    assert(name in state, name);
  }
  const [first] = state.report as { id: string; state: string }[];
  assert.deepEqual(await json(`${data}/state/report=${first?.id}`), { "countersign-license:report": [first] });
  const [tag] = (state.usage as { tag: string }[]).map((one) => one.tag);
  const usage = await json(`${data}/state/usage=${encodeURIComponent(tag ?? "")}`);
  assert.equal((usage["countersign-license:usage"] as { tag: string }[])[0]?.tag, tag);
  assert.deepEqual(await json(`${configuration}/transport`), { "countersign-license:transport": "smart" });
  assert.deepEqual(Object.keys((await json("/restconf/data"))["ietf-restconf:data"] as object), [
    "countersign-license:license",
  ]);
  assert.deepEqual(await json("/restconf/yang-library-version"), {
    "ietf-restconf:yang-library-version": "2016-06-21",
  });
  assert.match((await ask("GET", "/.well-known/host-meta")).text, /<Link rel="restconf" href="\/restconf"\/>/);
  const listed = (await json("/restconf/operations"))["ietf-restconf:operations"] as object;
  const tree = execFileSync("yanglint", ["-f", "tree", moduleFile], { encoding: "utf8" });
  const rpcs = [...(tree.split("rpcs:")[1] ?? "").matchAll(/^ {4}\+---x ([\w-]+)/gm)].map(([, name]) => name);
  assert.deepEqual(rpcs.sort(), operations.map(({ name }) => name).sort());
  assert.deepEqual(
    Object.keys(listed),
    operations.map(({ name }) => `countersign-license:${name}`),
  );
  assert.deepEqual(readdirSync(yangFolder), ["countersign-license@2026-11-30.yang"]);
});

test("authorization codes in the state are as the module has them: installed, asked for, refused", async (t) => {
  const { stateDirectory } = await startRestconf(t);
  const treeOf = (view: LicenseView) => stateTree({ view, reports: [], interfaces: [], captures: [] });
  for (const view of [authorizedRouter, refusedRouter]) {
    const whole = { "countersign-license:license": { state: treeOf(view) } };
    validate(stateDirectory, "get", JSON.stringify(whole));
  }
  const authorized = treeOf(authorizedRouter).authorization as { device: readonly Record<string, unknown>[] };
  const [own] = authorizedRouter.slots;
  assert.equal(authorized.device[0]?.["confirmation-code"], own?.authorization?.confirmationCode);
  assert.equal(authorized.device[0]?.["last-return-code"], own?.lastReturnCode);
  const tag = own?.authorization?.licenses[0]?.tag ?? "";
  const license = dataAt({ state: treeOf(authorizedRouter) }, ["state", "authorization", "device=1", `license=${tag}`]);
  assert.deepEqual(license, {
    "countersign-license:license": [{ tag, name: "hseck9", class: "export", count: 1 }],
  });
  const { request, "refusal-code": code } = treeOf(refusedRouter).authorization as Record<string, unknown>;
  assert.deepEqual(request, {
    feature: ["hseck9"],
    udi: ["PID:C8000V,SN:CSL2705E001"],
    attempts: 2,
    "next-attempt-at": new Date(nowMs + 120_000).toISOString(),
    "next-attempt-reason": "back-off after each failed attempt",
    "failure-reason": "Connection timed out",
  });
  assert.equal(code, "authorization_export_not_allowed");
});

test("an authorization code is asked for, and given back, as on the console", async (t) => {
  const { ask, json, say, stateDirectory } = await startRestconf(t, {
    platform: "c8000v",
    features: ["network-advantage", "hseck9"],
  });
  const call = (name: string, input: object) =>
    ask("POST", `/restconf/operations/countersign-license:${name}`, {
      headers,
      body: JSON.stringify({ "countersign-license:input": input }),
    });
  const refusalFrom = async (name: string, input: object) => refusalOf((await call(name, input)).text)["error-app-tag"];
  assert.equal((await call("request-authorization", { feature: "hseck9" })).status, 204);
  assert.match(await say("show license authorization"), /Requested: hseck9\n/);
  const whole = await json(data);
  validate(stateDirectory, "get", JSON.stringify(whole));
  const { state } = whole["countersign-license:license"] as {
    state: { authorization: { request: object }; usage: readonly { authorized: boolean }[] };
  };
  assert.deepEqual(state.authorization.request, {
    feature: ["hseck9"],
    udi: ["PID:C8000V,SN:CSL2705E001"],
    attempts: 0,
    "next-attempt-reason": "trust must be established first",
  });
  assert.ok(state.usage.some(({ authorized }) => !authorized));
  assert.equal(await refusalFrom("request-authorization", { feature: "pigeon" }), "feature_unknown");
  assert.equal(await refusalFrom("save-authorization-request", { file: "flash:request.xml" }), "request_refused");
  for (const way of ["online", "offline"])
    assert.equal(await refusalFrom("return-authorization", { scope: "local", way }), "request_refused");
  const wrong: readonly (readonly [string, object])[] = [
    ["request-authorization", {}],
    ["request-authorization", { feature: "" }],
    ["request-authorization", { feature: "f".repeat(65) }],
    ["request-authorization", { feature: "hseck9", mode: "drop" }],
    ["save-authorization-request", {}],
    ["return-authorization", { way: "pigeon" }],
    ["return-authorization", { file: "flash:return.xml" }],
  ];
  for (const [name, given] of wrong)
    assert.equal(await refusalFrom(name, given), "value_invalid", JSON.stringify(given));
});

test("what a start gave is set back when the rest of an edit is refused, even what no change could set", async (t) => {
  for (const hostname of ["h".repeat(64), "edge 7", "-edge"]) {
    const { edit, say, device } = await startRestconf(t, { hostname });
    const before = await say("show running-config");
    const wanted = { hostname: "edge-9", "http-client-proxy": "proxy.example:1", vrf: "none" };
    const refused = await edit("PATCH", configuration, { "countersign-license:configuration": wanted });
    assert.equal(refusalOf(refused.text)["error-app-tag"], "vrf_unknown");
    assert.equal(device.hostname, hostname);
    assert.equal(device.agent.state().installation.hostname, hostname, "messages to the manager carry it");
    assert.equal(await say("show running-config"), before);
  }
});

test("an edit that is refused changes nothing, and says where and why in RFC 8040's form", async (t) => {
  const { ask, edit, say } = await startRestconf(t);
  const before = await say("show running-config");
  const body = (members: object) => ({ "countersign-license:configuration": members });
  const refused = await edit(
    "PATCH",
    configuration,
    body({ transport: "off", privacy: { hostname: true }, vrf: "none" }),
  );
  assert.equal(refused.status, 409);
  assert.equal(refused.headers["content-type"], "application/yang-data+json");
  assert.deepEqual(
    [refusalOf(refused.text)["error-app-tag"], refusalOf(refused.text)["error-tag"]],
    ["vrf_unknown", "operation-failed"],
  );
  const wrong: readonly (readonly [object, string])[] = [
    [{ transport: "pigeon" }, "value_invalid"],
    [{ "usage-interval": 0 }, "value_invalid"],
    [{ "usage-interval": 3651 }, "value_invalid"],
    [{ proxy: { port: 65_536 } }, "value_invalid"],
    [{ proxy: "x" }, "value_invalid"],
    [{ url: { smart: "h".repeat(2049) } }, "value_invalid"],
    [{ url: { smart: "pigeon://x" } }, "url_invalid"],
    [{ colour: "red" }, "member_unknown"],
    [{ "license-level": { name: "pigeon" } }, "license_level_not_offered"],
    [{ "license-level": { name: "network-essentials", addon: "dna-advantage" } }, "license_level_not_offered"],
    [{ "http-client-proxy": "proxy.example:65536" }, "value_invalid"],
    [{ "revocation-check": "none", "call-home": { profile: "Lab", vrf: "none" } }, "vrf_unknown"],
    [{ "http-client-proxy": "proxy.example:1", "call-home": { url: "pigeon://x" } }, "setting_refused"],
  ];
  for (const [members, code] of wrong) {
    const { text } = await edit("PATCH", configuration, body({ transport: "off", ...members }));
    assert.equal(refusalOf(text)["error-app-tag"], code, JSON.stringify(members).slice(0, 80));
  }
  const unknown = refusalOf((await edit("PATCH", configuration, body({ url: { x: "" } }))).text);
  assert.equal(unknown["error-path"], "/countersign-license:license/configuration/url/x");
  assert.equal(
    refusalOf((await ask("PATCH", configuration, { body: "{}" })).text)["error-app-tag"],
    "media_type_unsupported",
  );
  const state = await ask("DELETE", `${data}/state`);
  assert.deepEqual([state.status, state.headers.allow], [405, "GET, HEAD"]);
  assert.equal((await ask("GET", `${data}/state/report=1`)).status, 404);
  assert.equal((await ask("GET", `${data}?depth=1`)).status, 400);
  assert.equal(await say("show running-config"), before);
});

test("[BET-6] a name that is removed is the platform's again, as `no hostname` makes it", async (t) => {
  const { ask, edit, say, json, device } = await startRestconf(t);
  const ofPlatform = device.hostname;
  const leaf = { "countersign-license:hostname": "edge-9" };
  assert.equal((await edit("PUT", `${configuration}/hostname`, leaf)).status, 204);
  assert.equal(device.hostname, "edge-9");
  assert.equal((await ask("DELETE", `${configuration}/hostname`)).status, 204);
  assert.equal(device.hostname, ofPlatform);
  assert.deepEqual(await json(`${configuration}/hostname`), { "countersign-license:hostname": ofPlatform });
  assert.match(await say("show running-config"), new RegExp(`^hostname ${ofPlatform}$`, "m"));
  await edit("PATCH", configuration, { "countersign-license:configuration": { hostname: "edge-9" } });
  assert.equal((await edit("PUT", configuration, { "countersign-license:configuration": {} })).status, 204);
  assert.equal(device.hostname, ofPlatform);
});

test("put replaces, delete sets back to the default, a password that nobody can read stays", async (t) => {
  const { ask, edit, json, say, stateDirectory, device } = await startRestconf(t);
  await say("license smart proxy password canary-proxy-3606");
  const leaf = (value: unknown) => ({ "countersign-license:usage-interval": value });
  assert.equal((await edit("PUT", `${configuration}/usage-interval`, leaf(1))).status, 201);
  assert.equal((await edit("PUT", `${configuration}/usage-interval`, leaf(3650))).status, 204);
  assert.match(await say("show running-config"), /usage interval 3650/);
  assert.equal((await ask("DELETE", `${configuration}/usage-interval`)).status, 204);
  assert.doesNotMatch(await say("show running-config"), /usage interval/);
  await edit("PATCH", configuration, {
    "countersign-license:configuration": { privacy: { version: true }, vrf: "Mgmt-vrf" },
  });
  const put = await edit("PUT", configuration, {
    "countersign-license:configuration": { hostname: "edge-9", transport: "off" },
  });
  assert.equal(put.status, 204, put.text);
  const read = (await json(configuration))["countersign-license:configuration"] as Record<string, unknown>;
  assert.deepEqual(
    [read.hostname, read.transport, read.vrf, read["usage-interval"]],
    ["edge-9", "off", undefined, undefined],
  );
  assert.deepEqual(read.privacy, { hostname: false, version: false });
  validate(stateDirectory, "config", JSON.stringify({ "countersign-license:license": { configuration: read } }));
  assert.equal(device.hostname, "edge-9");
  // What was read can be given back, also while no profile of Call Home carries licensing.
  await edit("PATCH", configuration, {
    "countersign-license:configuration": { "call-home": { profile: "Lab", url: "https://lab.example/a" } },
  });
  await edit("PATCH", configuration, {
    "countersign-license:configuration": { "call-home": { "carries-licensing": false } },
  });
  const given = await say("show running-config");
  assert.match(given, / profile "Lab"\n {2}active\n {2}destination/);
  assert.equal((await edit("PUT", configuration, await json(configuration))).status, 204);
  assert.equal(await say("show running-config"), given);
  assert.match(readFileSync(join(stateDirectory, "device.json"), "utf8"), /canary-proxy-3606/);
});

test("operations do what the console's commands do, and refuse what the module does not have", async (t) => {
  const { ask, say, log, stateDirectory } = await startRestconf(t);
  const call = (name: string, input?: object) =>
    ask("POST", `/restconf/operations/countersign-license:${name}`, {
      headers,
      ...(input === undefined ? {} : { body: JSON.stringify({ "countersign-license:input": input }) }),
    });
  assert.equal((await call("close-reports")).status, 204);
  assert.equal((await call("save-usage", { file: "flash:usage.xml", unreported: [null] })).status, 204);
  assert.match(await say("show license rum id all"), /UNACK/);
  assert.equal(refusalOf((await call("import", { file: "flash:usage.xml" })).text)["error-app-tag"], "import_refused");
  assert.equal(
    refusalOf((await call("import", { file: "flash:../device.json" })).text)["error-app-tag"],
    "path_outside_flash",
  );
  assert.equal(
    refusalOf((await call("import", { file: "flash:none" })).text)["error-app-tag"],
    "flash_file_unreadable",
  );
  assert.equal((await call("save-trust-request", { file: "flash:trust.xml" })).status, 204);
  const request = readFileSync(join(stateDirectory, "flash", "trust.xml"), "utf8");
  assert.match(request, /<smartLicenseTrustRequest>.*CSL2701A001.*CSL2701A003/);
  const define = { name: "license", interface: "vl 10", "buffer-megabytes": 100, "duration-seconds": 3600 };
  assert.equal((await call("define-capture", define)).status, 204);
  assert.equal((await call("capture", { name: "license", act: "start" })).status, 204);
  assert.match(await say("show monitor capture license"), /Interface: Vlan10, Direction: BOTH\n {3}Status : Active/);
  const exported = await call("export-capture", { name: "license", file: "flash:license.pcapng" });
  assert.equal(refusalOf(exported.text)["error-app-tag"], "capture_empty");
  const trust = await call("trust", { token: "canary-token-1414" });
  assert(trust.status === 204 || trust.status === 409, trust.text);
  assert.equal((await call("sync", { scope: "all" })).status < 500, true);
  assert.equal((await call("factory-reset", { what: "policy" })).status, 204);
  const wrong: readonly (readonly [string, object])[] = [
    ["trust", {}],
    ["trust", { token: "t".repeat(4097) }],
    ["sync", { scope: "some" }],
    ["save-usage", { file: "flash:x", days: 0 }],
    ["save-usage", { file: "flash:x", all: [null], days: 1 }],
    ["save-trust-request", {}],
    ["factory-reset", { what: "everything" }],
    ["close-reports", { now: true }],
    ["define-capture", { ...define, "buffer-megabytes": 101 }],
    ["define-capture", { ...define, "duration-seconds": 1_000_001 }],
    ["define-capture", { ...define, "packets-max": 100_001 }],
    ["define-capture", { ...define, name: "a b" }],
    ["capture", { name: "license", act: "pause" }],
  ];
  for (const [name, given] of wrong) {
    assert.equal(
      refusalOf((await call(name, given)).text)["error-app-tag"],
      "value_invalid",
      JSON.stringify(given).slice(0, 60),
    );
  }
  assert.doesNotMatch(log.join("\n"), /canary/);
});

test("[GEN-1] [GEN-6] [BET-6] a device in the classic model says so in the state, and registers by an operation as by the console", async (t) => {
  const { ask, json, say, stateDirectory } = await startRestconf(t, { platform: "isr4331" });
  const call = (name: string, input?: object) =>
    ask("POST", `/restconf/operations/countersign-license:${name}`, {
      headers,
      ...(input === undefined ? {} : { body: JSON.stringify({ "countersign-license:input": input }) }),
    });
  const stateOf = async () => {
    const whole = await json(data);
    validate(stateDirectory, "get", JSON.stringify(whole));
    return (whole["countersign-license:license"] as { state: Record<string, unknown> }).state;
  };
  const { "registration-model": model, classic } = await stateOf();
  assert.equal(model, "classic");
  assert.deepEqual(classic, {
    registration: "unregistered",
    authorization: "EVAL MODE",
    "evaluation-remaining": 7_776_000,
    shortage: [],
  });
  assert.equal(refusalOf((await call("deregister")).text)["error-app-tag"], "request_refused");
  assert.equal((await call("register", { token: "abc" })).status, 204);
  assert.match(await say("show license status"), /^ {2}Status: REGISTERING - REGISTRATION IN PROGRESS$/m);
  assert.equal((await call("deregister")).status, 204);
  // It waits for the answer, which may come yet (docs/decisions/0241).
  const waiting = await say("show license status");
  assert.match(waiting, /^ {2}Status: REGISTERING - REGISTRATION IN PROGRESS\n {2}Deregistration: PENDING$/m);
  assert.match(waiting, /^ {4}Pending reason: Waiting for the answer to the registration/m);
  assert.doesNotMatch(waiting, /Next Registration Attempt/);
  for (const [name, input] of [
    ["renew", { what: "id" }],
    ["trust", { token: "abc" }],
  ] as const)
    assert.equal(refusalOf((await call(name, input)).text)["error-app-tag"], "request_refused");
  for (const [name, input] of [
    ["register", {}],
    ["register", { token: "abc", scope: "all" }],
    ["renew", { what: "all" }],
    ["deregister", { now: true }],
  ] as const)
    assert.equal(refusalOf((await call(name, input)).text)["error-app-tag"], "value_invalid");
  for (const view of [classicRegistered, classicShort, classicRefused]) {
    const tree = stateTree({ view, reports: [], interfaces: [], captures: [] });
    validate(stateDirectory, "get", JSON.stringify({ "countersign-license:license": { state: tree } }));
  }
});
