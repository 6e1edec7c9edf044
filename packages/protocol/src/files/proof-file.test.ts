import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { encodeAcknowledgement } from "../acknowledgement.ts";
import { ProtocolError } from "../errors.ts";
import { encodeTreeHead } from "../ledger/tree-head.ts";
import { sha256Hex } from "../signature.ts";
import { type SignedReport, signManagerObject, signReport } from "../signed-object.ts";
import { issueSigning, signingIdentity, testNow } from "../test-support/certificates.ts";
import { assertEveryByteCounts, assertRefused } from "../test-support/expectations.ts";
import {
  anchors,
  authority,
  builtinSigner,
  bytesOf,
  device,
  foreignAuthority,
  manager,
  otherDevice,
  reportPayload,
  trustSigner,
} from "../test-support/parties.ts";
import { makeProofFile, type ProofWish } from "../test-support/proofs.ts";
import { acknowledgement, otherSudi, treeHead } from "../test-support/samples.ts";
import { decodeProofFile, encodeProofFile, type ProofFile, verifyProofFile } from "./proof-file.ts";

const signed = await signReport(reportPayload, trustSigner());
const common = { manager, root: authority.root, leafIndex: 11, acknowledgedSize: 12, size: 12 };
const deviceCertificates = [device, authority.issuing];
const prove = (wish: Partial<ProofWish> = {}) =>
  makeProofFile({ ...common, report: signed, deviceCertificates, ...wish });
const file = await prove({ size: 300, leafIndex: 11 });
const refuses = (code: Parameters<typeof assertRefused>[0], bent: ProofFile, roots = anchors) =>
  assertRefused(code, () => verifyProofFile(bent, roots));

suite("a proof file", () => {
  test("[BET-22] shows report, signer, acknowledgement and place with nothing but the root", async () => {
    const proved = await verifyProofFile(decodeProofFile(bytesOf(encodeProofFile(file))), anchors);
    assert.equal(proved.authenticity, "verified");
    assert.equal(proved.isRootTrusted, true);
    assert.equal(proved.rootSha256, sha256Hex(authority.root.certificate.raw));
    assert.equal(proved.payloadSha256, sha256Hex(reportPayload));
    assert.equal(proved.treeHead.size, 300);
    assert.equal(proved.report?.asset_identification.report_id, acknowledgement.reports[0]?.report_id);
  });

  test("without a root of the reader's says which root it rests on", async () => {
    const proved = await verifyProofFile(file, null);
    assert.equal(proved.isRootTrusted, false);
    assert.equal(proved.rootSha256, sha256Hex(authority.root.certificate.raw));
    const notRoot = { ...file, root_certificate: authority.issuing.certificate.raw.toString("base64") };
    await assertRefused("certificate_foreign", () => verifyProofFile(notRoot, null));
  });

  test("of a report that was signed before trust says that nobody's identity is proved", async () => {
    const report = await signReport(reportPayload, builtinSigner);
    const proved = await verifyProofFile(await prove({ report, deviceCertificates: [] }), anchors);
    assert.equal(proved.authenticity, "unverified");
    await refuses("proof_mismatch", await prove({ report }));
  });

  test("of a purged body proves its hash", async () => {
    const proved = await verifyProofFile({ ...file, report: null, device_certificates: [] }, anchors);
    assert.deepEqual([proved.authenticity, proved.report], ["absent", null]);
    await refuses("proof_mismatch", { ...file, report: null });
  });

  test("still holds when its certificates have ended", async () => {
    const signing = issueSigning(authority.issuing, { notAfter: testNow + 1000 });
    const proved = await verifyProofFile(
      await prove({ manager: signingIdentity(signing, authority.issuing) }),
      anchors,
    );
    assert.equal(proved.authenticity, "verified");
    const late = issueSigning(authority.issuing, { notAfter: testNow - 1000 });
    await refuses("certificate_expired", await prove({ manager: signingIdentity(late, authority.issuing) }));
  });

  test("[BET-22] whose ACK was signed again with a younger certificate holds; a head from before its certificate does not", async () => {
    const signing = issueSigning(authority.issuing, { notBefore: testNow + 1000 });
    const again = await prove({ manager: signingIdentity(signing, authority.issuing) });
    const proved = await verifyProofFile({ ...file, acknowledgement: again.acknowledgement }, anchors);
    assert.equal(proved.authenticity, "verified");
    await refuses("certificate_not_yet_valid", again);
  });

  test("whose parts belong to different things is refused", async () => {
    const other = await prove({ leafIndex: 10 });
    await refuses("proof_mismatch", { ...file, leaf_index: 10 });
    await refuses("proof_mismatch", { ...file, payload_sha256: "0".repeat(64) });
    await refuses("proof_mismatch", { ...file, acknowledgement: other.acknowledgement });
    await refuses("proof_invalid", { ...file, tree_head: other.tree_head });
    await refuses("proof_invalid", { ...file, inclusion_proof: other.inclusion_proof });
    await refuses("proof_invalid", { ...file, consistency_proof: [] });
    await refuses("envelope_invalid", { ...file, tree_head: file.acknowledgement });
    await refuses("certificate_unknown", {
      ...file,
      device_certificates: [otherDevice.certificate.raw.toString("base64")],
    });
  });

  test("is refused when the report says another content, id or device", async () => {
    const bend = (report: SignedReport) => ({ ...file, report });
    const altered = reportPayload.replace('"value":"2"', '"value":"3"');
    await refuses("proof_mismatch", bend(await signReport(altered, trustSigner())));
    const renamed = { ...signed, signature: { ...signed.signature, sudi: otherSudi } } as SignedReport;
    await refuses("identity_mismatch", bend(renamed));
    const stranger = reportPayload.replaceAll("EXA00000001", "EXA00000003");
    await refuses("identity_mismatch", await prove({ report: await signReport(stranger, trustSigner()) }));
    const otherId = reportPayload.replace('"report_id":1900000042', '"report_id":1900000043');
    await refuses("proof_mismatch", await prove({ report: await signReport(otherId, trustSigner()) }));
  });

  test("of another manager is refused, whatever it says of itself", async () => {
    const foreign = signingIdentity(foreignAuthority.signing, foreignAuthority.issuing);
    await refuses("certificate_foreign", await prove({ manager: foreign }));
    await refuses("certificate_foreign", await prove({ manager: foreign, root: foreignAuthority.root }));
    await refuses("certificate_foreign", file, [foreignAuthority.root.certificate]);
  });

  test("that refuses the report proves nothing", async () => {
    const entry = {
      report_id: 1,
      payload_sha256: file.payload_sha256,
      outcome: "refused",
      code: "report_malformed",
      remedy: "",
    };
    const payload = encodeAcknowledgement({ ...acknowledgement, reports: [entry as never] });
    await refuses("proof_mismatch", { ...file, acknowledgement: await signManagerObject("ack", payload, manager) });
  });

  test("from before the leaf was there is refused", async () => {
    const early = { ...acknowledgement, reports: JSON.parse(file.acknowledgement.payload).reports, tree_head: null };
    const object = await signManagerObject("ack", encodeAcknowledgement(early), manager);
    await refuses("proof_mismatch", { ...file, acknowledgement: object });
    const head = await signManagerObject("tree-head", encodeTreeHead({ ...treeHead, size: 11 }), manager);
    await refuses("proof_invalid", { ...file, tree_head: head });
  });

  test("with any byte altered is refused", async () => {
    const bytes = bytesOf(encodeProofFile(await prove({ size: 13 })));
    await assertEveryByteCounts(bytes, (mutated) => verifyProofFile(decodeProofFile(mutated), anchors));
  });

  test("with any byte altered is refused by its own root too, or says another fingerprint", async () => {
    const bytes = bytesOf(encodeProofFile(file));
    const at = bytes.indexOf("root_certificate");
    const root = sha256Hex(authority.root.certificate.raw);
    await assertEveryByteCounts(bytes.subarray(at), async (mutated) => {
      const whole = Buffer.concat([bytes.subarray(0, at), mutated]);
      const { rootSha256 } = await verifyProofFile(decodeProofFile(whole), null);
      if (rootSha256 !== root) throw new ProtocolError("certificate_foreign");
    });
  });
});
