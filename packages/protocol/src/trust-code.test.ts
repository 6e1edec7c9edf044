import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { verifyAccountInfo } from "./account-info.ts";
import { serialNumberOf } from "./certificate.ts";
import { udiOf } from "./identity.ts";
import { signManagerObject } from "./signed-object.ts";
import { issueIdCertificate, type TestIdentity, testNow } from "./test-support/certificates.ts";
import { assertRefused } from "./test-support/expectations.ts";
import { anchors, authority, device, foreignAuthority, manager, managerObject } from "./test-support/parties.ts";
import { accountInfo, otherPiid, otherSudi, piid, sudi, trustCode } from "./test-support/samples.ts";
import { encodeTrustCode, type TrustCode, type TrustCodeQuestion, verifyTrustCode } from "./trust-code.ts";

const publicKey = device.keys.publicKey.export({ type: "spki", format: "der" });
const { issuing } = authority;

async function verify(change: Partial<TrustCodeQuestion> = {}) {
  const object = await managerObject("trust");
  return verifyTrustCode({ object, anchors, now: testNow, udi: udiOf(sudi), publicKey, ...change });
}

async function verifyCode(code: Partial<TrustCode>, by = manager) {
  const payload = encodeTrustCode({ ...trustCode(device, issuing), ...code });
  return verify({ object: await signManagerObject("trust", payload, by) });
}

const codeWith = (identity: TestIdentity, authorityOfIt = issuing) => {
  const { id_certificate, chain } = trustCode(identity, authorityOfIt);
  return { id_certificate, chain };
};

describe("a trust code", () => {
  it("gives the device the certificate of its own key", async () => {
    const { certificate, certificateSerial } = await verify();
    assert.ok(certificate.publicKey.equals(device.keys.publicKey));
    assert.equal(certificateSerial, serialNumberOf(device.certificate));
  });

  it("is refused for another device and for another key", async () => {
    await assertRefused("identity_mismatch", () => verify({ udi: udiOf(otherSudi) }));
    const otherKey = issueIdCertificate(issuing, sudi).keys.publicKey.export({ type: "spki", format: "der" });
    await assertRefused("identity_mismatch", () => verify({ publicKey: otherKey }));
  });

  it("is refused when its ID certificate is expired, not yet valid, foreign, for another use, or none", async () => {
    const past = issueIdCertificate(issuing, sudi, { keys: device.keys, notAfter: testNow - 1000 });
    const future = issueIdCertificate(issuing, sudi, { keys: device.keys, notBefore: testNow + 1000 });
    const foreign = issueIdCertificate(foreignAuthority.issuing, sudi, { keys: device.keys });
    await assertRefused("certificate_expired", () => verifyCode(codeWith(past)));
    await assertRefused("certificate_not_yet_valid", () => verifyCode(codeWith(future)));
    await assertRefused("certificate_foreign", () => verifyCode(codeWith(foreign, foreignAuthority.issuing)));
    await assertRefused("certificate_foreign", () => verifyCode({ chain: [] }));
    await assertRefused("certificate_wrong_purpose", () => verifyCode(codeWith(authority.signing)));
    await assertRefused("certificate_wrong_purpose", () => verifyCode(codeWith(authority.tls)));
    await assertRefused("certificate_malformed", () => verifyCode({ id_certificate: "AAAA" }));
    await assertRefused("certificate_malformed", () => verifyCode({ chain: ["AAAA"] }));
  });

  it("is refused when a device signed it, or when it is another signed object", async () => {
    const byDevice = { signer: device.keys.signer, certificate: device.certificate, chain: manager.chain };
    await assertRefused("certificate_wrong_purpose", () => verifyCode({}, byDevice));
    const object = await managerObject("account");
    await assertRefused("envelope_invalid", () => verify({ object }));
  });

  it("is refused when a member is missing or of the wrong kind", async () => {
    for (const change of [{ trust_id: -1 }, { version: "2.0" }, { export_control_allowed: "no" }, { extra: 1 }]) {
      await assertRefused("payload_invalid", () => verifyCode(change as Partial<TrustCode>));
    }
  });
});

describe("account information", () => {
  const verifyFor = async (productInstanceIdentifier: string, type: "account" | "ack" = "account") =>
    verifyAccountInfo({ object: await managerObject(type), anchors, now: testNow, productInstanceIdentifier });

  it("is taken by the product instance it names, and by no other", async () => {
    assert.deepEqual(await verifyFor(piid), accountInfo);
    await assertRefused("identity_mismatch", () => verifyFor(otherPiid));
    await assertRefused("envelope_invalid", () => verifyFor(piid, "ack"));
  });
});
