import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { appendLeaves, dayMs, emptyTree, reportLeaf, rootOf } from "@countersign/protocol";
import { createAuthority, issueIdCertificate, issuingAuthorityOf } from "../../certificates/certificate-authority.ts";
import { sqliteSnapshot } from "../../storage/sqlite/snapshot.ts";
import { openSqliteStorage } from "../../storage/sqlite/sqlite-storage.ts";
import { createClassicDevice } from "../../test-support/classic-device.ts";
import { baseTag, createTrustedDevice, type TestDevice } from "../../test-support/core-device.ts";
import { createTestManager, operator, startMs, type TestManager } from "../../test-support/core-manager.ts";
import { purgeAgeDaysMin } from "../../usage/retention.ts";
import { auditLedgers } from "./audit-ledger.ts";

type Opened = { readonly manager: TestManager; readonly device: TestDevice; readonly database: DatabaseSync };

/** A manager on a file, a device, and a connection past the manager. */
async function withFile(run: (opened: Opened, verify: () => ReturnType<typeof auditLedgers>) => Promise<void>) {
  const directory = mkdtempSync(join(tmpdir(), "countersign-audit-"));
  const path = join(directory, "manager.sqlite");
  const storage = openSqliteStorage(path, startMs);
  const database = new DatabaseSync(path);
  try {
    const manager = await createTestManager({ storage });
    const device = await createTrustedDevice(manager);
    const { authorities } = manager;
    const verify = () => sqliteSnapshot(path)((reader) => auditLedgers(reader, authorities));
    await run({ manager, device, database }, verify);
  } finally {
    database.close();
    await storage.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

test("[I3] what classic devices use is in the sums that are compared, though no report says it", async () => {
  await withFile(async ({ manager, device, database }, verify) => {
    await device.use({ reportId: 1, count: 2 });
    const classic = createClassicDevice(manager);
    await classic.register((await manager.useCases.createToken({ cause: operator })).text);
    await classic.authorize({ [baseTag]: 3 });
    const { isSound, ledgers } = await verify();
    assert.deepEqual([isSound, ledgers[0]?.inUse], [true, 5]);
    database.exec("update usage_totals set in_use_verified = in_use_verified + 1");
    assert.deepEqual(await codesOf(verify), ["totals_altered: tag 1 in virtual account 1"]);
    database.exec("update usage_totals set in_use_verified = in_use_verified - 1");
    await classic.deregister();
    assert.deepEqual([(await verify()).isSound, (await verify()).ledgers[0]?.inUse], [true, 2]);
  });
});

const codesOf = async (verify: () => ReturnType<typeof auditLedgers>) =>
  (await verify()).findings.map(({ code, where }) => `${code}: ${where}`);

const hashOf = (text: string) => createHash("sha256").update(text).digest();

/** Another body for the report at a leaf, and all that follows from it: row, leaf, tree, heads, acknowledgements. */
function writeAnew(database: DatabaseSync, leafIndex: number, payload: string): void {
  const text = (sql: string) => String(Object.values(database.prepare(sql).get(leafIndex) ?? {})[0]);
  const old = hashOf(text("select payload from report_bodies where leaf_index = ?")).toString("hex");
  const hash = hashOf(payload);
  database.prepare("update report_bodies set payload = ? where leaf_index = ?").run(payload, leafIndex);
  database.prepare("update reports set payload_sha256 = ? where leaf_index = ?").run(hash, leafIndex);
  const tile = Buffer.from(
    database.prepare("select hashes from ledger_tiles where smart_account_id = 1 and level = 0").get()
      ?.hashes as Uint8Array,
  );
  tile.set(reportLeaf(hash), leafIndex * 32);
  database.prepare("update ledger_tiles set hashes = ? where smart_account_id = 1 and level = 0").run(tile);
  const acknowledge = database.prepare("update acknowledgements set payload = replace(payload, ?, ?)");
  acknowledge.run(old, hash.toString("hex"));
  let tree = emptyTree;
  for (let at = 0; at < tile.length; at += 32) {
    tree = appendLeaves(tree, [tile.subarray(at, at + 32)]);
    const head = database.prepare("select root_sha256 from tree_heads where smart_account_id = 1 and size = ?");
    const before = head.get(tree.size)?.root_sha256 as Uint8Array | undefined;
    if (before === undefined) continue;
    const root = Buffer.from(rootOf(tree));
    database
      .prepare("update tree_heads set root_sha256 = ? where smart_account_id = 1 and size = ?")
      .run(root, tree.size);
    acknowledge.run(Buffer.from(before).toString("hex"), root.toString("hex"));
  }
  database.prepare("update ledgers set frontier = ? where smart_account_id = 1").run(Buffer.concat([...tree.frontier]));
}

test("[BET-22] a body that was altered with its row, leaf, tree, heads and acknowledgements has a false signature", async () => {
  await withFile(async ({ device, database }, verify) => {
    for (const reportId of [1, 2, 3]) await device.use({ reportId, count: 5, toSeconds: startMs / 1000 - reportId });
    const [sound] = (await verify()).ledgers;
    assert.deepEqual([sound?.signatures, sound?.certificates], [{ verified: 3, unverifiable: 0, purged: 0 }, 1]);
    const row = database.prepare("select leaf_index, payload from report_bodies order by leaf_index limit 1").get();
    const leafIndex = Number(row?.leaf_index);
    writeAnew(database, leafIndex, String(row?.payload).replace('"value":"5"', '"value":"4"'));
    database.exec(`update reports set use_count = 4 where leaf_index = ${leafIndex};
      update installation_usage set use_count = 4 where report_id = 1; update usage_totals set in_use_verified = 4`);
    const verdict = await verify();
    const { length } = verdict.findings;
    assert.deepEqual([verdict.isSound, length, verdict.findings[0]?.code], [false, 1, "signature_false"]);
    assert.match(verdict.findings[0]?.where ?? "", new RegExp(`^report 1 of installation 1 at leaf ${leafIndex}$`));
    assert.deepEqual(verdict.ledgers[0]?.signatures, { verified: 2, unverifiable: 0, purged: 0 });
  });
});

test("what was signed before trust and what was purged is counted apart; a hash of before trust that is false is found", async () => {
  await withFile(async ({ manager, device, database }, verify) => {
    await device.use({ reportId: 1, count: 1 });
    manager.clock.advance((purgeAgeDaysMin + 1) * dayMs);
    await manager.useCases.purgeReportBodies({ olderThanDays: purgeAgeDaysMin, cause: operator });
    await device.sendReports([await device.report({ reportId: 2, count: 1 }, "builtin")]);
    await device.use({ reportId: 3, count: 1 });
    const { isSound, ledgers } = await verify();
    assert.deepEqual([isSound, ledgers[0]?.signatures], [true, { verified: 1, unverifiable: 1, purged: 1 }]);
    const builtin = `from report_bodies where signature like '%builtin%'`;
    const row = database.prepare(`select leaf_index, payload ${builtin}`).get();
    writeAnew(database, Number(row?.leaf_index), String(row?.payload).replace("17.1", "17.2"));
    assert.deepEqual(await codesOf(verify), [`signature_false: report 2 of installation 1 at leaf ${row?.leaf_index}`]);
  });
});

test("a signature that is of another report, of nobody, or no signature at all is found", async () => {
  await withFile(async ({ device, database }, verify) => {
    for (const reportId of [1, 2]) await device.use({ reportId, count: 1 });
    const [first, second] = database.prepare("select leaf_index, payload, signature from report_bodies").all();
    const put = (signature: unknown) =>
      database
        .prepare("update report_bodies set signature = ? where leaf_index = ?")
        .run(String(signature), Number(first?.leaf_index));
    const where = `report 1 of installation 1 at leaf ${first?.leaf_index}`;
    const signature = JSON.parse(String(first?.signature));
    const builtin = await device.report({ reportId: 1, count: 1 }, "builtin");
    assert.equal(builtin.payload, first?.payload);
    for (const [code, altered] of [
      ["signature_false", second?.signature],
      ["signature_false", ""],
      ["signature_false", "null"],
      ["signature_false", JSON.stringify({ ...signature, type: "SHA256" })],
      ["signature_false", JSON.stringify({ ...signature, value: "" })],
      ["signer_unknown", JSON.stringify({ ...signature, key: "1" })],
      [
        "signer_unknown",
        JSON.stringify({ ...signature, sudi: { ...signature.sudi, udi_serial_number: "EXA99999999" } }),
      ],
      ["report_altered", JSON.stringify(builtin.signature)],
    ] as const) {
      put(altered);
      assert.deepEqual(await codesOf(verify), [`${code}: ${where}`], String(altered));
    }
    put(first?.signature);
    assert.equal((await verify()).isSound, true);
  });
});

test("whatever stands in a body or an acknowledgement, and however much of it fits, is a finding and no end of the recount", async () => {
  await withFile(async ({ device, database }, verify) => {
    await device.use({ reportId: 1, count: 1 });
    const { leaf_index: leafIndex } = database.prepare("select leaf_index from report_bodies").get() ?? assert.fail();
    const place = `report 1 of installation 1 at leaf ${leafIndex}`;
    for (const payload of ["none", "null", "{}", '{"asset_identification":1,"meta":1,"measurements":[null]}']) {
      writeAnew(database, Number(leafIndex), payload);
      assert.deepEqual(await codesOf(verify), [`report_altered: ${place}`, `signature_false: ${place}`], payload);
    }
    const kept = database.prepare("select payload from acknowledgements").get()?.payload;
    for (const payload of ["none", "{}", String(kept).replace('"leaf_index"', '"leaf"')]) {
      database.prepare("update acknowledgements set payload = ?").run(payload);
      assert.ok((await codesOf(verify)).includes("acknowledgement_altered: acknowledgement 1"), payload);
    }
    for (const table of ["ledger_tiles set hashes", "ledgers set frontier", "tree_heads set root_sha256"]) {
      database.exec(`update ${table} = x'0102'`);
      assert.equal((await verify()).isSound, false);
    }
  });
});

test("a certificate that is gone, of another authority, key or device is found, whether it signed or not", async () => {
  await withFile(async ({ manager, device, database }, verify) => {
    await device.use({ reportId: 1, count: 1 });
    const other = await createTrustedDevice(manager);
    const rows = database.prepare("select * from device_certificates").all();
    const of = (serial: string | null) => rows.find((row) => row.serial_number === serial);
    const [mine, theirs] = [of(device.certificateSerial), of(other.certificateSerial)];
    const put = (column: "public_key" | "certificate", value: unknown) =>
      database
        .prepare(`update device_certificates set ${column} = ? where serial_number = ?`)
        .run(value as Uint8Array, String(theirs?.serial_number));
    for (const [column, value] of [
      ["public_key", mine?.public_key],
      ["public_key", Buffer.from("none")],
      ["certificate", mine?.certificate],
      ["certificate", Buffer.from("none")],
    ] as const) {
      put(column, value);
      assert.deepEqual(await codesOf(verify), [`certificate_altered: certificate ${theirs?.serial_number}`]);
      put(column, theirs?.[column]);
    }
    assert.equal((await verify()).isSound, true);
    database.prepare("delete from device_certificates where serial_number = ?").run(String(mine?.serial_number));
    assert.deepEqual(
      (await verify()).findings.map(({ code }) => code),
      ["signer_unknown"],
    );
  });
});

test("whoever brings a certificate of an own authority along with what it signs is found", async () => {
  await withFile(async ({ device, database }, verify) => {
    await device.use({ reportId: 1, count: 5 });
    const ports = { randomBytes: (size: number) => Buffer.alloc(size, 7) };
    const { issuing } = await createAuthority({ names: ["localhost"], revocationListUrl: null }, startMs, ports);
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const wish = {
      publicKey,
      productInstanceIdentifier: device.identifier,
      udi: device.udi,
      purpose: "product-instance" as const,
      now: startMs,
    };
    const forged = await issueIdCertificate(issuingAuthorityOf(issuing), wish, ports);
    const serial = BigInt(`0x${forged.serialNumber}`).toString();
    const key = publicKey.export({ type: "spki", format: "der" });
    database
      .prepare("update device_certificates set serial_number = ?, certificate = ?, public_key = ?")
      .run(serial, forged.raw, key);
    const row = database.prepare("select leaf_index, payload, signature from report_bodies").get();
    const payload = String(row?.payload).replace("17.1", "17.2");
    writeAnew(database, Number(row?.leaf_index), payload);
    const value = sign("sha256", Buffer.from(payload), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString(
      "base64",
    );
    const signature = JSON.stringify({ ...JSON.parse(String(row?.signature)), key: serial, value });
    database.prepare("update report_bodies set signature = ?").run(signature);
    assert.deepEqual(await codesOf(verify), [`certificate_altered: certificate ${serial}`]);
  });
});
