// The web page of a device in a real browser, with a real manager behind the device: log in, see how licensing stands, change
// a setting, synchronise. Needs chromium. With COUNTERSIGN_SCREENSHOTS=<folder> it leaves pictures there.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { makeUser } from "@countersign/device";
import { type Browser, startBrowser } from "./browser.test-support.ts";
import { startPair } from "./device-with-manager.test-support.ts";

const password = "canary-password-5772";

async function startSite(t: TestContext) {
  const stateDirectory = mkdtempSync(join(tmpdir(), "countersign-page-"));
  const wish = { password, publicKeys: [] };
  const users = [
    await makeUser({ ...wish, name: "ada", privilege: 15 }),
    await makeUser({ ...wish, name: "bob", privilege: 1 }),
  ];
  const https = { port: 0, users };
  const pair = await startPair(t, { stateDirectory, opensControlSocket: false, https, hostname: "access-17" });
  t.after(() => rmSync(stateDirectory, { recursive: true, force: true }));
  await pair.say(`license smart trust idtoken ${await pair.token()} all`);
  await pair.pass(3600);
  await pair.say("license smart sync all");
  await pair.pass(600);
  const browser = await startBrowser(t, readFileSync(join(stateDirectory, "https-identity.pem"), "utf8"));
  await browser.open(`https://127.0.0.1:${pair.device.https?.port}/`);
  return { ...pair, browser, stateDirectory };
}

const value = (name: string) => `at("settings").elements["${name}"]`;
const said = (form: string) => `at("${form}").querySelector(".said").textContent`;

async function logIn(browser: Browser, name: string, word = password): Promise<void> {
  await browser.until('!at("login").hidden');
  await browser.evaluate(`(() => {
    at("login").elements.name.value = "${name}";
    at("login").elements.password.value = "${word}";
    at("login").requestSubmit();
  })()`);
}

async function picture(browser: Browser, name: string): Promise<void> {
  const folder = process.env.COUNTERSIGN_SCREENSHOTS;
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  if (folder !== undefined) {
    writeFileSync(join(folder, `${name}.png`), await browser.screenshot("window"));
    writeFileSync(join(folder, `${name}-whole.png`), await browser.screenshot("page"));
  }
}

/** Every field has a name for people who cannot see it, and every text enough contrast (WCAG 2.2, 1.4.3: 4.5 to 1). */
const accessibility = `(() => {
  const channel = (c) => { const s = c / 255; return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; };
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const problems = [];
  for (const field of document.querySelectorAll("input, select")) if (field.labels.length === 0) problems.push("no label: " + field.name);
  for (const node of document.querySelectorAll("main *")) {
    const hasText = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim() !== "");
    if (!hasText || node.checkVisibility() === false || node.disabled || node.closest(":disabled")) continue;
    const [one, other] = [luminance(parse(getComputedStyle(node).color)), luminance(ground(node))].sort((a, b) => b - a);
    if ((one + 0.05) / (other + 0.05) < 4.5) problems.push("contrast: " + node.textContent.trim().slice(0, 40));
  }
  if (document.documentElement.scrollWidth > innerWidth) problems.push("wider than the window");
  return problems;
})()`;

test("[GEN-3] [CLI-27] [DIA-13] [DIA-14] [DIA-15] the page shows how licensing stands, sets what the console sets, and synchronises", async (t) => {
  const { browser, say, device, log, requests, pass } = await startSite(t);
  await browser.resize(900, 1000, false);
  await logIn(browser, "ada", "canary-wrong-0577");
  await browser.until(`${said("login")}.startsWith("Name or password are wrong")`);
  await logIn(browser, "ada");
  await browser.until('!at("page").hidden');
  assert.equal(await browser.evaluate('at("hostname").textContent'), "access-17");
  assert.equal(await browser.evaluate('at("standing").textContent'), "Everything is in order.");
  assert.equal(await browser.evaluate('at("standing").className.trim()'), "lead", "nothing is red");
  const text = String(await browser.evaluate('at("page").innerText'));
  assert.match(text, /Example Corp, Lab/);
  assert.match(text, /network-advantage/);
  assert.match(text, /C9300-48P[\s\S]*installed/);
  assert.match(text, /Acknowledgement due\s+\d+ \w+ \d{4}/);
  for (const [name, isDark, width] of [
    ["device-page", false, 900],
    ["device-page-dark", true, 900],
    ["device-page-phone", false, 360],
    ["device-page-phone-dark", true, 360],
  ] as const) {
    await browser.resize(width, 1000, isDark);
    assert.deepEqual(await browser.evaluate(accessibility), [], name);
    await picture(browser, name);
  }

  await browser.evaluate(`(() => {
    ${value("usage-interval")}.value = "14";
    ${value("url/cslu")}.value = "http://relay.example:8182/cslu/v1/pi";
    ${value("call-home/url")}.value = "https://lab.example/SmartTransport";
    ${value("privacy/hostname")}.checked = true;
    at("settings").dispatchEvent(new Event("input"));
    at("settings").requestSubmit();
  })()`);
  await browser.until(`${said("settings")} === "Saved."`);
  const startup = await say("show startup-config");
  assert.match(startup, /^license boot level network-advantage addon dna-advantage$/m, "what has no field stays");
  assert.match(startup, /^ {2}destination address http https:\/\/lab\.example\/SmartTransport$/m);
  for (const line of ["privacy hostname", "usage interval 14", "url cslu http://relay.example:8182/cslu/v1/pi"]) {
    assert(startup.includes(`license smart ${line}`), line);
  }
  await browser.evaluate(`(() => {
    ${value("vrf")}.value = "nowhere";
    at("settings").dispatchEvent(new Event("input"));
    at("settings").requestSubmit();
  })()`);
  await browser.until(`${said("settings")}.startsWith("VRF nowhere does not exist.")`);
  assert.doesNotMatch(await say("show running-config"), /nowhere/);

  const captures = 'at("captures").innerText.replace(/\\s+/g, " ").trim()';
  assert.match(String(await browser.evaluate(captures)), /^No items to display/);
  await browser.evaluate('at("add-capture").click()');
  assert.deepEqual(await browser.evaluate(accessibility), [], "the dialog");
  await picture(browser, "device-page-capture");
  await browser.evaluate(`(() => {
    at("capture").elements.interface.value = "Vlan10";
    at("capture").requestSubmit();
  })()`);
  await browser.until('!at("capture-dialog").open');
  const start = `[...at("captures").querySelectorAll("button")].find((one) => one.textContent.endsWith("Start"))`;
  await browser.until(`${start} !== undefined`);
  const row = "license Vlan10 Yes 0% any 3600 secs Inactive";
  assert.equal(String(await browser.evaluate(captures)).slice(0, row.length), row);
  await browser.evaluate(`${start}.click()`);
  await browser.until(`${captures}.includes(" Active")`);
  assert.match(await say("show monitor capture license"), /Status : Active/);

  const before = requests.length;
  await browser.evaluate('at("sync").click()');
  await browser.until(`${said("actions")}.startsWith("Asked.")`);
  await pass(60);
  assert(requests.length > before);
  await browser.evaluate('at("logout").click()');
  await browser.until('!at("login").hidden');
  assert.equal(await browser.evaluate('fetch("/session").then(({ status }) => status)'), 401);
  assert.equal(device.https === null, false);
  assert.doesNotMatch(log.join("\n"), /canary/);
  const unexpected = browser.complaints.filter((one) => !/status of 40[019]/.test(one));
  assert.deepEqual(unexpected, [], "nothing broke, and the page's policy stopped nothing of its own");
});

test("who may only read sees the same and can change nothing; red stands for what somebody has to do", async (t) => {
  const { browser, say, pass } = await startSite(t);
  await browser.resize(900, 1000, false);
  await logIn(browser, "bob");
  await browser.until('!at("page").hidden');
  assert.equal(await browser.evaluate('[...at("settings").elements].every((field) => field.disabled)'), true);
  assert.equal(
    await browser.evaluate('at("actions").hidden && at("token").hidden && at("capture-actions").hidden'),
    true,
  );
  await say("license smart factory reset");
  await pass(1);
  await browser.evaluate("show()");
  assert.equal(await browser.evaluate('at("standing").className'), "lead act");
  assert.match(String(await browser.evaluate('at("standing").textContent')), /^Reload the device/);
  assert.deepEqual(await browser.evaluate(accessibility), []);
});
