import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, test } from "node:test";
import {
  type AuthorizationWish,
  decodeLicenseFile,
  encodeLicenseFile,
  parseCertificate,
  parseIdToken,
  returnCodeOf,
  verifyProofFile,
} from "@countersign/protocol";
import { createRequestHandler } from "../program/request-handler.ts";
import { startManager } from "../program/start-manager.ts";
import { type CommandResult, runCommand } from "../test-support/run-command.ts";
import { entitlementTag, TestDevice } from "../test-support/test-device.ts";
import { recordingStream } from "../test-support/test-manager.ts";
import type { AuthorizationView } from "../use-cases/use-cases.ts";

type Run = (...words: string[]) => Promise<CommandResult>;

/** An initialised data directory, and commands that work on it. */
async function withDataDirectory(
  run: (manager: Run, dataDirectory: string, init: CommandResult) => Promise<void>,
  role = "cloud",
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-commands-"));
  const dataDirectory = join(folder, "data");
  const manager: Run = (...words) => runCommand([...words, "--data-directory", dataDirectory]);
  try {
    const init = await manager(
      "init",
      "--smart-account",
      "Example Corp",
      "--virtual-account",
      "Lab",
      "--operator",
      "ada",
      "--role",
      role,
      "--json",
    );
    assert.equal(init.exitCode, 0, init.stderr);
    await run(manager, dataDirectory, init);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const keyOf = ({ tag, licenseClass, count }: AuthorizationView["licenses"][number]) => ({
  entitlement_tag: tag,
  license_class: licenseClass,
  count,
});

const start = (dataDirectory: string) =>
  startManager({ dataDirectory, port: 0, logDestination: recordingStream().stream, isProcessMeasured: false });

suite("countersign manager", () => {
  test("[ONP-3] [BET-40] premises show prints lines to paste on a device, and admit says whom they let in", async () => {
    await withDataDirectory(async (manager) => {
      const shown = await manager("premises", "show", "--address", "onprem.example.org");
      assert.match(shown.stdout, /Without a token +all products/);
      assert.match(
        shown.stdout,
        /Devices of Lab:\n {2}license smart transport cslu\n {2}license smart url cslu https:\/\/onprem\.example\.org\/cslu\/v1\/pi\/Lab-1\n/,
      );
      const products = await manager("premises", "admit", "--products", "A,B", "--virtual-account", "Lab", "--json");
      const admission = { isOpen: true, virtualAccount: "Lab", productIds: ["A", "B"] };
      assert.deepEqual(JSON.parse(products.stdout).admission, admission);
      assert.match((await manager("premises", "admit", "--without-token", "no")).stdout, /Without a token +nobody/);
      for (const words of [[], ["--without-token", "perhaps"]])
        assert.equal((await manager("premises", "admit", ...words)).exitCode, 2);
    }, "onprem");
    await withDataDirectory(async (manager) => {
      assert.match((await manager("premises", "show")).stdout, /Role +cloud/);
      const refused = await manager("premises", "admit", "--without-token", "yes", "--json");
      assert.equal(refused.exitCode, 3);
      assert.match(refused.stderr, /"not_on_premises"/);
    });
  });

  test("[ONP-6] a manager on premises comes below another one and synchronises by files alone", async () => {
    await withDataDirectory(async (cloud, above) => {
      await withDataDirectory(async (premises, below) => {
        const file = (name: string) => join(below, name);
        const done = async (run: Run, ...words: string[]) => {
          const { exitCode, stdout, stderr } = await run(...words, "--json");
          assert.equal(exitCode, 0, `${words.join(" ")}: ${stderr}`);
          return JSON.parse(stdout);
        };
        const { token } = await done(cloud, "floor", "add", "works", "--virtual-account", "Lab");
        writeFileSync(file("token"), token);
        await done(premises, "upstream", "request", "--token-file", file("token"), "--out", file("registration"));
        await done(cloud, "floor", "answer", file("registration"), "--out", file("registered"));
        const root = ["--root", join(above, "certificates/licensing-root.pem")];
        const connected = await done(premises, "upstream", "connect", ...root, "--answer", file("registered"));
        assert.deepEqual([connected.url, connected.virtualAccount], [null, "Lab"]);

        const running = await start(below);
        const rootPem = running.rootCertificatePem;
        assert.equal(rootPem, readFileSync(join(above, "certificates/licensing-root.pem"), "utf8"));
        const handle = createRequestHandler(running.manager);
        const device = new TestDevice(
          "PID:EDGE-24,SN:EXA00000001",
          rootPem,
          async (body) => Buffer.from(await handle(Buffer.from(body))),
          Date.now,
        );
        const idToken = await running.manager.administration.createToken({ cause: { kind: "local" } });
        await device.enrol(idToken.text);
        await device.ask("LICENSE_USAGE", await device.usage([device.reportPayload(1, 7)]));
        await running.stop();

        const exported = await done(premises, "upstream", "export", "--out", file("up"));
        assert.deepEqual([exported.reports, exported.isLast], [1, true]);
        await done(cloud, "floor", "answer", file("up"), "--out", file("down"));
        await done(cloud, "floor", "answer", file("up"), "--out", file("down again"));
        const taken = await done(premises, "upstream", "import", file("down"), "--request", file("up"));
        assert.deepEqual([taken.acknowledged, taken.refused, taken.upstream.waitingReports], [1, 0, 0]);
        await done(premises, "upstream", "import", file("down again"), "--request", file("up"));
        const licenses = await done(cloud, "license", "list", "--virtual-account", "Lab");
        assert.deepEqual(
          licenses.map(({ inUse }: { inUse: number }) => inUse),
          [7],
        );
        assert.equal((await done(cloud, "ledger", "verify")).isSound, true);
        const cloudRunning = await start(above);
        const asked = { instance: "PID:EDGE-24,SN:EXA00000001", reportId: 1 };
        const proof = await cloudRunning.manager.administration.proveReport(asked);
        await cloudRunning.stop();
        await verifyProofFile(proof, [parseCertificate(rootPem)]);
        await done(premises, "upstream", "export", "--out", file("newer"));
        const other = await premises("upstream", "import", file("down"), "--request", file("newer"), "--json");
        assert.equal(other.exitCode, 3);
        assert.match(other.stderr, /"sync_file_refused"/);
        assert.match((await premises("upstream", "sync", "--json")).stderr, /upstream_unreachable/);
        assert.match((await premises("upstream", "show")).stdout, /Manager above +reached by files/);
        assert.match((await cloud("floor", "list")).stdout, /works +Lab/);
        await done(cloud, "floor", "remove", "works");
        assert.equal((await cloud("floor", "answer", file("newer"), "--out", file("no"))).exitCode, 3);
        assert.match((await cloud("upstream", "show")).stdout, /no manager above/);
      }, "onprem");
    });
  });

  test("init makes everything once; a second one is refused and changes nothing", async () => {
    await withDataDirectory(async (manager, dataDirectory, init) => {
      const result = JSON.parse(init.stdout);
      assert.deepEqual(result.virtualAccounts, ["DEFAULT", "Lab"]);
      assert.match(result.operator.bearer, /^countersign-operator-[A-Za-z0-9_-]{43}$/);
      for (const name of readdirSync(dataDirectory).filter((one) => one.startsWith("manager.sqlite")))
        assert.equal(readFileSync(join(dataDirectory, name), "latin1").includes(result.operator.bearer), false, name);
      assert.equal(statSync(dataDirectory).mode & 0o777, 0o700);
      const again = await manager("init", "--smart-account", "Other");
      assert.equal(again.exitCode, 3);
      assert.match(again.stderr, /already_initialised/);
      const accounts = JSON.parse((await manager("account", "show", "--json")).stdout);
      assert.deepEqual(
        accounts.map(({ name }: { name: string }) => name),
        ["Example Corp"],
      );
    });
  });

  test("every command does the same on a stopped manager and on a running one", async () => {
    await withDataDirectory(async (manager, dataDirectory) => {
      const readings = [
        ["account", "show"],
        ["search", "lab"],
        ["search", "no such thing"],
        ["token", "list"],
        ["license", "list"],
        ["instance", "list"],
        ["ack", "list"],
        ["policy", "show"],
        ["event", "list"],
        ["audit", "list"],
        ["alert", "list"],
        ["audit", "list", "--manager"],
        ["operator", "list"],
      ];
      const readAll = async () => {
        const texts: string[] = [];
        for (const words of readings) {
          const { exitCode, stdout, stderr } = await manager(...words, "--json");
          assert.deepEqual([exitCode, stderr], [0, ""], words.join(" "));
          texts.push(stdout);
        }
        return texts;
      };
      const stopped = await readAll();
      const running = await start(dataDirectory);
      try {
        assert.deepEqual(await readAll(), stopped);
        assert.match((await manager("search", "lab")).stdout, /virtual account +Lab +Lab +Lab/);
        assert.equal((await manager("search", "no such thing")).stdout, "Nothing was found.\n");
        const short = await manager("search", "x");
        assert.equal(short.exitCode, 3);
        assert.match(short.stderr, /text: must have 2 to 256 characters, has 1/);
        const created = await manager(
          "token",
          "create",
          "--uses",
          "2",
          "--days",
          "5",
          "--description",
          "made while running",
          "--json",
        );
        assert.equal(created.exitCode, 0, created.stderr);
        const [token] = await running.manager.administration.listTokens({});
        assert.deepEqual([token?.description, token?.usesMax, token?.createdBy], ["made while running", 2, "local"]);
      } finally {
        await running.stop();
      }
      const afterwards = await manager("token", "list");
      assert.equal(afterwards.stderr, "");
      assert.match(afterwards.stdout, /made while running/);
    });
  });

  test("[GEN-14] [GEN-15] licences are transferred after a preview, taken back, and stand in for others as a file declares", async () => {
    await withDataDirectory(async (manager, dataDirectory) => {
      const tag = (name: string) => `regid.2031-01.org.example.${name},1.0_00000000-0000-4000-8000-00000000000a`;
      const done = async (...words: string[]) => {
        const { exitCode, stdout, stderr } = await manager(...words);
        assert.deepEqual([exitCode, stderr], [0, ""], words.join(" "));
        return stdout;
      };
      await done("license", "add", tag("PLUS"), "5");
      const move = ["license", "transfer", "make", tag("PLUS"), "3", "--from", "DEFAULT", "--to", "Lab"];
      assert.match(await done(...move, "--preview"), /PLUS: 5 purchased, balance 5 → 2 purchased, balance 2/);
      assert.equal(await done("license", "transfer", "list"), "No licences were transferred.\n");
      assert.match(await done(...move, "--reason", "CHG-7"), /Take it back with: license transfer undo 1/);
      const [listed] = JSON.parse(await done("license", "transfer", "list", "--json"));
      assert.deepEqual([listed.from, listed.to, listed.quantity, listed.undoneAtMs], ["DEFAULT", "Lab", 3, null]);
      const refused = await manager(...move.with(4, "9"), "--json");
      assert.deepEqual([refused.exitCode, JSON.parse(refused.stderr).error.code], [3, "transfer_impossible"]);
      assert.match(await done("license", "transfer", "undo", "1"), /3 are back from Lab in DEFAULT/);
      const file = join(dataDirectory, "hierarchy.json");
      writeFileSync(file, JSON.stringify({ hierarchies: [[tag("ALL"), [tag("PLUS"), tag("BASE")]]] }));
      assert.match(await done("license", "substitution", "declare", file), /2 substitutions are declared now/);
      await done("license", "substitution", "add", tag("PLUS"), tag("BASE"), "--rank", "1");
      await done("license", "substitution", "remove", tag("ALL"), tag("PLUS"));
      assert.match(await done("conversion", "automatic"), /waits until an administrator allows it/);
      assert.match(await done("conversion", "automatic", "on", "--reason", "audited"), /as devices tell them/);
      assert.equal((await manager("conversion", "automatic", "maybe")).exitCode, 2);
      assert.match(await done("conversion", "list"), /No device asked for a conversion/);
      for (const act of ["show", "allow"])
        assert.match((await manager("conversion", act, "PID:A,SN:B")).stderr, /conversion_unknown/);
      const edges = JSON.parse(await done("license", "substitution", "list", "--json"));
      assert.deepEqual(
        edges.map(({ provider }: { provider: string }) => provider),
        [tag("ALL"), tag("PLUS")],
      );
      writeFileSync(file, "[]");
      assert.equal((await manager("license", "substitution", "declare", file)).exitCode, 2);
      assert.equal(await done("license", "users", tag("PLUS")), "Nobody uses it.\n");
      const history = ["license", "history", tag("PLUS")];
      assert.match(await done(...history), /^Day .*\n\d{4}-\d{2}-\d{2} +0 +0 +0 +5 +0 +·{24}\n$/);
      const { steps } = JSON.parse(await done(...history, "--json"));
      assert.deepEqual([steps.length, steps[0].purchased], [1, 5]);
      const before = ["--from", "2020-01-01", "--to", "2020-01-31"];
      assert.equal(await done(...history, ...before), "Nothing was written down in these days.\n");
    });
  });

  test("[TOK-2] [TOK-4] [TOK-6] [TOK-7] a token is created in one virtual account, for a number of devices, and shown this once", async () => {
    await withDataDirectory(async (manager) => {
      const created = JSON.parse(
        (await manager("token", "create", "--virtual-account", "Lab", "--uses", "3", "--json")).stdout,
      );
      assert.deepEqual([created.virtualAccount, created.usesMax, created.uses, created.state], ["Lab", 3, 0, "valid"]);
      assert.match(created.text, /%0A$/);
      assert.equal(parseIdToken(created.text).expiresAtMs, created.expiresAtMs);
      assert.equal(created.expiresAtMs - created.createdAtMs, 30 * 86_400_000);
      const other = JSON.parse((await manager("token", "create", "--json")).stdout);
      assert.notEqual(other.text, created.text);
      assert.equal(
        (await manager("token", "list", "--virtual-account", "Lab", "--json")).stdout.includes(
          created.text.slice(0, 40),
        ),
        false,
      );
      const revoked = await manager("token", "revoke", created.tokenId, "--json");
      assert.equal(JSON.parse(revoked.stdout).state, "revoked");
      assert.equal((await manager("token", "revoke", "unknown")).exitCode, 3);
    });
  });

  test("[GEN-13] [TRU-13] licences, devices, usage, acknowledgements and events are all seen and managed in one place", async () => {
    await withDataDirectory(async (manager, dataDirectory) => {
      const file = join(dataDirectory, "licenses.csv");
      writeFileSync(file, `tag,quantity,virtual_account\n"${entitlementTag}",10,Lab\n`);
      assert.equal((await manager("license", "import", file)).exitCode, 0);
      assert.equal((await manager("license", "add", entitlementTag, "5")).exitCode, 0);
      const { text } = JSON.parse((await manager("token", "create", "--virtual-account", "Lab", "--json")).stdout);
      const running = await start(dataDirectory);
      try {
        const { endpoint } = running.manager;
        const exchange = async (body: string) =>
          Buffer.from((await endpoint.answer(Buffer.from(body), { reportsMax: 40 })).body);
        const device = new TestDevice("PID:C9300-48UN,SN:LABSN000001", running.rootCertificatePem, exchange);
        await device.enrol(text);
        const answer = await device.ask("LICENSE_USAGE", await device.usage([device.reportPayload(1, 4)]));
        assert.equal(answer.statusCode, "OK");
        const shown = async (...words: string[]) => {
          const { exitCode, stdout, stderr } = await manager(...words);
          assert.equal(exitCode, 0, stderr);
          return stdout;
        };
        assert.match(await shown("license", "list"), /Lab .* 10 +4 +0 +0 +0 +6 /);
        assert.match(await shown("instance", "list"), /PID:C9300-48UN,SN:LABSN000001 +Active/);
        assert.match(
          await shown("instance", "show", "PID:C9300-48UN,SN:LABSN000001"),
          /Virtual account +Lab[\s\S]*In use\n +4 /,
        );
        assert.match(await shown("report", "list", device.identifier), / +1 +4 .*verified/);
        assert.match(await shown("report", "show", device.identifier, "1"), /"report_id":1/);
        const [ack] = JSON.parse(await shown("ack", "list", "--json"));
        const out = join(dataDirectory, "ack.xml");
        assert.match(await shown("ack", "show", String(ack.acknowledgementId), "--out", out), /accepted/);
        assert.match(readFileSync(out, "utf8"), /^<\?xml[\s\S]*<smartLicenseRumAck>/);
        const code = join(dataDirectory, "code.xml");
        const wish = [device.identifier, entitlementTag, "--class", "enforced", "--out", code];
        assert.match(await shown("authorization", "generate", ...wish), /generated[\s\S]*license smart import/);
        assert.match(readFileSync(code, "utf8"), /<smartLicenseAuth>/);
        const [made] = JSON.parse(await shown("authorization", "list", "--json"));
        assert.deepEqual([made.state, made.licenses.length], ["generated", 1]);
        const request = join(dataDirectory, "request.xml");
        const { device_list: asked } = device.authorizationRequest();
        const authorizationRequest = [{ ...asked[0], keys: made.licenses.map(keyOf) }] as AuthorizationWish[];
        writeFileSync(
          request,
          encodeLicenseFile({ reports: [], managerObjects: [], systemInfo: null, authorizationRequest }),
        );
        assert.match(await shown("authorization", "import-request", request, "--out", code), /has a code in the file/);
        const payload = decodeLicenseFile(readFileSync(code)).managerObjects[0]?.payload ?? "";
        const digits = returnCodeOf(payload);
        assert.match(await shown("authorization", "return", device.identifier, digits), /State +returned/);
        assert.equal((await manager("authorization", "withdraw", device.identifier)).exitCode, 3);
        assert.match(await shown("authorization", "list"), new RegExp(`returned +${made.confirmationCode}`));
        assert.match(await shown("event", "list"), /A product instance was added: PID:C9300-48UN,SN:LABSN000001/);
        assert.match(await shown("instance", "transfer", device.identifier, "DEFAULT"), /is now in DEFAULT/);
        assert.match(await shown("instance", "remove", device.identifier), /was removed/);
        assert.match(await shown("instance", "list"), /There is no product instance/);
      } finally {
        await running.stop();
      }
    });
  });

  test("a policy is set by class and shown with the source of every value", async () => {
    await withDataDirectory(async (manager) => {
      const set = await manager("policy", "set", "--name", "Quarterly", "--class", "subscription", "--frequency", "60");
      assert.equal(set.exitCode, 0, set.stderr);
      assert.match(
        (await manager("policy", "show")).stdout,
        /Quarterly[\s\S]*subscription +90 \(default\) +60 \(account\) +90 \(default\)/,
      );
      for (const words of [["--class", "subscription"], ["--frequency", "60"], ["--ack-required", "perhaps"], []]) {
        assert.equal((await manager("policy", "set", ...words)).exitCode, 2, words.join(" "));
      }
      assert.equal((await manager("policy", "set", "--class", "unheard", "--frequency", "60")).exitCode, 3);
    });
  });

  test("operators come and go; a removed one's token ends at once on the running manager", async () => {
    await withDataDirectory(async (manager, dataDirectory) => {
      const running = await start(dataDirectory);
      try {
        const { bearer } = JSON.parse((await manager("operator", "add", "bob", "--json")).stdout);
        assert.equal((await running.manager.administration.findOperator(bearer))?.name, "bob");
        assert.equal((await manager("operator", "remove", "bob")).exitCode, 0);
        assert.equal(await running.manager.administration.findOperator(bearer), undefined);
        assert.equal((await manager("operator", "remove", "bob")).exitCode, 3);
      } finally {
        await running.stop();
      }
    });
  });

  test("[GEN-16] an operator is given virtual accounts, and more or less later, on a running manager", async () => {
    await withDataDirectory(async (manager, dataDirectory) => {
      const running = await start(dataDirectory);
      try {
        const json = async (...words: string[]) => JSON.parse((await manager("operator", ...words, "--json")).stdout);
        const places = ["--virtual-account", "Lab", "--virtual-account", "DEFAULT"];
        const added = await json("add", "bob", "--role", "viewer", ...places);
        const inLab = { role: "viewer", smartAccount: "Example Corp", virtualAccount: "Lab" };
        const inDefault = { ...inLab, virtualAccount: "DEFAULT" };
        assert.deepEqual(added.grants, [inLab, inDefault]);
        const place = ["--smart-account", "Example Corp", "--virtual-account", "Lab"];
        const granted = await json("grant", "bob", ...place, "--reason", "CHG-1");
        assert.deepEqual(granted.grants, [inDefault, { ...inLab, role: "administrator" }]);
        assert.deepEqual((await json("revoke", "bob", "--virtual-account", "DEFAULT")).grants, [granted.grants[1]]);
        const { operatorId, createdAtMs } = added;
        assert.deepEqual((await json("list"))[1], {
          operatorId,
          name: "bob",
          createdAtMs,
          grants: [granted.grants[1]],
        });
        const listed = await manager("operator", "list");
        assert.match(listed.stdout, /ada +administrator of everything/);
        assert.match(listed.stdout, /bob +administrator of Example Corp \/ Lab/);
        const gone = await manager("operator", "revoke", "bob");
        assert.deepEqual([gone.exitCode, /grant_unknown/.test(gone.stderr)], [3, true]);
        assert.match((await manager("operator", "revoke", "bob", ...place)).stdout, /Access of bob: none/);
        assert.equal((await manager("operator", "add", "eve", "--role", "king")).exitCode, 3);
        const acts = JSON.parse((await manager("audit", "list", "--manager", "--json")).stdout);
        assert.deepEqual(
          acts.map(({ act, reason }: { act: string; reason: string | null }) => [act, reason]),
          [
            ["change_operator_access", null],
            ["change_operator_access", null],
            ["change_operator_access", "CHG-1"],
            ["add_operator", null],
            ["add_operator", "init"],
          ],
        );
      } finally {
        await running.stop();
      }
    });
  });

  test("a wrong command line exits with 2, a data directory that is not there or in use with 3", async () => {
    await withDataDirectory(async (manager, dataDirectory) => {
      for (const words of [
        ["token", "revoke"],
        ["token", "list", "surplus"],
        ["token", "create", "--uses", "many"],
        ["serve", "--port", "http"],
      ]) {
        assert.equal((await manager(...words)).exitCode, 2, words.join(" "));
      }
      const nowhere = await runCommand(["token", "list", "--data-directory", join(dataDirectory, "nowhere"), "--json"]);
      assert.deepEqual([nowhere.exitCode, JSON.parse(nowhere.stderr).error.code], [3, "not_initialised"]);
      const running = await start(dataDirectory);
      try {
        const second = await manager("serve", "--port", "0", "--json");
        assert.deepEqual([second.exitCode, JSON.parse(second.stderr).error.code], [3, "data_directory_in_use"]);
      } finally {
        await running.stop();
      }
    });
  });

  test("a data directory that a newer version wrote is refused and left as it is", async () => {
    await withDataDirectory(async (manager, dataDirectory) => {
      const database = new DatabaseSync(join(dataDirectory, "manager.sqlite"));
      database.exec("INSERT INTO schema_migrations VALUES (9999, 'of the future', 0)");
      database.close();
      for (const words of [
        ["serve", "--port", "0"],
        ["token", "list"],
      ]) {
        const { exitCode, stderr } = await manager(...words, "--json");
        assert.deepEqual([exitCode, JSON.parse(stderr).error.code], [3, "storage_newer"], words.join(" "));
      }
    });
  });

  test("serve runs until it is interrupted, then stops in order", async () => {
    await withDataDirectory(async (_manager, dataDirectory) => {
      const interrupt = new AbortController();
      interrupt.abort();
      const served = await runCommand(
        ["serve", "--port", "0", "--data-directory", dataDirectory],
        undefined,
        interrupt.signal,
      );
      assert.equal(served.exitCode, 0, served.stderr);
      assert.match(served.stderr, /Listening +https:\/\/127\.0\.0\.1:\d+\nLicensing root +\//);
      const events = served.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).event);
      assert.deepEqual(events, ["manager_started", "manager_stopping", "manager_stopped"]);
    });
  });

  test("tables fit the terminal", async () => {
    await withDataDirectory(async (manager, dataDirectory) => {
      await manager(
        "token",
        "create",
        "--description",
        "a description that is much longer than any terminal would show on one of its lines",
      );
      const { stdout } = await runCommand(["token", "list", "--data-directory", dataDirectory], 100);
      for (const line of stdout.split("\n")) assert.ok(line.length <= 100, line);
    });
  });

  test("config print shows where each value comes from, check names every problem, explain every setting", async () => {
    const printed = JSON.parse((await runCommand(["config", "print", "--port", "9443", "--json"])).stdout);
    assert.deepEqual([printed.values.port, printed.sources.port, printed.sources.host], [9443, "flag", "default"]);
    assert.equal((await runCommand(["config", "check"])).exitCode, 0);
    const wrong = await runCommand(["config", "check", "--port", "99999", "--host", "a b"]);
    assert.equal(wrong.exitCode, 2);
    assert.match(wrong.stderr, /--host: [\s\S]*--port: /);
    assert.match(
      (await runCommand(["config", "explain"])).stdout,
      /requestTimeoutSeconds \(seconds\): .*\n {2}default 30, COUNTERSIGN_MANAGER_REQUEST_TIMEOUT_SECONDS, --request-timeout-seconds/,
    );
  });
});
