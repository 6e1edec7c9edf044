import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { formatUdi, reportsPerDeviceMessageMax, verifyProofFile } from "@countersign/protocol";
import { yearMs } from "../certificates/certificate-profiles.ts";
import { TestDevice } from "../test-support/test-device.ts";
import { withManager } from "../test-support/test-manager.ts";
import { backupManager } from "./backup-manager.ts";
import { restoreManager } from "./restore-manager.ts";
import { verifyLedger } from "./verify-ledger.ts";

test("[BET-22] [I9] what was signed below an issuing CA that was replaced is proved, verified and given again", async () => {
  let now = Date.now();
  await withManager({ clock: { now: () => now } }, async ({ device: create, token, running, dataDirectory }) => {
    const { manager, rootCertificatePem } = running;
    const udi = formatUdi(create().udi);
    const limits = { reportsMax: reportsPerDeviceMessageMax };
    const exchange = async (body: string) =>
      Buffer.from((await manager.endpoint.answer(Buffer.from(body), limits)).body);
    const device = new TestDevice(udi, rootCertificatePem, exchange, () => now);
    const text = await token();
    await device.enrol(text);
    await device.ask("LICENSE_USAGE", await device.usage([device.reportPayload(1, 1)]));
    const serial = device.trust?.certificateSerial;
    const before = manager.authority.certificates().issuing;
    // Two renewals: after 7 and after 14 years.
    for (const years of [7.5, 7]) {
      now += years * yearMs;
      await manager.renewCertificates();
      if (years === 7.5) {
        const same = new TestDevice(udi, rootCertificatePem, exchange, () => now);
        Object.assign(same, { keys: device.keys });
        await same.enrol(text);
        assert.equal(same.trust?.certificateSerial, serial, "the same token, device and key get the same again");
      }
    }
    assert.notEqual(manager.authority.certificates().issuing.fingerprint256, before.fingerprint256);
    const file = await manager.administration.proveReport({ instance: device.identifier, reportId: 1 });
    const proved = await verifyProofFile(file, device.anchors);
    assert.equal(proved.authenticity, "verified");
    const { isSound, ledgers } = await verifyLedger({ dataDirectory, databaseUrl: null });
    assert.deepEqual([isSound, ledgers[0]?.signatures.verified, ledgers[0]?.certificates], [true, 1, 1]);
    const to = join(dataDirectory, "..", "late.backup");
    await backupManager({ dataDirectory, to });
    const restored = await restoreManager({ from: to, dataDirectory: join(dataDirectory, "..", "restored") });
    assert.equal(restored.reports, 1);
  });
});
