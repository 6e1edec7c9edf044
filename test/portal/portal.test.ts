// The portal in a real browser, over the real HTTPS server: somebody signs in, sees that a ledger was rewritten because a real
// device found it out, marks that as handled, and signs out; by keyboard alone. Needs chromium. With
// COUNTERSIGN_SCREENSHOTS=<folder> it leaves pictures there.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { connect } from "node:tls";
import { startDevice } from "@countersign/device";
import { type LicenseView, startManager } from "@countersign/manager";
import { formatUdi } from "@countersign/protocol";
import { type Browser, startBrowser } from "../device/browser.test-support.ts";
import { startWatchedDevice } from "../device/watched-device.test-support.ts";

/** The device lives through some days of its own before the browser looks, at the time that it is. */
const dayMs = 86_400_000;
const cause = { kind: "local" } as const;

/** A manager whose data was put back from an older copy, in place, after a device had seen more; and that device said so. */
async function withRewrittenLedger(
  t: TestContext,
  use: (manager: Running, bearer: string, carried: Carried) => Promise<void>,
) {
  const { manager, device, report, pass } = await startWatchedDevice(t, Date.now() - 3 * dayMs);
  await report();
  const copy = join(manager.folder, "copy");
  await manager.whileStopped(() => cpSync(manager.dataDirectory, copy, { recursive: true }));
  await report();
  await manager.whileStopped(() => {
    rmSync(manager.dataDirectory, { recursive: true });
    cpSync(copy, manager.dataDirectory, { recursive: true });
  });
  await report();
  await pass(86_400);
  const carried = { usage: join(manager.folder, "usage.xml"), broken: join(manager.folder, "broken.xml") };
  await device.agent.saveUsage("all", carried.usage);
  writeFileSync(carried.broken, "<smartLicense><RUMReport>");
  const { bearer } = await manager.now().administration.addOperator({ name: "ada", cause });
  await manager.whileStopped(async () => {
    const { dataDirectory } = manager;
    const running = await startManager({ dataDirectory, port: 0, logLevel: "silent", isProcessMeasured: false });
    try {
      await use(running, bearer, carried);
    } finally {
      await running.stop();
    }
  });
}
type Running = Awaited<ReturnType<typeof startManager>>;
/** Paths of files that somebody brings from a site without a connection. */
type Carried = { readonly usage: string; readonly broken: string };

/** PEM of the certificate that a server shows. */
function certificateOf({ port }: Running): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      const certificate = socket.getPeerX509Certificate();
      socket.destroy();
      if (certificate === undefined) reject(new Error("no certificate was shown"));
      else resolve(certificate.toString());
    });
    socket.on("error", reject);
  });
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What a checker of accessibility finds wrong with what is shown now, and whether it is wider than the window. */
async function problemsOf(browser: Browser, rules: "all" | "colours"): Promise<unknown> {
  const only = rules === "all" ? "" : 'runOnly: ["color-contrast"], ';
  return browser.evaluate(`(async () => {
    if (window.axe === undefined) { ${axe} }
    const { violations, passes } = await window.axe.run(document, { ${only}resultTypes: ["violations"] });
    const found = violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html.slice(0, 120)).join(" | "));
    if (passes.length === 0) found.push("nothing was checked");
    if (document.documentElement.scrollWidth > innerWidth) found.push("wider than the window");
    return found;
  })()`);
}

const sizes = { wide: [1280, 800], phone: [390, 844] } as const;

/** Looks at what is shown in both sizes and both colours; each size and each colour is checked once. */
async function look(browser: Browser, name: string): Promise<void> {
  const folder = process.env.COUNTERSIGN_SCREENSHOTS;
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  for (const [size, [width, height]] of Object.entries(sizes)) {
    for (const isDark of [false, true]) {
      if (folder === undefined && isDark !== (size === "phone")) continue;
      await browser.resize(width, height, isDark);
      const shown = `${name}-${size}-${isDark ? "dark" : "light"}`;
      if (folder !== undefined) writeFileSync(join(folder, `${shown}.png`), await browser.screenshot("page"));
      if (isDark !== (size === "phone")) continue;
      assert.deepEqual(await problemsOf(browser, isDark ? "colours" : "all"), [], shown);
    }
  }
  await browser.resize(1280, 800, false);
}

const text = (selector: string) => `document.querySelector(${JSON.stringify(selector)})?.textContent ?? ""`;
const heading = (words: string) => `(${text("h1")}).includes(${JSON.stringify(words)})`;

/** Goes on with Tab until what has the focus says these words; the focus must be to be seen on all of the way. */
async function tabTo(browser: Browser, words: string): Promise<void> {
  const seen: unknown[] = [];
  for (let presses = 0; presses < 60; presses += 1) {
    await browser.press("Tab");
    const [focused, isVisible] = (await browser.evaluate(`(() => {
      const at = document.activeElement;
      // Once around: the browser's own frame has the focus.
      if (at === document.body) return ["", true];
      const name = at.labels?.length ? at.labels[0].textContent : at.textContent;
      return [name, getComputedStyle(at).outlineStyle !== "none"];
    })()`)) as [string, boolean];
    seen.push(focused.slice(0, 40));
    assert.ok(isVisible, `the focus on ${focused} is not to be seen`);
    if (focused.includes(words)) return;
  }
  assert.fail(`${words} is not reached: ${seen.join(" · ")}`);
}

async function signIn(browser: Browser, token: string): Promise<void> {
  await browser.until('document.activeElement?.type === "password"');
  await browser.type(token);
  await browser.press("Enter");
}

async function handleByKeyboard({ browser, running, bearer }: Site): Promise<void> {
  const { administration } = running.manager;
  await signIn(browser, "countersign-operator-wrong");
  await browser.until(`(${text(".sign-in .failure")}).includes("not known")`);
  await look(browser, "sign-in");
  await signIn(browser, bearer);
  await browser.until(heading("1 thing needs you now"));
  await look(browser, "home");
  const kept = await browser.evaluate(
    "JSON.stringify([location.href, document.cookie, { ...localStorage }, { ...sessionStorage }])",
  );
  assert.doesNotMatch(String(kept), /countersign-operator|__Host/, "no script can read what signs the browser in");

  await tabTo(browser, "What to do about: The ledger");
  await browser.press("Enter");
  await browser.until(`(${text("h1")}) === "Alerts" && document.querySelector("textarea") !== null`);
  const alert = String(await browser.evaluate(text(".alerts")));
  assert.match(alert, /Act now.*its history was rewritten.*1 device.*refuse acknowledgements.*ledger verify/s);
  await look(browser, "alert");
  const address = String(await browser.evaluate("location.href"));
  await tabTo(browser, "What was found and done");
  await browser.type("Somebody put an old copy back; restored from the backup.");
  await tabTo(browser, "Mark as handled");
  await browser.press("Enter");
  await browser.until(`(${text("main")}).includes("Marked as handled; it stands as leaf")`);
  const [act] = await administration.listAuditEntries({ act: "handle_alert" });
  assert.deepEqual([act?.operator, act?.reason], ["ada", "Somebody put an old copy back; restored from the backup."]);
  await tabTo(browser, "Handled");
  await browser.press("Enter");
  await browser.until(`(${text(".alerts")}).includes("its history was rewritten")`);
  await tabTo(browser, "Home");
  await browser.press("Enter");
  await browser.until(`!(${text("h1")}).includes("now") && (${text("h1")}).includes("need")`);
  assert.equal(await browser.evaluate(text("nav .count")), "");

  await tabTo(browser, "Sign out");
  await browser.press("Enter");
  await browser.until('document.activeElement?.type === "password"');
  // The address that was open leads to the sign-in, and nothing of the account is asked for or shown.
  await browser.open(address);
  await browser.until('document.activeElement?.type === "password"');
  assert.doesNotMatch(String(await browser.evaluate("document.body.textContent")), /Example Corp|rewritten/);
  const complaints = browser.complaints.filter((one) => !/status of 401/.test(one));
  assert.deepEqual(complaints, [], "the page's policy kept it from nothing");
}

async function lookAtPages(site: Site): Promise<void> {
  const { browser, running, bearer } = site;
  const { administration } = running.manager;
  await browser.open(`${running.url}/portal/instances?sort=-contact`);
  await signIn(browser, bearer);
  await browser.until('document.querySelectorAll("tbody tr").length === 1');
  assert.equal(
    await browser.evaluate('document.querySelector("th[aria-sort=descending]").textContent.trim()'),
    "Last contact ↓",
  );
  const [instance] = await administration.listProductInstances({});
  await browser.evaluate('document.querySelector("tbody button.opens").click()');
  await browser.until(`(${text(".open-row")}).includes("In use")`);
  const { searchParams } = new URL(String(await browser.evaluate("location.href")));
  assert.deepEqual(
    [searchParams.get("sort"), searchParams.get("open")],
    ["-contact", instance?.productInstanceIdentifier],
  );
  await look(browser, "instances");
  await tabTo(browser, "Close");
  await browser.press("Enter");
  await browser.until('document.querySelector(".open-row") === null');
  assert.equal(await browser.evaluate("document.activeElement.className"), "opens", "the focus is back at the row");
  await browser.evaluate('document.querySelector("input[type=search]").focus()');
  await browser.type("no such device");
  await browser.until('document.querySelectorAll("tbody tr").length === 0');
  assert.match(String(await browser.evaluate("location.search")), /filter=no\+such\+device/);

  await browser.open(`${running.url}/portal/instances?open=00000000-0000-4000-8000-000000000009`);
  await browser.until(`(${text(".failure")}).includes("No product instance has this identifier")`);
  assert.match(String(await browser.evaluate(text(".failure"))), /List the product instances.*Code instance_unknown/s);
  await browser.open(`${running.url}/portal/instances?va=DEFAULT`);
  await browser.until(`(${text("main")}).includes("No device has trust here yet")`);
  await browser.open(`${running.url}/portal/?account=Nowhere`);
  await browser.until(`(${text("main")}).includes("Choose a smart account above")`);
  await browser.open(`${running.url}/portal/nowhere`);
  await browser.until(heading("There is no such page"));

  await browser.open(`${running.url}/portal/licenses`);
  await browser.until('document.querySelectorAll("tbody tr").length > 0');
  const licenses = await administration.listLicenses({});
  assert.equal(await browser.evaluate('document.querySelectorAll("tbody tr").length'), licenses.length);
  assert.ok(licenses.some(({ balance }) => balance < 0));
  assert.match(String(await browser.evaluate(text("tbody"))), /\d short/);
  await look(browser, "licenses");

  await lookAtHistory(site, licenses.find(({ balance }) => balance < 0) ?? assert.fail());

  await browser.open(`${running.url}/portal/activity?show=events`);
  await browser.until(`(${text("tbody")}).includes("Alert: A product instance refused an acknowledgement")`);
  await look(browser, "events");
  await browser.evaluate('document.querySelector(".choice button").click()');
  await browser.until(`(${text("tbody")}).includes("create token")`);
  await browser.evaluate('document.querySelector("tbody button.opens").click()');
  await browser.until(`(${text(".open-row")}).includes("countersign prove act")`);
  await look(browser, "activity");

  const { length } = await administration.listEvents({ limit: 1000 });
  addEvents(running, 501 - length);
  await browser.open(`${running.url}/portal/activity?show=events`);
  await browser.until('document.querySelectorAll("tbody tr").length === 500');
  // From the end of the page backwards.
  await browser.press("Tab", true);
  assert.equal(await browser.evaluate("document.activeElement.textContent"), "Load more events");
  await browser.press("Enter");
  await browser.until('document.querySelectorAll("tbody tr").length === 501');
  assert.doesNotMatch(String(await browser.evaluate(text("main"))), /Load more/);

  // A licence that nobody bought, covered by another: the numbers say by which.
  const [short] = licenses.filter(({ balance }) => balance < 0);
  const provider = "regid.2031-01.org.example.EDGE_GENERIC,1.0_5b2f6c10-7b1a-4f0e-8a53-6a1b2c3d4e5f";
  const { tag, virtualAccount } = short ?? assert.fail();
  await administration.addPurchase({ purchase: { tag: provider, quantity: 999, virtualAccount }, cause });
  await administration.addSubstitution({ edge: { provider, consumer: tag, ratio: 1, rank: 1 }, cause });
  await browser.open(`${running.url}/portal/licenses?open=${encodeURIComponent(`${virtualAccount} ${tag}`)}`);
  await browser.until(`(${text("main")}).includes("Covered by")`);
  assert.match(String(await browser.evaluate(text("main"))), /\d+ of regid\.2031-01\.org\.example\.EDGE_GENERIC/);

  await administration.removeOperator({ name: "ada", cause });
  await browser.evaluate(`document.querySelector("nav a[href*=instances]").click()`);
  await browser.until('document.activeElement?.type === "password"');
}

/** Of a licence that is short, over days of which some are known: the lines, the values by keyboard, and the table behind them. */
async function lookAtHistory({ browser, running }: Site, { tag, virtualAccount, inUse }: LicenseView): Promise<void> {
  const dayText = (daysAgo: number) => new Date(Date.now() - daysAgo * dayMs).toISOString().slice(0, 10);
  addDays(running, tag, [
    { daysAgo: 70, inUse: 2, inUseMax: 2, purchased: 8 },
    { daysAgo: 61, inUse: 5, inUseMax: 6, purchased: 8 },
    { daysAgo: 48, inUse: 9, inUseMax: 9, purchased: 8 },
    { daysAgo: 40, inUse: 11, inUseMax: 12, purchased: 8 },
    { daysAgo: 33, inUse: 11, inUseMax: 11, purchased: 12 },
    { daysAgo: 2, inUse: 7, inUseMax: 11, purchased: 12 },
    { daysAgo: 1, inUse: 7, inUseMax: 7, purchased: 0 },
  ]);
  await browser.open(`${running.url}/portal/licenses?open=${encodeURIComponent(`${virtualAccount} ${tag}`)}`);
  const shown = `(${text(".chart output")})`;
  await browser.until(
    `${shown}.startsWith(${JSON.stringify(`${dayText(0)}: ${inUse} in use, 0 purchased, ${inUse} short`)})`,
  );
  const image = String(await browser.evaluate('document.querySelector(".chart svg").getAttribute("aria-label")'));
  assert.match(image, /^In use and purchased for 71 days: at most 12 in use; short on 17 days\. /);
  assert.equal(await browser.evaluate(text(".chart text.in-use")), `${inUse} in use`);
  await tabTo(browser, "Day");
  for (let presses = 0; presses < 40; presses += 1) await browser.press("ArrowLeft");
  assert.equal(await browser.evaluate(shown), `${dayText(40)}: 12 in use, 8 purchased, 4 short`);
  assert.equal(
    await browser.evaluate('document.querySelector(".slider input").getAttribute("aria-valuetext")'),
    await browser.evaluate(shown),
  );
  await look(browser, "history");
  await browser.press("Home");
  assert.equal(await browser.evaluate(shown), `${dayText(89)}: not known`);
  await tabTo(browser, "As a table");
  await browser.press("Enter");
  await browser.until('document.querySelectorAll("details[open] tbody tr").length === 8');
  const [newest, before] = JSON.parse(
    String(
      await browser.evaluate(
        'JSON.stringify([...document.querySelectorAll("details tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent)))',
      ),
    ),
  );
  assert.deepEqual(newest, [dayText(0), inUse, inUse, 0, 0, inUse].map(String));
  assert.deepEqual(before, [dayText(1), "7", "7", "0", "0", "7"]);
  await look(browser, "history-table");
  await browser.evaluate(
    '[...document.querySelectorAll(".choice button")].find((one) => one.textContent === "30 days").click()',
  );
  await browser.until(`(${text(".chart .axes > text")}) === ${JSON.stringify(dayText(29))}`);
  assert.match(String(await browser.evaluate("location.search")), /days=30/);
}

/** From anywhere, without the mouse: what is found, what is not, and what cannot be told. */
async function searchByKeyboard({ browser, running, bearer }: Site): Promise<void> {
  const { administration } = running.manager;
  const [instance] = await administration.listProductInstances({});
  const { productInstanceIdentifier, udi } = instance ?? assert.fail();
  await browser.open(`${running.url}/portal/policies?va=DEFAULT`);
  await signIn(browser, bearer);
  await browser.until(heading("Policies"));
  await browser.press("/");
  await browser.until('document.activeElement?.role === "combobox"');
  await browser.type("x");
  await browser.until(`(${text(".found")}).includes("Two letters at least")`);
  await browser.press("Escape");
  await browser.press("Escape");
  await browser.until('document.activeElement.value === "" && document.querySelector(".found") === null');
  await browser.type("nothing like this");
  await browser.until(`(${text(".found")}).includes("Nothing has this name")`);
  await look(browser, "search-nothing");

  const choose = async (words: string) => {
    await browser.evaluate(
      'document.dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true, bubbles: true, cancelable: true }))',
    );
    await browser.until('document.activeElement?.role === "combobox"');
    await browser.evaluate("document.activeElement.select()");
    await browser.type(words);
    await browser.until(`/found|may be more/.test(${text(".found > p")})`);
  };
  await choose("La");
  await browser.until(`(${text(".found")}).includes("Virtual accounts")`);
  const chosen = `document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))`;
  await choose("regid");
  await browser.until('document.querySelectorAll(".found [role=option]").length > 0');
  await look(browser, "search");
  const options = Number(await browser.evaluate('document.querySelectorAll(".found [role=option]").length'));
  for (const [key, at] of [
    ["ArrowUp", options - 1],
    ["ArrowDown", 0],
  ] as const) {
    await browser.press(key);
    await browser.until(`${chosen} === document.querySelectorAll(".found [role=option]")[${at}]`);
    await browser.until(`${chosen}.getAttribute("aria-selected") === "true"`);
  }
  await choose(udi.serialNumber.toLowerCase());
  await browser.until(`(${text(".found [role=option]")}).includes(${JSON.stringify(udi.serialNumber)})`);
  await browser.press("Enter");
  await browser.until(`(${text(".open-row")}).includes("acknowledgement")`);
  const { pathname, searchParams } = new URL(String(await browser.evaluate("location.href")));
  assert.equal(pathname, "/portal/instances");
  assert.deepEqual([searchParams.get("open"), searchParams.get("va")], [productInstanceIdentifier, null]);
  assert.equal(await browser.evaluate('document.querySelector(".found")'), null);
  await choose("polic");
  await browser.press("Enter");
  await browser.until(heading("Policies"));

  // A slash that belongs to a text is none of these; what the manager refuses stands where the results would be.
  await browser.press("/");
  await browser.until('document.activeElement?.role === "combobox"');
  await browser.evaluate(`window.fetch = () => Promise.reject(new Error("no way"))`);
  await browser.type("a/b");
  await browser.until(`(${text(".found .failure")}).includes("The manager does not answer")`);
  assert.equal(await browser.evaluate("document.activeElement.value"), "a/b");
  await look(browser, "search-failed");
  await browser.open(`${running.url}/portal/policies`);
  await browser.until(heading("Policies"));
  await tabTo(browser, "Sign out");
  await browser.press("Enter");
  await browser.until('document.activeElement?.type === "password"');
}

const value = (label: string) =>
  `[...document.querySelectorAll("label")].find((one) => one.textContent.startsWith(${JSON.stringify(label)})).control`;

/** What somebody types in the place of what stands in a field. */
async function fill(browser: Browser, label: string, words: string): Promise<void> {
  await browser.evaluate(`${value(label)}.focus(); ${value(label)}.select()`);
  await browser.type(words);
}

async function letDevicesIn({ browser, running, bearer }: Site): Promise<void> {
  const { administration } = running.manager;
  await browser.open(`${running.url}/portal/tokens?va=Lab`);
  await signIn(browser, bearer);
  await browser.until('document.querySelector("details.form summary") !== null');
  await tabTo(browser, "Make a token");
  await browser.press("Enter");
  await fill(browser, "What it is for", "Floor 3");
  await fill(browser, "Devices", "2");
  await browser.until(
    `(${text("details.form")}).includes("For 30 d whoever has this token can let up to 2 devices into Lab.")`,
  );
  await look(browser, "token-form");
  await tabTo(browser, "Make the token");
  await browser.press("Enter");
  await browser.until(`(${text(".open-row")}).includes("No device has used it yet")`);
  await look(browser, "token-new");
  const lines = String(await browser.evaluate(text(".open-row pre")));
  assert.ok(lines.includes(`license smart url smart ${running.url}/licservice/license`), lines);
  const [, token = "none"] = /license smart trust idtoken (\S+) all$/.exec(lines) ?? [];
  const newcomer = await startDevice({
    ...{ stateDirectory: null, platform: "generic", keyType: "p-256" },
    trustAnchors: running.rootCertificatePem,
  });
  try {
    for (const line of lines.split("\n").filter((one) => one.startsWith("license smart url") || one.endsWith("smart")))
      await newcomer.execute(line);
    const { output } = await newcomer.execute(lines.split("\n").at(-1) ?? "");
    assert.match(output, /\[OK\]/);
    await browser.until(`(${text(".open-row")}).includes("1 of 2 devices have come in")`);
  } finally {
    await newcomer.stop();
  }
  await tabTo(browser, "Close");
  await browser.press("Enter");
  await browser.until(`(${text("tbody")}).includes("Floor 3") && (${text("tbody")}).includes("1 of 2")`);
  assert.doesNotMatch(String(await browser.evaluate("document.body.innerHTML")), new RegExp(token.slice(0, 24)));
  await browser.evaluate(
    `[...document.querySelectorAll("tbody button.opens")].find((one) => one.textContent === "Floor 3").click()`,
  );
  await browser.until(`(${text(".open-row")}).includes("Revoked, it lets nobody in")`);
  await look(browser, "tokens");
  await tabTo(browser, "Revoke");
  await browser.press("Enter");
  await browser.until(`(${text("tbody")}).includes("revoked")`);
  const made = (await administration.listTokens({})).find(({ description }) => description === "Floor 3");
  assert.deepEqual([made?.state, made?.uses, made?.createdBy], ["revoked", 1, "ada"]);
  await administration.removeProductInstance({
    instance: formatUdi(newcomer.slots[0]?.udi ?? { pid: "", serialNumber: "" }),
    cause,
  });
}

async function setPolicyOfPlace({ browser, running }: Site): Promise<void> {
  const { administration } = running.manager;
  await browser.open(`${running.url}/portal/policies?va=Lab`);
  await browser.until(`(${text("tbody")}).includes("365 days default")`);
  await browser.evaluate('document.querySelector("details.form").open = true');
  await fill(browser, "First report within", "14");
  await fill(browser, "Why", "audit every fortnight");
  await look(browser, "policies");
  await tabTo(browser, "Set the policy");
  await browser.press("Enter");
  await browser.until(`(${text("tbody")}).includes("14 days virtual account")`);
  const { policy, settings } = await administration.getPolicy({ virtualAccount: "Lab" });
  assert.deepEqual(policy.classes.perpetual.first_report_days, { value: 14, source: "virtual account" });
  assert.deepEqual(policy.classes.perpetual.report_on_change_days, { value: 90, source: "default" });
  assert.equal(settings.length, 1);
  const [act] = await administration.listAuditEntries({ act: "set_policy" });
  assert.deepEqual([act?.operator, act?.reason], ["ada", "audit every fortnight"]);
}

async function carryFiles({ browser, running, carried }: Site): Promise<void> {
  const { administration } = running.manager;
  const [instance] = await administration.listProductInstances({});
  const known = await administration.listReports({ instance: instance?.productInstanceIdentifier ?? "" });
  await browser.open(`${running.url}/portal/reports`);
  await browser.until('document.querySelector("input[type=file]") !== null');
  await browser.chooseFiles('document.querySelector("input[type=file]")', [carried.broken, carried.usage]);
  await browser.until('document.querySelectorAll(".alerts > li .primary").length === 1');
  const verdicts = String(await browser.evaluate(text(".alerts")));
  assert.match(verdicts, /broken\.xml was not taken, and nothing of it was counted.*Code file_malformed/s);
  assert.match(verdicts, /usage\.xml was taken: .*report.*Save the acknowledgement as usage-ack\.xml/s);
  const after = await administration.listReports({ instance: instance?.productInstanceIdentifier ?? "" });
  assert.ok(after.length >= known.length && after.length > 0);
  await look(browser, "reports");
  // The same file again: known, and counted once.
  await browser.chooseFiles('document.querySelector("input[type=file]")', [carried.usage]);
  await browser.until('document.querySelectorAll(".alerts > li .primary").length === 2');
  assert.match(
    String(await browser.evaluate(text(".alerts > li:last-child"))),
    /was taken: \d+ reports? known already, counted once/,
  );
  assert.deepEqual(await administration.listReports({ instance: instance?.productInstanceIdentifier ?? "" }), after);
  await tabTo(browser, "Sign out");
  await browser.press("Enter");
  await browser.until('document.activeElement?.type === "password"');
}

/** As many devices would have left them. */
function addEvents({ manager }: Running, count: number): void {
  const database = new DatabaseSync(join(manager.configuration.dataDirectory, "manager.sqlite"));
  database.exec(`begin immediate;
    with recursive numbers(n) as (select 0 union all select n + 1 from numbers where n < ${count - 1})
    insert into events select 1, next_id + n, ${Date.now()}, 'usage_reported', 2, null, '{"kind":"system","reason":"test"}', 'null',
      '{"udi":"PID:A,SN:' || n || '"}', null from numbers, sequences where smart_account_id = 1 and kind = 'event';
    update sequences set next_id = next_id + ${count} where smart_account_id = 1 and kind = 'event';
    commit`);
  database.close();
}

type AddedDay = {
  readonly daysAgo: number;
  readonly inUse: number;
  readonly inUseMax: number;
  readonly purchased: number;
};
/** As looks on days before would have written them, for a licence of the virtual account Lab. */
function addDays({ manager }: Running, tag: string, days: readonly AddedDay[]): void {
  const database = new DatabaseSync(join(manager.configuration.dataDirectory, "manager.sqlite"));
  const today = Math.floor(Date.now() / dayMs);
  database.prepare("delete from license_days where tag = ? and day < ?").run(tag, today);
  const insert = database.prepare("insert into license_days values (1, 2, ?, ?, ?, 0, ?, ?, ?, ?, 0)");
  for (const { daysAgo, inUse, inUseMax, purchased } of days) {
    const short = (count: number) => Math.max(0, count - purchased);
    insert.run(tag, today - daysAgo, inUse, purchased, short(inUse), inUseMax, short(inUseMax));
  }
  database.close();
}

type Site = {
  readonly browser: Browser;
  readonly running: Running;
  readonly bearer: string;
  readonly carried: Carried;
};

test("the portal over a ledger that was rewritten", async (t) => {
  await withRewrittenLedger(t, async (running, bearer, carried) => {
    const browser = await startBrowser(t, await certificateOf(running));
    await browser.open(`${running.url}/portal/`);
    assert.doesNotMatch(String(await browser.evaluate("document.body.textContent")), /is not built/, "npm run portal");
    const site = { running, bearer, browser, carried };
    await t.test("somebody signs in, marks the alert as handled with a note, and signs out; by keyboard", () =>
      handleByKeyboard(site),
    );
    await t.test("a token is made for devices, one comes in with it, and it is revoked", () => letDevicesIn(site));
    await t.test("a policy is set for a virtual account, and the table says where each value comes from", () =>
      setPolicyOfPlace(site),
    );
    await t.test("usage files are taken one by one, a broken one whole, one that was known once", () =>
      carryFiles(site),
    );
    await t.test("a search finds a device, opens it and says when there is nothing; by keyboard", () =>
      searchByKeyboard(site),
    );
    await t.test("pages show what is there, and the address says which filter, order and row", () => lookAtPages(site));
  });
});
