// The relay with everything real around it: devices, a manager that goes away, a relay process that is killed. What a device was told is
// held comes to the manager, once; and only the manager's own signed ACK frees it.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { authenticatedRules, squidPassword, startSquid } from "@countersign/agent/test-support/squid";
import { type DeviceUser, makeUser, startDevice } from "@countersign/device";
import { initManager, type RunningManager, startManager } from "@countersign/manager";
import { encodeLicenseFile } from "@countersign/protocol";
import {
  collectFromAll,
  deliverToAll,
  exportBundle,
  importAnswer,
  initRelay,
  openRelay,
  readSettings,
  startRelay,
  writeSettings,
} from "@countersign/relay";
import { commands } from "@countersign/relay/commands";
import { ManualTime } from "@countersign/simulation";
import type { Command } from "@countersign/terminal";
import { startNameServer } from "../device/served-manager.test-support.ts";

const cause = { kind: "operator", name: "ada" } as const;
const account = { smartAccount: "Example Corp", virtualAccount: "Lab" };

type Site = {
  readonly folder: string;
  /** Before the manager is stopped and the folder goes; the last one that was asked for first. */
  atEnd(stop: () => unknown): void;
  readonly relayDirectory: string;
  manager(): RunningManager;
  /** Stops the manager; `back` starts it again at the same place. */
  managerAway(): Promise<void>;
  managerBack(options?: Partial<Parameters<typeof startManager>[0]>): Promise<void>;
  token(): Promise<string>;
  inUse(): Promise<number>;
  /** Ids of the reports that the manager has of a device. */
  reports(udi: string): Promise<readonly number[]>;
};
type Behind = Awaited<ReturnType<typeof startBehind>>;

async function startSite(t: TestContext): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-relay-"));
  const dataDirectory = join(folder, "manager");
  await initManager({ dataDirectory, ...account });
  const start = (port: number, options: Partial<Parameters<typeof startManager>[0]> = {}) =>
    startManager({ ...options, dataDirectory, port, logLevel: "silent", isProcessMeasured: false });
  let running: RunningManager | null = await start(0);
  const { port } = running;
  const manager = () => {
    assert.ok(running !== null, "the manager is away");
    return running;
  };
  const stops: (() => unknown)[] = [];
  t.after(async () => {
    for (const stop of stops.reverse()) await stop();
    await running?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const token = async () =>
    (await manager().manager.administration.createToken({ ...account, usesMax: 10, cause })).text;
  const relayDirectory = join(folder, "relay");
  writeFileSync(join(folder, "root.pem"), manager().rootCertificatePem);
  await initRelay({
    directory: relayDirectory,
    rootFile: join(folder, "root.pem"),
    token: await token(),
    settings: {
      ...{ managerUrl: `https://localhost:${port}`, port: 0, plainHttp: true },
      ...{ pollIntervalSeconds: 1, answerWithinSeconds: 8, collectEveryHours: 0 },
    },
    signal: t.signal,
  });
  return {
    ...{ folder, relayDirectory, manager, token },
    atEnd: (stop) => void stops.push(stop),
    async managerAway() {
      await manager().stop();
      running = null;
    },
    async managerBack(options) {
      running = await start(port, options);
    },
    async inUse() {
      const licenses = await manager().manager.administration.listLicenses(account);
      return licenses.reduce((sum, license) => sum + license.inUse, 0);
    },
    async reports(udi) {
      const { smartAccount } = account;
      const reports = await manager().manager.administration.listReports({ smartAccount, instance: udi });
      return reports.map(({ reportId }) => reportId);
    },
  };
}

/** A device that knows nothing but the relay's address. Its time moves by hand, so that waits cost none. */
type More = { readonly users?: readonly DeviceUser[]; readonly nameServerPort?: number };

async function startBehind(site: Site, url: string | null, serialNumber: string, more: More = {}) {
  const { users, nameServerPort } = more;
  let acknowledged = 0;
  let wake = (): void => undefined;
  const time = new ManualTime(Date.now());
  const stateDirectory = users === undefined ? null : join(site.folder, serialNumber);
  const device = await startDevice({
    ...{ stateDirectory, platform: "generic", keyType: "p-256", opensControlSocket: false, clock: time, timers: time },
    slots: [{ number: 1, udi: { pid: "EDGE-APP", serialNumber }, role: "Active" }],
    trustAnchors: readFileSync(join(site.folder, "root.pem"), "utf8"),
    on: {
      acknowledged: () => {
        acknowledged += 1;
        wake();
      },
    },
    ...(users === undefined ? {} : { https: { port: 0, users } }),
    ...(nameServerPort === undefined ? {} : { nameServerPort }),
  });
  site.atEnd(() => device.stop());
  const say = async (line: string) => {
    const { output } = await device.execute(line);
    await device.agent.idle();
    return output;
  };
  await say("license smart transport cslu");
  if (url !== null) await say(`license smart url cslu ${url}`);
  return {
    ...{ device, say, udi: `PID:EDGE-APP,SN:${serialNumber}` },
    acknowledgements: () => acknowledged,
    acknowledgedTimes: async (times: number) => {
      while (acknowledged < times) await new Promise<void>((resolve) => (wake = resolve));
    },
    pass: (seconds: number) => time.advanceTo(time.now() + seconds * 1000, () => device.agent.idle()),
    /** Id and state of every report that it still has. */
    reports: async () =>
      (await device.execute("show license rum id all")).output
        .split("\n")
        .flatMap((line) => /^\s*(\d+),?\s+(\w+)/.exec(line)?.slice(1, 3).join(" ") ?? []),
  };
}

type RelayProcess = {
  readonly url: string;
  /** What it logged so far. */
  readonly lines: readonly string[];
  /** Resolves when a line with this event was logged so many times. */
  logged(event: string, times: number): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
};

async function spawnRelay({ relayDirectory, atEnd }: Site): Promise<RelayProcess> {
  const main = fileURLToPath(import.meta.resolve("@countersign/relay/main"));
  const child = spawn(process.execPath, [main, "serve", "--state-directory", relayDirectory, "--json"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const kill = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  };
  atEnd(() => kill("SIGTERM"));
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  const logged = async (event: string, times: number) => {
    while (lines.filter((line) => line.includes(`"event":"${event}"`)).length < times)
      if ((await Promise.race([once(reader, "line"), once(child, "exit")])).length === 2)
        throw new Error(`the relay ended before it logged ${event}: ${lines.join("\n")}`);
  };
  const [words] = (await Promise.race([once(child.stderr, "data"), once(child, "exit")])) as [unknown];
  return { url: (JSON.parse(String(words)) as { url: string }).url, lines, logged, kill };
}

/** What the relay's own database says, beside the relay that serves from it. */
function held(site: Site) {
  const relay = openRelay(site.relayDirectory, new PassThrough());
  try {
    return relay.store.counts();
  } finally {
    relay.close();
  }
}

test("[TOP-2] [RLY-3] [TRU-9] [I1] [I2] what a relay took comes to the manager once, however the manager goes and the relay dies", async (t) => {
  const site = await startSite(t);
  const first = await spawnRelay(site);
  // The same port after the kill: devices know no other.
  await writeSettings(site.relayDirectory, {
    ...readSettings(site.relayDirectory),
    port: Number(new URL(first.url).port),
  });
  const devices = await Promise.all(["A1", "A2"].map((serial) => startBehind(site, first.url, serial)));
  const [one, two] = devices as [Behind, Behind];
  const token = await site.token();
  for (const device of [one, two]) await device.say(`license smart trust idtoken ${token} local`);

  await t.test("online, the manager's own answer goes to the device that waits", async () => {
    for (const device of [one, two]) await device.say("license smart sync local");
    assert.deepEqual([one.acknowledgements(), two.acknowledgements()], [1, 1]);
    assert.equal(await site.inUse(), 2);
    assert.equal(held(site).acknowledged, 2);
  });

  await site.managerAway();
  // Nobody enters a token on this one: the relay stands for it.
  const three = await startBehind(site, first.url, "A3");
  const reported = new Map<string, number>();
  await t.test("away, it holds usage, puts everything else off, and frees no device of a report", async () => {
    for (const device of [one, two]) {
      await device.device.configureFeatures(["edge-app-base", "edge-app-plus"]);
      await device.say("license smart sync local");
      await device.pass(5);
      assert.equal(device.acknowledgements(), 1);
      reported.set(device.udi, (await device.reports()).length);
      assert.ok((reported.get(device.udi) ?? 0) > 0);
    }
    assert.equal(held(site).waiting, 2);
    assert.match(await three.say("show license status"), /Trust Code Installed: <none>/);
    const asked = await fetch(new URL("/health", first.url));
    const { managerAwaySinceMs, certificate, ...health } = (await asked.json()) as Record<string, unknown>;
    assert.deepEqual([asked.status, health, typeof managerAwaySinceMs], [200, { status: "ok", waiting: 2 }, "number"]);
    const { state, renewalFailure } = certificate as Record<string, unknown>;
    assert.deepEqual([state, renewalFailure], ["valid", null]);
  });

  await t.test("killed between its answer and the manager, it forgets nothing and counts nothing twice", async () => {
    await first.kill("SIGKILL");
    await site.managerBack();
    const second = await spawnRelay(site);
    await second.logged("request_settled", 2);
    for (const device of [one, two]) await device.pass(120);
    assert.deepEqual([one.acknowledgements(), two.acknowledgements()], [2, 2]);
    assert.equal(await site.inUse(), 4);
    assert.deepEqual({ waiting: held(site).waiting, refused: held(site).refused }, { waiting: 0, refused: 0 });
    await three.pass(600);
    await three.say("license smart sync local");
    assert.equal(await site.inUse(), 5, "trust that was put off is there, without a token");
  });

  await t.test("of each report the manager has one, and the relay's log has neither tokens nor messages", async () => {
    const log = first.lines.join("\n");
    assert.match(log, /"udi":"PID:EDGE-APP,SN:A1"/);
    for (const secret of [token.slice(0, 30), decodeURIComponent(token).slice(0, 30), "rum_reports", "BEGIN"])
      assert.ok(!log.includes(secret));
    for (const device of [one, two]) {
      const ids = await site.reports(device.udi);
      assert.deepEqual(ids, [...new Set(ids)]);
    }
  });
});

test("[TOP-5] [RLY-4] a relay collects from devices, and brings answers back, over the network and by a bundle", async (t) => {
  const site = await startSite(t);
  const password = "canary-password-2718";
  const user = await makeUser({ name: "relay", privilege: 15, password, publicKeys: [] });
  const log = new PassThrough();
  const relay = openRelay(site.relayDirectory, log);
  site.atEnd(() => relay.close());
  const serving = await startRelay(site.relayDirectory, new PassThrough());
  site.atEnd(() => serving.stop());
  const collected = await startBehind(site, serving.url, "B1", { users: [user] });
  await collected.say(`license smart trust idtoken ${await site.token()} local`);
  await collected.say("license smart transport off");
  const pushing = await startBehind(site, serving.url, "B2");
  await pushing.say(`license smart trust idtoken ${await site.token()} local`);
  const { port = 0 } = collected.device.https ?? {};
  const certificate = new X509Certificate(readFileSync(join(site.folder, "B1", "https-identity.pem")));
  const fingerprint = certificate.fingerprint256.replaceAll(":", "").toLowerCase();
  const wish = { name: "edge", url: `https://127.0.0.1:${port}`, user: "relay", password, fingerprint };
  const put = (change: object) =>
    relay.store.devices.put({ ...wish, udi: null, lastContactAtMs: null, lastOutcome: "", ...change });

  await t.test("online", async () => {
    await collected.pass(3600);
    put({});
    assert.deepEqual(await collectFromAll(relay.collecting), [
      { device: "edge", udi: collected.udi, reports: 1, delivered: 0, code: null },
    ]);
    assert.equal(collected.acknowledgements(), 0);
    await relay.sendUp.run();
    assert.equal(await deliverToAll(relay.collecting), 1);
    await collected.device.agent.idle();
    assert.equal(collected.acknowledgements(), 1);
    assert.equal(await site.inUse(), 1);
    assert.equal(await deliverToAll(relay.collecting), 0);
    // An answer that the device does not take is brought once.
    const sudi = { udi_pid: "EDGE-APP", udi_serial_number: "B1" };
    const { itemId } = relay.store.hold({
      ...{ kind: "usage-file", udi: collected.udi, digest: "refused", asked: { nonce: "1", sudi }, reports: 1 },
      ...{ receivedAtMs: Date.now(), body: Buffer.from("") },
    });
    const file = Buffer.from("no file of a manager").toString("base64");
    relay.store.settle(itemId, { outcome: "acknowledged", answer: { file } }, Date.now());
    assert.equal(await deliverToAll(relay.collecting), 0);
    assert.match(String(log.read()), /"code":"device_refuses_answer","event":"device_failed"/);
    assert.deepEqual(relay.store.undelivered(), []);
  });

  await t.test(
    "not from a server with another certificate, nor with a wrong password, and no secret is told",
    async () => {
      for (const change of [{ fingerprint: "0".repeat(64) }, { password: "canary-wrong-3141" }, { fingerprint: "" }]) {
        put(change);
        const [collection] = await collectFromAll(relay.collecting);
        assert.equal(collection?.code, "device_unreachable");
      }
      put({});
      const told = JSON.stringify([
        String(log.read()),
        relay.store.devices.list().map(({ lastOutcome }) => lastOutcome),
      ]);
      assert.doesNotMatch(told, /canary/);
      assert.match(told, /device_failed/);
      for (const file of ["relay.db", "relay.db-wal", "identity.json", "settings.json"])
        assert.equal(statSync(join(site.relayDirectory, file)).mode & 0o077, 0, file);
    },
  );

  await t.test("[REP-16] by a bundle, for what was collected and for what was pushed", async () => {
    await site.managerAway();
    await collected.device.configureFeatures(["edge-app-base", "edge-app-plus"]);
    await collected.pass(60);
    await collectFromAll(relay.collecting);
    await pushing.say("license smart sync local");
    assert.equal(pushing.acknowledgements(), 0);
    const { bytes, devices } = exportBundle(relay.store, { ...account, uuid: "u" }, Date.now());
    assert.equal(devices, 2);
    const [bundle, answer] = [join(site.folder, "up.tar.gz"), join(site.folder, "down.tar.gz")];
    writeFileSync(bundle, bytes);
    await site.managerBack();
    const words = ["manager", "report", "import", bundle, "--out", answer, "--json"];
    const verdicts = await runCommand(...words, "--data-directory", join(site.folder, "manager"));
    assert.deepEqual(
      (JSON.parse(verdicts) as { files: { code: unknown }[] }).files.map(({ code }) => code),
      [null, null],
    );
    const used = await site.inUse();
    const imported = await importAnswer(readFileSync(answer), relay);
    assert.deepEqual(
      imported.files.map(({ acknowledgements, code }) => [acknowledgements, code]),
      [
        [1, null],
        [1, null],
      ],
    );
    assert.deepEqual([imported.answered, imported.stillWaiting], [2, 0]);
    assert.equal(await deliverToAll(relay.collecting), 1);
    await collected.device.agent.idle();
    await pushing.pass(120);
    assert.deepEqual([collected.acknowledgements(), pushing.acknowledgements()], [2, 1]);
    assert.equal(used, 3);
    assert.equal(await site.inUse(), used);
    assert.match(
      await runCommand("inspect", answer, "--root", join(site.folder, "root.pem")),
      /Acknowledgement: VERIFIED/,
    );
    assert.match(await runCommand("relay", "show", "--state-directory", site.relayDirectory), /Waiting +0,/);
  });

  await t.test("by itself, when it is time", async () => {
    await serving.stop();
    await collected.device.configureFeatures(["edge-app-base"]);
    await collected.pass(60);
    await writeSettings(site.relayDirectory, { ...readSettings(site.relayDirectory), collectEveryHours: 1 });
    const scheduled = await startRelay(site.relayDirectory, new PassThrough());
    site.atEnd(() => scheduled.stop());
    await collected.acknowledgedTimes(3);
    assert.equal(await site.inUse(), 2);
    await scheduled.stop();
  });

  await t.test("and a device that says nothing keeps no relay from stopping, nor from serving others", async () => {
    const asked = Promise.withResolvers<void>();
    const silent = createServer(() => asked.resolve());
    await once(silent.listen(0, "127.0.0.1"), "listening");
    put({ url: `https://127.0.0.1:${(silent.address() as AddressInfo).port}` });
    const { store } = relay;
    const body = Buffer.from(encodeLicenseFile({ reports: [], managerObjects: [], systemInfo: null }));
    const asks = { nonce: "1", sudi: { udi_pid: "EDGE-APP", udi_serial_number: "B9" } };
    const running = await spawnRelay(site);
    await asked.promise;
    store.hold({ kind: "usage-file", udi: "B9", digest: "", asked: asks, reports: 0, receivedAtMs: Date.now(), body });
    await running.logged("request_settled", 1);
    await running.kill("SIGTERM");
    silent.close();
    assert.equal(store.devices.list()[0]?.lastOutcome, "collected", "it is not blamed");
  });
});

test("[RLY-6] [TRN-22] [FAIL-25] [BET-42] a relay reaches its manager through a proxy that asks who it is, and is set up by its commands", async (t) => {
  const site = await startSite(t);
  let stopServing: () => Promise<void> = async () => undefined;
  const stops: (() => Promise<void>)[] = [() => stopServing()];
  site.atEnd(async () => {
    for (const stop of stops) await stop();
  });
  const proxy = await startSquid(authenticatedRules, (stop) => stops.push(stop));
  const put = (name: string, text: string) => {
    writeFileSync(join(site.folder, name), text);
    return join(site.folder, name);
  };
  const directory = join(site.folder, "behind-proxy");
  const at = ["--state-directory", directory];
  const url = `https://localhost:${site.manager().port}`;
  const through = [
    ...[
      "--manager-url",
      url,
      "--root",
      join(site.folder, "root.pem"),
      "--token-file",
      put("token", await site.token()),
    ],
    ...["--proxy-address", "127.0.0.1", "--proxy-port", `${proxy.port}`, "--port", "0"],
  ];
  const user = ["--proxy-user", "licensing", "--proxy-password-file"];
  const right = [...user, put("right", `${squidPassword}\n`)];
  const plain = ["--plain-http", "true"];

  await t.test("init", async () => {
    const noUser = await relayCommand("init", ...through, ...plain, ...at);
    assert.deepEqual([noUser.exitCode, noUser.code], [4, "proxy_authentication_needed"]);
    const wrong = await relayCommand("init", ...through, ...user, put("wrong", "canary-wrong"), ...plain, ...at);
    assert.deepEqual([wrong.exitCode, wrong.code], [4, "proxy_authentication_refused"]);
    assert.doesNotMatch(JSON.stringify([wrong, noUser]), /canary/);
    // Neither TLS nor plain HTTP is taken for granted.
    const neither = await relayCommand("init", ...through, ...right, ...at);
    assert.deepEqual([neither.exitCode, neither.code], [2, "relay_setting_invalid"]);
    const used = put("used", "bm9uZQ==");
    const untrusted = await relayCommand("init", ...through, ...right, ...plain, ...at, "--token-file", used);
    assert.deepEqual([untrusted.exitCode, untrusted.code], [3, "relay_not_trusted"]);
    assert.deepEqual([(await relayCommand("show", ...at)).code], ["relay_not_initialised"]);
    const made = await relayCommand("init", ...through, ...right, ...plain, ...at);
    assert.equal(made.exitCode, 0, made.stderr);
    assert.equal((JSON.parse(made.stdout) as { virtualAccount: string }).virtualAccount, "Lab");
    const again = await relayCommand("init", ...through, ...right, ...plain, ...at);
    assert.deepEqual([again.exitCode, again.code], [3, "relay_already_initialised"]);
  });

  await t.test("serve, to a device that cannot tell a proxy who it is", async () => {
    const running = await startRelay(directory, new PassThrough());
    stopServing = () => running.stop();
    await assert.rejects(startRelay(directory, new PassThrough()), { code: "relay_running" });
    const device = await startBehind(site, running.url, "C1");
    await device.say(`license smart trust idtoken ${await site.token()} local`);
    await device.say("license smart sync local");
    assert.equal(device.acknowledgements(), 1);
    assert.match(proxy.accessLog(), new RegExp(`CONNECT localhost:${site.manager().port} licensing`));
    const metrics = await (await fetch(new URL("/metrics", running.url))).text();
    assert.match(metrics, /countersign_relay_settled_total\{outcome="acknowledged"\} 1/);
    for (const path of ["/relay.db", "/identity.json", "/cslu/v1/log", "/cslu/v1/scheduler/jobs", "/../settings.json"])
      assert.equal((await fetch(new URL(path, running.url))).status, 404, path);
    const unreadable = await fetch(running.url, { method: "POST", body: "{}" });
    assert.deepEqual(
      [unreadable.status, ((await unreadable.json()) as { code: string }).code],
      [400, "envelope_invalid"],
    );
  });

  await t.test("over TLS, with a certificate that the device's roots issued", async () => {
    // The manager's own, for localhost and loopback, with the authority between it and the root.
    const certificates = join(site.folder, "manager", "certificates");
    const chain = ["tls.pem", "issuing-ca.pem"].map((name) => readFileSync(join(certificates, name), "utf8"));
    const blocks = chain.flatMap(
      (text) => text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [],
    );
    const secure = [
      ...["--tls-key-file", join(certificates, "tls.pem")],
      ...["--tls-certificate-file", put("chain.pem", blocks.join("\n"))],
    ];
    assert.equal((await relayCommand("configure", ...secure, ...at)).code, "relay_setting_invalid");
    const configured = await relayCommand("configure", ...secure, "--plain-http", "false", ...at);
    assert.equal(configured.exitCode, 0, configured.stderr);
    await stopServing();
    const running = await startRelay(directory, new PassThrough());
    stopServing = () => running.stop();
    assert.match(running.url, /^https:/);
    const device = await startBehind(site, running.url, "C2");
    await device.say(`license smart trust idtoken ${await site.token()} local`);
    await device.say("license smart sync local");
    assert.equal(device.acknowledgements(), 1);
  });

  await t.test("[TRN-4] by a device that was told nothing but where names are looked up", async () => {
    await stopServing();
    // The documented port, on an address of this process's own.
    const address = `127.82.${(process.pid >> 8) & 255}.${process.pid & 255 || 1}`;
    const found = ["--host", address, "--port", "8182", "--plain-http", "true"];
    const unsecured = ["--tls-key-file", "", "--tls-certificate-file", ""];
    assert.equal((await relayCommand("configure", ...found, ...unsecured, ...at)).exitCode, 0);
    const running = await startRelay(directory, new PassThrough());
    stopServing = () => running.stop();
    const names = await startNameServer(t, `address=/cslu-local.lab.test/${address}`);
    const device = await startBehind(site, null, "C3", { nameServerPort: names.port });
    await device.say("ip domain name lab.test");
    await device.say("ip name-server 127.0.0.1");
    await device.say(`license smart trust idtoken ${await site.token()} local`);
    await device.say("license smart sync local");
    assert.equal(device.acknowledgements(), 1);
  });

  await t.test(
    "[I9] its own certificate is renewed for the same key, once, and asking again gives the same",
    async () => {
      await stopServing();
      stopServing = async () => undefined;
      const early = await relayCommand("renew", ...at);
      assert.equal((JSON.parse(early.stdout) as { outcome: string }).outcome, "unchanged", early.stderr);
      // A manager that renews what has less than 2900 of its 2920 days left, a month later.
      const clock = { now: () => Date.now() + 30 * 86_400_000 };
      await site.managerAway();
      await site.managerBack({ clock, renewCertificateBeforeDays: 2900 });
      const before = readFileSync(join(directory, "identity.json"), "utf8");
      const relay = openRelay(directory, new PassThrough(), clock);
      const other = openRelay(directory, new PassThrough(), clock);
      try {
        const { key } = relay.identity.request;
        const { validUntilMs } = relay.renewal.view();
        assert.equal(await relay.renewal.renew(), "renewed");
        assert.ok(relay.renewal.view().validUntilMs > validUntilMs);
        assert.notEqual(relay.identity.request.key?.certificateSerial, key?.certificateSerial);
        assert.deepEqual(relay.identity.request.key?.signer.algorithm, key?.signer.algorithm);
        assert.equal(await relay.renewal.renew(), "unchanged");
        // As after a crash before the write: the one before is good to ask with, and gets what was given already.
        assert.equal(await other.renewal.renew(), "renewed");
        assert.deepEqual(other.identity.request.key?.certificateSerial, relay.identity.request.key?.certificateSerial);
        const stored = readFileSync(join(directory, "identity.json"), "utf8");
        assert.notEqual(stored, before);
        assert.equal((JSON.parse(stored) as { private_key: string }).private_key, relay.identity.stored.private_key);
      } finally {
        relay.close();
        other.close();
      }
      await site.managerAway();
      await site.managerBack();
    },
  );

  await t.test("device, collect, send, export and import say what is wrong", async () => {
    const list = put(
      "devices.csv",
      "name,url,user,password,fingerprint\nedge,https://127.0.0.1:1,ada,pw,\nbad,http://x,ada,pw,\n",
    );
    const taken = await relayCommand("device", "import", list, ...at);
    assert.equal(taken.exitCode, 3);
    assert.deepEqual(
      (JSON.parse(taken.stdout) as { row: number; problem: string | null }[]).map(({ row, problem }) => [row, problem]),
      [
        [2, null],
        [3, "has no URL of the form https://host[:port]"],
      ],
    );
    const pw = put("pw", "canary-device");
    const added = await relayCommand(
      "device",
      "add",
      "two",
      "--url",
      "https://127.0.0.1:1",
      "--user",
      "ada",
      "--password-file",
      pw,
      ...at,
    );
    assert.equal(added.exitCode, 0, added.stderr);
    const listed = await relayCommand("device", "list", ...at);
    assert.deepEqual(
      (JSON.parse(listed.stdout) as { name: string }[]).map(({ name }) => name),
      ["edge", "two"],
    );
    assert.doesNotMatch(listed.stdout, /canary/);
    assert.deepEqual((await relayCommand("device", "remove", "two", ...at)).exitCode, 0);
    assert.deepEqual((await relayCommand("device", "remove", "two", ...at)).code, "device_unknown");
    const collected = await relayCommand("collect", ...at);
    assert.equal(collected.exitCode, 4);
    assert.match(collected.stdout, /"code": "device_unreachable"/);
    assert.deepEqual((await relayCommand("export", join(site.folder, "none.tar.gz"), ...at)).code, "bundle_empty");
    const foreign = await relayCommand("import", put("foreign", "<smartLicense/>"), ...at);
    assert.equal(foreign.exitCode, 3);
    assert.match(foreign.stdout, /"code": "file_empty"/);
    assert.equal((await relayCommand("configure", "--keep-days", "6", ...at)).code, "relay_setting_invalid");
    assert.equal((await relayCommand("configure", "--keep-days", "7", ...at)).exitCode, 0);
    writeFileSync(join(directory, "identity.json"), "{}");
    assert.equal((await relayCommand("show", ...at)).code, "relay_state_damaged");
  });
});

/** A command in this process, as the command line calls it. */
async function relayCommand(...words: readonly string[]) {
  let command: Command | undefined;
  let among: readonly Command[] | undefined = commands;
  let at = 0;
  for (; among !== undefined; at += 1) {
    command = among.find(({ name }) => name === words[at]);
    among = command?.subcommands;
  }
  assert.ok(command?.run !== undefined, words.join(" "));
  const options = Object.fromEntries(Object.entries(command.options ?? {}).map(([name, { type }]) => [name, { type }]));
  const { values, positionals } = parseArgs({ args: words.slice(at), options, allowPositionals: true });
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const signal = new AbortController().signal;
  const exitCode = await command.run({ values, positionals, stdout, stderr, json: true, signal });
  const [out, err] = [String(stdout.read() ?? ""), String(stderr.read() ?? "")];
  const code = err === "" ? null : (JSON.parse(err) as { error: { code: string } }).error.code;
  return { exitCode, stdout: out, stderr: err, code };
}

/** A process of its own: the manager answers it from this one. */
async function runCommand(...words: readonly string[]): Promise<string> {
  const main = fileURLToPath(import.meta.resolve("@countersign/cli/main"));
  return (await promisify(execFile)(process.execPath, [main, ...words])).stdout;
}
