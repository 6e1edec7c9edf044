import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { formatUdi } from "@countersign/protocol";
import { smallMessageBytesMax } from "../http/large-message-turns.ts";
import { withManager } from "../test-support/test-manager.ts";

suite("usage reports on a thread of their own", () => {
  const ways = (["on", "off"] as const).flatMap((usageThread) =>
    (["rsa-2048", "p-256"] as const).map((keyType) => ({ usageThread, keyType })),
  );
  for (const { usageThread, keyType } of ways) {
    test(`a report, its repetition and foreign signatures are answered alike with the thread ${usageThread} and ${keyType}`, async () => {
      await withManager({ usageThread }, async (manager) => {
        const device = manager.device(undefined, keyType);
        await device.enrol(await manager.token());
        const usage = await device.usage([device.reportPayload(1, 4)]);
        for (let times = 0; times < 2; times += 1)
          assert.equal((await device.ask("LICENSE_USAGE", usage)).statusCode, "OK");
        const impostor = manager.device(formatUdi(device.udi), keyType);
        impostor.trust = device.trust;
        const refused = await impostor.ask("LICENSE_USAGE", await impostor.usage([impostor.reportPayload(2, 9)]));
        assert.ok(refused.statusCode === "FAILED");
        assert.equal(refused.data?.code, "signature_mismatch");
        // Known to both threads a moment before, and replaced since.
        const successor = manager.device(formatUdi(device.udi), keyType);
        await successor.enrol(await manager.token(), true);
        const former = await device.ask("LICENSE_USAGE", await device.usage([device.reportPayload(3, 9)]));
        assert.ok(former.statusCode === "FAILED");
        assert.equal(former.data?.code, "identity_not_valid");
        const [license] = await manager.running.manager.administration.listLicenses({});
        assert.equal(license?.inUse, 4);
        const metrics = (await manager.call("GET", "/metrics")).text;
        assert.match(metrics, /countersign_reports_total\{outcome="accepted"\} 1\n/);
        assert.match(metrics, /countersign_reports_total\{outcome="known"\} 1\n/);
        // The third transaction is the one that found that the trust has changed.
        assert.match(metrics, /countersign_group_commit_messages_count 3\n/);
      });
    });
  }

  for (const usageThread of ["on", "off"] as const) {
    test(`a large message is answered as a small one is, whatever is in it, with the thread ${usageThread}`, async () => {
      await withManager({ usageThread }, async (manager) => {
        const device = manager.device();
        await device.enrol(await manager.token());
        const payloads = Array.from({ length: 30 }, (_, at) => device.reportPayload(at + 1, 4));
        const usage = await device.usage(payloads);
        for (let times = 0; times < 2; times += 1) {
          const answer = await device.ask("LICENSE_USAGE", usage);
          assert.ok(answer.statusCode === "OK");
          assert.equal(answer.data.nonce, usage.nonce);
        }
        const late = await device.ask("LICENSE_USAGE", { ...usage, timestamp: usage.timestamp - 7_200_000 });
        assert.ok(late.statusCode === "FAILED");
        assert.equal(late.data?.code, "clock_offset");
        const impostor = manager.device(formatUdi(device.udi));
        impostor.trust = device.trust;
        const refused = await impostor.ask("LICENSE_USAGE", await impostor.usage(payloads));
        assert.ok(refused.statusCode === "FAILED");
        assert.equal(refused.data?.code, "signature_mismatch");
        const metrics = (await manager.call("GET", "/metrics")).text;
        assert.match(metrics, /countersign_reports_total\{outcome="accepted"\} 30\n/);
        assert.match(metrics, /countersign_reports_total\{outcome="known"\} 30\n/);
        const room = " ".repeat(smallMessageBytesMax);
        const spacious = await manager.call("POST", "/licservice/license", {
          body: (await device.encode("HELLO", device.hello())) + room,
        });
        assert.match(spacious.text, /\\"request_type\\":\\"HELLO\\".*\\"status_code\\":\\"OK\\"/);
        const unreadable = await manager.call("POST", "/licservice/license", { body: `{${room}` });
        assert.equal(unreadable.status, 400);
      });
    });
  }

  test("writers on both threads do not disturb each other", async () => {
    await withManager({ usageThread: "on" }, async (manager) => {
      const devices = Array.from({ length: 6 }, () => manager.device());
      const token = await manager.token(devices.length);
      const answers = await Promise.all(
        devices.map(async (device) => {
          await device.enrol(token);
          return device.ask("LICENSE_USAGE", await device.usage([device.reportPayload(1, 2)]));
        }),
      );
      assert.deepEqual(
        answers.map(({ statusCode }) => statusCode),
        devices.map(() => "OK"),
      );
      const [license] = await manager.running.manager.administration.listLicenses({});
      assert.equal(license?.inUse, 12);
    });
  });

  test("a report that cannot be written is not acknowledged: the device is asked to come again", async () => {
    await withManager({ usageThread: "on" }, async (manager) => {
      const device = manager.device();
      await device.enrol(await manager.token());
      const database = new DatabaseSync(join(manager.dataDirectory, "manager.sqlite"));
      database.exec("drop table report_bodies");
      database.close();
      const answer = await device.ask("LICENSE_USAGE", await device.usage([device.reportPayload(1, 4)]));
      assert.equal(answer.statusCode, "OK_TRY_AGAIN");
      assert.match(manager.logText(), /"code":"ack_storage_failed"/);
      assert.match(manager.logText(), /no such table/);
      const many = Array.from({ length: 30 }, (_, at) => device.reportPayload(at + 1, 4));
      const put = await device.ask("LICENSE_USAGE", await device.usage(many));
      assert.equal(put.statusCode, "OK_TRY_AGAIN");
    });
  });

  test("when the thread ends by itself, the manager says so in its log and ends", async () => {
    const directory = mkdtempSync(join(tmpdir(), "countersign-thread-"));
    try {
      const program = fileURLToPath(new URL("../test-support/dying-thread-child.ts", import.meta.url));
      const runtime = process.execArgv.filter((option) => !option.startsWith("--test"));
      const child = spawn(process.execPath, [...runtime, program, directory], { stdio: ["ignore", "pipe", "ignore"] });
      let log = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        log += text;
      });
      const [code] = await once(child, "close");
      assert.notEqual(code, 0);
      assert.match(log, /"event":"manager_started"/);
      assert.match(log, /"level":"error".*"event":"usage_thread_failed"/);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
