import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { serialNumberOf } from "./certificate.ts";
import type { ProtocolErrorCode } from "./errors.ts";
import { chainCertificatesMax } from "./limits.ts";
import {
  decodeManagerObject,
  decodeSignedReport,
  type ManagerObject,
  managerObjectTypes,
  signManagerObject,
  signReport,
  verifyManagerObject,
  verifyReport,
} from "./signed-object.ts";
import { issueIdCertificate, issueSigning, signingIdentity, testNow } from "./test-support/certificates.ts";
import { assertRefused } from "./test-support/expectations.ts";
import {
  anchors,
  authority,
  builtinSigner,
  device,
  foreignAuthority,
  manager,
  managerObject,
  otherDevice,
  publicKeyOf,
  reportPayload,
  trustSigner,
} from "./test-support/parties.ts";
import { otherSudi, sudi } from "./test-support/samples.ts";

const verify = (object: ManagerObject, now = testNow) => verifyManagerObject(object, anchors, now);
const withSignature = (object: ManagerObject, change: Partial<ManagerObject["signature"]>): ManagerObject => ({
  ...object,
  signature: { ...object.signature, ...change },
});

describe("an object that the manager signed", () => {
  it("is refused when anybody else signed it, with the reason", async () => {
    const { issuing, tls, root } = authority;
    const cases = [
      ["certificate_foreign", signingIdentity(foreignAuthority.signing, foreignAuthority.issuing)],
      ["certificate_foreign", { ...manager, chain: [] }],
      ["certificate_wrong_purpose", signingIdentity(device, issuing)],
      ["certificate_wrong_purpose", signingIdentity(tls, issuing)],
      ["certificate_wrong_purpose", signingIdentity(issuing, root)],
      ["certificate_expired", signingIdentity(issueSigning(issuing, { notAfter: testNow - 1000 }), issuing)],
      ["certificate_not_yet_valid", signingIdentity(issueSigning(issuing, { notBefore: testNow + 1000 }), issuing)],
      ["signature_mismatch", { ...manager, signer: foreignAuthority.signing.keys.signer }],
    ] as const;
    for (const type of managerObjectTypes) {
      for (const [code, by] of cases) {
        await assertRefused(code, async () => verify(await managerObject(type, by)), `${type} ${code}`);
      }
    }
  });

  it("is refused when its signature names another algorithm or certificate, or is none", async () => {
    const object = await managerObject("policy");
    await verify(object);
    const cases: readonly [ProtocolErrorCode, Partial<ManagerObject["signature"]>][] = [
      ["signature_algorithm_unknown", { type: "none" }],
      ["signature_algorithm_mismatch", { type: "SHA256" }],
      ["signature_malformed", { value: "" }],
      ["signature_malformed", { value: `${object.signature.value}AAAA` }],
      ["signature_mismatch", { value: Buffer.alloc(64, 1).toString("base64") }],
      ["certificate_unknown", { cert_sn: "1" }],
      ["certificate_unknown", { cert_sn: `0${object.signature.cert_sn}` }],
      ["certificate_unknown", { certificates: [...object.signature.certificates].reverse() }],
      ["certificate_malformed", { certificates: ["AAAA"] }],
    ];
    for (const [code, change] of cases) {
      await assertRefused(code, () => verify(withSignature(object, change)), JSON.stringify(change));
    }
  });

  it("is not decoded when its signature is null or missing, or its type is not a manager's", async () => {
    const object = await managerObject("ack");
    const { signature, ...unsigned } = object;
    const wrong = [
      unsigned,
      { ...object, signature: null },
      { ...object, signature: { ...signature, value: null } },
      { ...object, signature: { ...signature, certificates: [] } },
      { ...object, header: { type: "rum" } },
      { ...object, header: { type: "ack", extra: 1 } },
      { ...object, payload: { not: "text" } },
      { ...object, payload: "" },
      [object],
    ];
    for (const each of wrong) {
      await assertRefused("envelope_invalid", () => decodeManagerObject(JSON.stringify(each)), JSON.stringify(each));
    }
  });

  it("carries as many certificates as the limit says, and not one more", async () => {
    const object = await managerObject("ack");
    const [leaf = "", issuing = ""] = object.signature.certificates;
    const fill = (count: number) => withSignature(object, { certificates: [leaf, ...Array(count - 1).fill(issuing)] });
    await verify(decodeManagerObject(JSON.stringify(fill(chainCertificatesMax))));
    const tooMany = JSON.stringify(fill(chainCertificatesMax + 1));
    await assertRefused("envelope_invalid", () => decodeManagerObject(tooMany));
  });

  it("keeps its payload byte for byte, blanks and escapes included", async () => {
    const payload = ' {"a" : "\\u0041\\/",\n"b":"\u00e9\u{1f600}" } ';
    const object = decodeManagerObject(JSON.stringify(await signManagerObject("policy", payload, manager)));
    assert.equal(object.payload, payload);
    await verify(object);
    await assertRefused("signature_mismatch", () => verify({ ...object, payload: payload.replace("\\/", "/") }));
    await assertRefused("signature_mismatch", () => verify({ ...object, payload: payload.normalize("NFD") }));
  });

  it("does not share its signature with a text in which half a surrogate pair stands for the replacement character", async () => {
    const object = await signManagerObject("policy", '{"name":"\ufffd"}', manager);
    const text = JSON.stringify(object).replace("\ufffd", "\\ud800");
    await assertRefused("invalid_json", () => decodeManagerObject(text));
  });
});

describe("a report that a device signed", () => {
  it("says whether trust stands behind it", async () => {
    assert.equal(await verifyReport(await signReport(reportPayload, trustSigner()), publicKeyOf), "verified");
    assert.equal(await verifyReport(await signReport(reportPayload, builtinSigner), publicKeyOf), "unverified");
  });

  it("is refused when another device signed it, in its own name or in this one's", async () => {
    const ownName = await signReport(reportPayload, {
      kind: "trust",
      sudi: otherSudi,
      certificateSerial: serialNumberOf(otherDevice.certificate),
      signer: otherDevice.keys.signer,
    });
    await assertRefused("certificate_unknown", () => verifyReport(ownName, publicKeyOf));
    const borrowedName = await signReport(reportPayload, {
      ...(trustSigner() as { kind: "trust"; sudi: typeof sudi; certificateSerial: string }),
      signer: otherDevice.keys.signer,
    });
    await assertRefused("signature_mismatch", () => verifyReport(borrowedName, publicKeyOf));
  });

  it("is refused when its certificate is unknown or revoked, which the caller knows", async () => {
    const replaced = issueIdCertificate(authority.issuing, sudi);
    const report = await signReport(reportPayload, trustSigner(replaced));
    await assertRefused("certificate_unknown", () => verifyReport(report, publicKeyOf));
  });

  it("is refused under another algorithm, with another payload, or without a signature's form", async () => {
    const report = await signReport(reportPayload, trustSigner());
    const bend = (change: object) => ({ ...report, signature: { ...report.signature, ...change } }) as typeof report;
    await assertRefused("signature_algorithm_unknown", () => verifyReport(bend({ type: "HS256" }), publicKeyOf));
    await assertRefused("signature_algorithm_mismatch", () => verifyReport(bend({ type: "SHA256" }), publicKeyOf));
    await assertRefused("signature_malformed", () => verifyReport(bend({ value: "?" }), publicKeyOf));
    const altered = { ...report, payload: report.payload.replace('"2"', '"3"') };
    await assertRefused("signature_mismatch", () => verifyReport(altered, publicKeyOf));
  });

  it("with the builtin hash is refused when payload, device or product tag is another", async () => {
    const report = await signReport(reportPayload, builtinSigner);
    const altered = { ...report, payload: `${report.payload} ` };
    const renamed = { ...report, signature: { ...report.signature, sudi: otherSudi } };
    const retagged = { ...report, signature: { ...report.signature, key: report.signature.key.replace("a1", "a2") } };
    for (const each of [altered, renamed, retagged]) {
      await assertRefused("signature_mismatch", () => verifyReport(each, publicKeyOf));
    }
    const empty = { ...report, signature: { ...report.signature, value: "" } };
    await assertRefused("signature_malformed", () => verifyReport(empty, publicKeyOf));
  });

  it("cannot pass one kind of signature off as the other", async () => {
    const trusted = await signReport(reportPayload, trustSigner());
    const builtin = await signReport(reportPayload, builtinSigner);
    for (const [report, signing_type] of [
      [trusted, "builtin"],
      [builtin, "trust"],
      [trusted, "none"],
    ] as const) {
      const swapped = JSON.stringify({ ...report, signature: { ...report.signature, signing_type } });
      await assertRefused("envelope_invalid", () => decodeSignedReport(swapped));
    }
    await assertRefused("envelope_invalid", () => decodeSignedReport(JSON.stringify({ ...trusted, signature: null })));
  });
});
