import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type CertificatePurpose,
  encodeCertificate,
  extendedKeyUsageOf,
  parseCertificate,
  serialNumberOf,
  verifyChain,
} from "./certificate.ts";
import { chainCertificatesMax } from "./limits.ts";
import {
  createAuthority,
  createKeys,
  issueCertificate,
  issueCertificateDer,
  issueIdCertificate,
  issueSigning,
  serverAuthUsage,
  type TestIdentity,
  testNow,
  yearMs,
} from "./test-support/certificates.ts";
import { assertRefused } from "./test-support/expectations.ts";
import { sudi } from "./test-support/samples.ts";

const { root, issuing, signing, tls } = createAuthority();
const foreign = createAuthority("Foreign");
const idCertificate = issueIdCertificate(issuing, sudi);

type Variation = {
  readonly intermediates?: readonly TestIdentity[];
  readonly anchors?: readonly TestIdentity[];
  readonly purpose?: CertificatePurpose;
  readonly now?: number;
};

function verify(leaf: TestIdentity, variation: Variation = {}): void {
  verifyChain({
    leaf: leaf.certificate,
    intermediates: (variation.intermediates ?? [issuing]).map(({ certificate }) => certificate),
    anchors: (variation.anchors ?? [root]).map(({ certificate }) => certificate),
    purpose: variation.purpose ?? "manager-signing",
    now: variation.now ?? testNow,
  });
}

describe("a chain", () => {
  it("from either kind of leaf over the issuing CA to the root is accepted", () => {
    verify(signing);
    verify(idCertificate, { purpose: "product-instance" });
    verify(signing, { anchors: [foreign.root, root], intermediates: [foreign.issuing, root, issuing] });
  });

  it("may end at an issuing CA that is itself an anchor", () =>
    verify(signing, { anchors: [issuing], intermediates: [] }));

  it("is refused when it ends in a root that is not ours, or nowhere", async () => {
    await assertRefused("certificate_foreign", () => verify(foreign.signing, { intermediates: [foreign.issuing] }));
    await assertRefused("certificate_foreign", () =>
      verify(foreign.signing, { intermediates: [foreign.issuing, foreign.root] }),
    );
    await assertRefused("certificate_foreign", () => verify(signing, { intermediates: [] }));
    await assertRefused("certificate_foreign", () => verify(signing, { anchors: [] }));
  });

  it("is refused when the authority only has the name of ours", async () => {
    const impostor = issueCertificate({ name: "Test CA", issuer: foreign.root, isAuthority: true });
    const selfMade = issueCertificate({ name: "Test Root", issuer: null, isAuthority: true });
    await assertRefused("certificate_foreign", () => verify(issueSigning(impostor), { intermediates: [issuing] }));
    await assertRefused("certificate_foreign", () => verify(issueSigning(impostor), { intermediates: [impostor] }));
    await assertRefused("certificate_foreign", () => verify(issueSigning(selfMade), { intermediates: [selfMade] }));
  });

  it("is refused when a leaf certificate plays the authority", async () => {
    const forged = issueSigning(idCertificate);
    await assertRefused("certificate_foreign", () => verify(forged, { intermediates: [idCertificate, issuing] }));
  });

  it("is refused when an authority stands below the issuing CA", async () => {
    const lower = issueCertificate({ name: "Lower CA", issuer: issuing, isAuthority: true });
    await assertRefused("certificate_foreign", () => verify(issueSigning(lower), { intermediates: [lower, issuing] }));
  });

  it("carries as many certificates as the limit says, and not one more", async () => {
    const many = Array.from({ length: chainCertificatesMax - 1 }, () => foreign.issuing);
    verify(signing, { intermediates: [...many, issuing] });
    await assertRefused("certificate_foreign", () => verify(signing, { intermediates: [...many, issuing, issuing] }));
  });
});

describe("the time of a chain", () => {
  const day = 86_400_000;
  const shortLived = issueSigning(issuing, { notBefore: testNow - day, notAfter: testNow + day });

  it("counts to the second at both ends", async () => {
    verify(shortLived, { now: testNow - day });
    verify(shortLived, { now: testNow + day });
    await assertRefused("certificate_not_yet_valid", () => verify(shortLived, { now: testNow - day - 1 }));
    await assertRefused("certificate_expired", () => verify(shortLived, { now: testNow + day + 1 }));
  });

  it("counts for the issuing CA and for the root too", async () => {
    const oldRoot = issueCertificate({ name: "Old Root", issuer: null, isAuthority: true, notAfter: testNow - 1000 });
    const belowOldRoot = issueCertificate({ name: "CA", issuer: oldRoot, isAuthority: true });
    const oldIssuing = issueCertificate({ name: "CA", issuer: root, isAuthority: true, notAfter: testNow - 1000 });
    const newIssuing = issueCertificate({ name: "CA", issuer: root, isAuthority: true, notBefore: testNow + 1000 });
    const below =
      (authority: TestIdentity, anchor = root) =>
      () =>
        verify(issueSigning(authority), { intermediates: [authority], anchors: [anchor] });
    await assertRefused("certificate_expired", below(belowOldRoot, oldRoot));
    await assertRefused("certificate_expired", below(oldIssuing));
    await assertRefused("certificate_not_yet_valid", below(newIssuing));
  });

  it("is read beyond 2050, where certificates write it otherwise", async () => {
    const longLived = issueSigning(issuing, { notAfter: testNow + 30 * yearMs });
    verify(longLived);
    await assertRefused("certificate_expired", () => verify(longLived, { now: testNow + 31 * yearMs }));
  });
});

describe("the purpose of a certificate", () => {
  it("is one only: what enrols devices, serves TLS or is an authority does not sign for the manager", async () => {
    const both = Object.values(extendedKeyUsageOf);
    const wrong = [
      idCertificate,
      tls,
      issuing,
      root,
      issueSigning(issuing, { usages: [] }),
      issueSigning(issuing, { usages: both }),
      issueSigning(issuing, { usages: [extendedKeyUsageOf["manager-signing"], serverAuthUsage] }),
      issueSigning(issuing, { usages: ["2.5.29.37.0"] }),
      issueSigning(issuing, { isAuthority: true }),
    ];
    for (const leaf of wrong)
      await assertRefused("certificate_wrong_purpose", () => verify(leaf), leaf.certificate.subject);
  });

  it("of a device is not the manager's", async () => {
    for (const leaf of [signing, tls]) {
      await assertRefused("certificate_wrong_purpose", () => verify(leaf, { purpose: "product-instance" }));
    }
  });
});

describe("reading a certificate", () => {
  const text = encodeCertificate(signing.certificate);
  const readable = (der: Uint8Array) => () => parseCertificate(Buffer.from(der).toString("base64"));
  const certificateWith = (wish: { serialNumber?: Uint8Array; publicKeyDer?: Uint8Array }) =>
    issueCertificateDer({ name: "Odd", issuer: issuing, keys: createKeys(), isAuthority: true, ...wish });

  it("takes PEM and base64 of DER, and writes one line of base64", () => {
    assert.equal(encodeCertificate(parseCertificate(text)), text);
    assert.equal(encodeCertificate(parseCertificate(signing.certificate.toString())), text);
    assert.doesNotMatch(text, /\s/);
  });

  it("gives serial numbers in decimal, of any length", () => {
    const serialNumber = Buffer.from(`7f${"ff".repeat(19)}`, "hex");
    const { certificate } = issueCertificate({ name: "Long", issuer: issuing, serialNumber });
    assert.equal(serialNumberOf(certificate), (2n ** 159n - 1n).toString());
  });

  it("refuses other texts, bytes before or after, and second spellings of the same bytes", async () => {
    const der = signing.certificate.raw;
    for (const wrong of [
      "",
      "AAAA",
      "no base64!",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
      ` ${text}`,
    ]) {
      await assertRefused("certificate_malformed", () => parseCertificate(wrong), wrong);
    }
    await assertRefused("certificate_malformed", readable(Buffer.concat([der, Buffer.from([0])])));
    await assertRefused("certificate_malformed", readable(Buffer.concat([Buffer.from([0]), der])));
    await assertRefused("certificate_malformed", readable(der.subarray(0, -1)));
    await assertRefused("certificate_malformed", readable(Buffer.from(signing.certificate.toString())));
  });

  it("refuses a negative serial number and a key that cannot be used, before anything else fails on them", async () => {
    const oddKey = Buffer.from("301b301306072a8648ce3d020106082a8648ce3d030107030400040102", "hex");
    await assertRefused("certificate_malformed", readable(certificateWith({ serialNumber: Buffer.from([0xfb]) })));
    await assertRefused("certificate_malformed", readable(certificateWith({ publicKeyDer: oddKey })));
  });
});
