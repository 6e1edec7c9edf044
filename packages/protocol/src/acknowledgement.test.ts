import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type AcknowledgedReport,
  type Acknowledgement,
  type AcknowledgementQuestion,
  decodeAcknowledgement,
  encodeAcknowledgement,
  isAcknowledgedBy,
  type ReportRefusal,
  reportHash,
  reportRefusals,
  verifyAcknowledgement,
} from "./acknowledgement.ts";
import { udiOf } from "./identity.ts";
import { reportsPerRelayMessageMax } from "./limits.ts";
import { signManagerObject, signReport } from "./signed-object.ts";
import { testNow } from "./test-support/certificates.ts";
import { assertRefused } from "./test-support/expectations.ts";
import { anchors, builtinSigner, manager, managerObject, reportPayload, trustSigner } from "./test-support/parties.ts";
import { acknowledgement, otherPiid, otherSudi, piid, sudi } from "./test-support/samples.ts";

async function question(change: Partial<AcknowledgementQuestion> = {}): Promise<AcknowledgementQuestion> {
  return {
    object: await managerObject("ack"),
    anchors,
    now: testNow,
    productInstanceIdentifier: piid,
    udi: udiOf(sudi),
    newestSequence: -1,
    ...change,
  };
}

describe("an acknowledgement", () => {
  it("is accepted by the device it names, also a second time", async () => {
    assert.deepEqual(await verifyAcknowledgement(await question()), acknowledgement);
    await verifyAcknowledgement(await question({ newestSequence: acknowledgement.sequence }));
  });

  it("is refused by every other device", async () => {
    const wrong = [{ productInstanceIdentifier: otherPiid }, { udi: udiOf(otherSudi) }];
    for (const change of wrong) {
      await assertRefused("identity_mismatch", async () => verifyAcknowledgement(await question(change)));
    }
  });

  it("is refused when it is older than the newest one: a replay", async () => {
    const newer = { newestSequence: acknowledgement.sequence + 1 };
    await assertRefused("acknowledgement_replayed", async () => verifyAcknowledgement(await question(newer)));
  });

  it("is refused when it is another signed object", async () => {
    const object = await managerObject("policy");
    await assertRefused("envelope_invalid", async () => verifyAcknowledgement(await question({ object })));
  });

  it("is refused when a member is missing, unknown or out of range, though truly signed", async () => {
    const wrong: readonly object[] = [
      { sequence: -1 },
      { sequence: 1.5 },
      { version: "1.1" },
      { tree_head: undefined },
      { reports: [{ ...acknowledgement.reports[0], outcome: "maybe" }] },
      { reports: [{ ...acknowledgement.reports[0], payload_sha256: "A".repeat(64) }] },
      { reports: [{ ...acknowledgement.reports[0], outcome: "refused" }] },
      { extra: 1 },
    ];
    for (const change of wrong) {
      const payload = encodeAcknowledgement({ ...acknowledgement, ...change } as Acknowledgement);
      const object = await signManagerObject("ack", payload, manager);
      await assertRefused("payload_invalid", async () => verifyAcknowledgement(await question({ object })), payload);
    }
  });

  it("lists as many reports as the limit says, and not one more", async () => {
    const listing = (count: number) =>
      encodeAcknowledgement({ ...acknowledgement, reports: Array(count).fill(acknowledgement.reports[0]) });
    assert.equal(decodeAcknowledgement(listing(reportsPerRelayMessageMax)).reports.length, reportsPerRelayMessageMax);
    await assertRefused("payload_invalid", () => decodeAcknowledgement(listing(reportsPerRelayMessageMax + 1)));
  });

  for (const code of Object.keys(reportRefusals) as ReportRefusal[]) {
    it(`can refuse one report with ${code} while others are taken`, () => {
      const { remedy } = reportRefusals[code];
      const refused = { report_id: null, payload_sha256: "c".repeat(64), outcome: "refused" as const, code, remedy };
      const reports: AcknowledgedReport[] = [...acknowledgement.reports, refused];
      assert.deepEqual(decodeAcknowledgement(encodeAcknowledgement({ ...acknowledgement, reports })).reports, reports);
    });
  }
});

describe("deleting a report", () => {
  const [taken] = acknowledgement.reports as [AcknowledgedReport];
  const hash = taken.payload_sha256;

  it("[I7] needs the same id, the same content and an outcome that took it", () => {
    assert.equal(isAcknowledgedBy(taken, 1_900_000_042, hash), true);
    assert.equal(isAcknowledgedBy({ ...taken, outcome: "known" } as AcknowledgedReport, 1_900_000_042, hash), true);
    assert.equal(isAcknowledgedBy(taken, 1_900_000_043, hash), false);
    assert.equal(isAcknowledgedBy(taken, 1_900_000_042, "d".repeat(64)), false);
    const refused = { ...taken, outcome: "refused", code: "report_conflict", remedy: "" } as AcknowledgedReport;
    assert.equal(isAcknowledgedBy(refused, 1_900_000_042, hash), false);
  });

  it("goes by the payload alone, whoever signed it", async () => {
    const byTrust = await signReport(reportPayload, trustSigner());
    const builtin = await signReport(reportPayload, builtinSigner);
    assert.equal(reportHash(byTrust), reportHash(builtin));
    assert.notEqual(reportHash(byTrust), reportHash({ ...byTrust, payload: `${byTrust.payload} ` }));
  });
});
