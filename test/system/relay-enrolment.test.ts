// A relay that is set up again after its manager's answer got lost: the same relay, and the token was used once.

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, connect as openSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { initManager, type RunningManager, startManager } from "@countersign/manager";
import { formatUdi } from "@countersign/protocol";
import { initRelay, type RelayInit } from "@countersign/relay";

const cause = { kind: "operator", name: "ada" } as const;
const account = { smartAccount: "Example Corp", virtualAccount: "Lab" };
/** The tickets of TLS are less than this, and the answer to a trust request, which holds certificates, is more. */
const ticketBytesMax = 1500;

async function startSite(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "countersign-relay-enrolment-"));
  const dataDirectory = join(folder, "manager");
  await initManager({ dataDirectory, ...account });
  const running: RunningManager = await startManager({
    ...{ dataDirectory, port: 0, logLevel: "silent", isProcessMeasured: false },
  });
  t.after(async () => {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const rootFile = join(folder, "root.pem");
  writeFileSync(rootFile, running.rootCertificatePem);
  const { administration } = running.manager;
  await administration.createVirtualAccount({ smartAccount: account.smartAccount, name: "Other", cause });
  const token = async (virtualAccount: string, usesMax: number) =>
    (await administration.createToken({ ...account, virtualAccount, usesMax, cause })).text;
  const uses = async () => (await administration.listTokens(account)).map(({ uses }) => uses);
  const instances = async () =>
    (await administration.listProductInstances({ smartAccount: account.smartAccount })).map(({ udi }) =>
      formatUdi(udi),
    );
  const directory = join(folder, "relay");
  const wish = (port: number, token: string): RelayInit => ({
    ...{ directory, rootFile, token, signal: t.signal },
    settings: { managerUrl: `https://localhost:${port}`, port: 0, plainHttp: true },
  });
  return { folder, directory, port: running.port, token, uses, instances, wish };
}

/** A way to the manager on which every request arrives and every answer gets lost. */
async function startLosingAnswers(t: TestContext, port: number) {
  const server = createServer((client) => {
    const manager = openSocket(port, "127.0.0.1");
    const end = () => {
      client.destroy();
      manager.destroy();
    };
    for (const socket of [client, manager]) socket.on("error", end).on("close", end);
    let [isGreeted, isAsked, lostBytes] = [false, false, 0];
    client.on("data", (bytes) => {
      // What a client says after the server's greeting ends the handshake; what it asks comes with it or behind it.
      isAsked ||= isGreeted;
      manager.write(bytes);
    });
    manager.on("data", (bytes) => {
      isGreeted = true;
      if (!isAsked) return client.write(bytes);
      lostBytes += bytes.length;
      if (lostBytes > ticketBytesMax) end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

test("[I9] a relay whose manager's answer got lost is set up again with the same key, and takes one use of its token", async (t) => {
  const { directory, port, token, uses, instances, wish } = await startSite(t);
  const losing = await startLosingAnswers(t, port);
  const single = await token("Lab", 1);
  const pending = join(directory, "enrolment.json");

  await t.test("every answer that is lost leaves the relay the same", async () => {
    for (const _ of [1, 2]) await assert.rejects(initRelay(wish(losing, single)), { name: "TransportFailure" });
    assert.deepEqual([await uses(), (await instances()).length], [[1], 1]);
    assert.equal(statSync(pending).mode & 0o077, 0, "its key is its own");
    assert.ok(!existsSync(join(directory, "identity.json")));
  });

  await t.test("a token of another account does not take it over, and nothing is lost by trying", async () => {
    await assert.rejects(initRelay(wish(port, await token("Other", 1))), { code: "relay_not_trusted" });
    await assert.rejects(initRelay(wish(port, "bm9uZQ==")), { code: "relay_not_trusted" });
    assert.ok(existsSync(pending));
  });

  await t.test("two at one time are one", async () => {
    const before = JSON.parse(readFileSync(pending, "utf8")) as Record<string, unknown>;
    const results = await Promise.allSettled([initRelay(wish(port, single)), initRelay(wish(port, single))]);
    const [made] = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const [refused] = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    assert.deepEqual([made?.virtualAccount, refused?.code], ["Lab", "relay_running"]);
    assert.deepEqual([await uses(), await instances()], [[1], [made?.udi]]);
    const identity = JSON.parse(readFileSync(join(directory, "identity.json"), "utf8")) as Record<string, unknown>;
    assert.deepEqual(
      [identity.private_key, identity.udi_serial_number],
      [before.private_key, before.udi_serial_number],
    );
    assert.ok(!existsSync(pending));
    await assert.rejects(initRelay(wish(port, single)), { code: "relay_already_initialised" });
  });
});

test("a relay whose kept request cannot be read says so, and asks for nothing", async (t) => {
  const { directory, port, token, uses, wish } = await startSite(t);
  const losing = await startLosingAnswers(t, port);
  const one = await token("Lab", 2);
  await assert.rejects(initRelay(wish(losing, one)), { name: "TransportFailure" });
  writeFileSync(join(directory, "enrolment.json"), "{}");
  await assert.rejects(initRelay(wish(port, one)), { code: "relay_state_damaged" });
  assert.deepEqual(await uses(), [1]);
});
