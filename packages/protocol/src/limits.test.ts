// Each limit with its own test at n and at n + 1, and none forgotten: the table must name every exported limit.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AuthorizationCode, decodeAuthorizationCode, encodeAuthorizationCode } from "./authorization-code.ts";
import { verifyChain } from "./certificate.ts";
import { decodeConversion, encodeConversion, type LegacyLicense } from "./conversion.ts";
import { ProtocolError, type ProtocolErrorCode } from "./errors.ts";
import { decodeLicenseFile } from "./files/smart-license-file.ts";
import { parseTag } from "./identity.ts";
import { decodeText, parseJson } from "./json.ts";
import { proofHashesSchema } from "./ledger/tree-head.ts";
import * as limits from "./limits.ts";
import { authorizeAnswerSchema } from "./messages/classic.ts";
import type { RequestType } from "./messages/message-table.ts";
import { decodePolicy } from "./policy.ts";
import { decodeRequest, decodeRequestData, type UnverifiedRequest } from "./request.ts";
import { decodeRumReport } from "./rum-report.ts";
import { check } from "./schema.ts";
import { decodeManagerObject, signReport } from "./signed-object.ts";
import { decodeRegistration, syncedMemberSchema, syncedPurchasesSchema } from "./sync/sync-document.ts";
import { issueCertificate, issueSigning, type TestIdentity, testNow } from "./test-support/certificates.ts";
import { assertRefused } from "./test-support/expectations.ts";
import { authority, builtinSigner, bytesOf, managerObject, requestBody } from "./test-support/parties.ts";
import * as sample from "./test-support/samples.ts";

/** Data of a request as if it had passed the envelope. */
function decodeData(requestType: RequestType, change: object): unknown {
  const data = { ...sample.requestDataSamples[requestType], ...change };
  const header = { sudi: sample.sudi } as UnverifiedRequest["header"];
  return decodeRequestData({ header, requestType, signedText: null, signature: null, data });
}

const enrolling = sample.requestDataSamples.ID_TOKEN_TRUST.device_list[0];
const relayed = sample.requestDataSamples.RELAYED_REQUESTS.items[0];
const measurement = sample.rumReport.measurements[0];
const hello = await requestBody("HELLO", null);
const object = await managerObject("account");
const report = await signReport("x", builtinSigner);

function decodeReport(change: {
  readonly meta?: object;
  readonly measurement?: object;
  readonly copies?: number;
}): unknown {
  const { meta = {}, copies = 1 } = change;
  const measurements = Array(copies).fill({ ...measurement, ...change.measurement });
  return decodeRumReport(
    JSON.stringify({ ...sample.rumReport, meta: { ...sample.rumReport.meta, ...meta }, measurements }),
  );
}

function manyLegacy(count: number): typeof sample.conversion.licenses {
  const [license] = sample.conversion.licenses;
  return Array.from({ length: count }, (_, at) => ({ ...(license as LegacyLicense), name: `license ${at}` }));
}

function decodeHelloWith(header: object): unknown {
  const request = JSON.parse(JSON.parse(hello).request);
  return decodeRequest(
    bytesOf(JSON.stringify({ request: JSON.stringify({ ...request, header: { ...request.header, ...header } }) })),
  );
}

function verifyPathOf(intermediates: number): void {
  let issuer: TestIdentity = authority.root;
  const path: TestIdentity[] = [];
  for (let above = 0; above < intermediates; above += 1) {
    issuer = issueCertificate({ name: `CA ${above}`, issuer, isAuthority: true });
    path.push(issuer);
  }
  verifyChain({
    leaf: issueSigning(issuer).certificate,
    intermediates: path.map(({ certificate }) => certificate),
    anchors: [authority.root.certificate],
    purpose: "manager-signing",
    now: testNow,
  });
}

type Probe = readonly [code: ProtocolErrorCode, take: (count: number) => unknown];

/** What is taken at the limit and refused with the code one beyond it. */
const probes: Partial<Record<keyof typeof limits, Probe>> = {
  messageBytesMax: ["message_too_large", (count) => decodeRequest(bytesOf(hello.padEnd(count, " ")))],
  fileBytesMax: ["message_too_large", (count) => decodeText(Buffer.alloc(count, " "), limits.fileBytesMax)],
  jsonDepthMax: ["json_too_deep", (count) => parseJson("[".repeat(count) + "]".repeat(count))],
  reportsPerRelayMessageMax: [
    "payload_invalid",
    (count) => decodeData("LICENSE_USAGE", { rum_reports: Array(count).fill(report) }),
  ],
  relayMessageBytesMax: [
    "message_too_large",
    (count) => decodeRequest(bytesOf(hello.padEnd(count, " ")), limits.relayMessageBytesMax),
  ],
  relayedItemsMax: [
    "payload_invalid",
    (count) => decodeData("RELAYED_REQUESTS", { items: Array(count).fill(relayed) }),
  ],
  measurementsPerReportMax: ["payload_invalid", (copies) => decodeReport({ copies })],
  devicesPerInstallationMax: [
    "payload_invalid",
    (count) => decodeData("ID_TOKEN_TRUST", { device_list: Array(count).fill(enrolling) }),
  ],
  changedDevicesPerMeasurementMax: [
    "payload_invalid",
    (count) => decodeReport({ measurement: { meta: { added_sudi_list: Array(count).fill(sample.sudi) } } }),
  ],
  idRangesCharactersMax: ["payload_invalid", (count) => decodeReport({ meta: { merged_report_ids: idText(count) } })],
  nameCharactersMax: ["payload_invalid", (count) => decodeData("TRUST_SYNC", { hostname: "\u00fc".repeat(count) })],
  tagCharactersMax: [
    "tag_malformed",
    (count) => parseTag(sample.productTag.replace("EDGE", "E".repeat(count - sample.productTag.length + 4))),
  ],
  tokenCharactersMax: ["payload_invalid", (count) => decodeData("ID_TOKEN_TRUST", { token: "A".repeat(count) })],
  nonceDigitsMax: ["payload_invalid", (count) => decodeData("HELLO", { nonce: "9".repeat(count) })],
  serialDigitsMax: [
    "payload_invalid",
    (count) => decodeData("TRUST_SYNC", { device_list: [{ ...enrolling, id_cert_sn: "9".repeat(count) }] }),
  ],
  capabilitiesMax: [
    "envelope_invalid",
    (count) => decodeHelloWith({ connect_info: { ...sample.agentConnectInfo, capabilities: Array(count).fill("X") } }),
  ],
  trustIdMax: [
    "payload_invalid",
    (trust_id) => decodeData("TRUST_SYNC", { device_list: [{ ...enrolling, trust_id }] }),
  ],
  policyDaysMax: ["payload_invalid", (value) => decodePolicy(policyWith(value))],
  chainCertificatesMax: ["envelope_invalid", (count) => decodeManagerObject(JSON.stringify(withCertificates(count)))],
  proofHashesMax: [
    "payload_invalid",
    (count) => check(proofHashesSchema, Array(count).fill("a".repeat(64)), "payload_invalid"),
  ],
  intermediatesPerPathMax: ["certificate_foreign", verifyPathOf],
  authorizedLicensesMax: [
    "payload_invalid",
    (count) => decodeAuthorizationCode(encodeAuthorizationCode({ ...sample.authorizationCode, licenses: many(count) })),
  ],
  convertedLicensesMax: [
    "payload_invalid",
    (count) => decodeConversion(encodeConversion({ ...sample.conversion, licenses: manyLegacy(count) })),
  ],
  renewAfterSecondsMax: [
    "payload_invalid",
    (seconds) => check(authorizeAnswerSchema, authorizeAnswerWith(seconds), "payload_invalid"),
  ],
  syncDocumentBytesMax: ["message_too_large", (bytes) => refusedOtherwise(Buffer.alloc(bytes, " "))],
  certificatesPerDeviceMax: [
    "payload_invalid",
    (count) => check(syncedMemberSchema, syncedMemberWith(count), "payload_invalid"),
  ],
  purchasesPerSyncMax: [
    "payload_invalid",
    (count) => check(syncedPurchasesSchema, Array(count).fill(syncedPurchase), "payload_invalid"),
  ],
  countMax: [
    "payload_invalid",
    (count) => decodeReport({ measurement: { value: { type: "COUNT", value: `${count}` } } }),
  ],
};

/** Limits that this package only names: who sends reports keeps the first, who answers requests the second. */
const namedOnly: readonly (keyof typeof limits)[] = ["reportsPerDeviceMessageMax", "clockToleranceMs"];

/** What is of the permitted size is read, and is no document. */
function refusedOtherwise(bytes: Uint8Array): void {
  try {
    decodeRegistration(bytes);
  } catch (error) {
    if (!(error instanceof ProtocolError && error.code === "invalid_json")) throw error;
  }
}

function syncedMemberWith(count: number): unknown {
  return {
    sudi: sample.sudi,
    software_tag_identifier: sample.productTag,
    product_instance_identifier: sample.piid,
    trust_id: 1,
    role: "Active",
    id_cert_sn: "1",
    certificates: Array(count).fill({ certificate: "AAAA", state: "valid" }),
  };
}

const syncedPurchase = {
  ...{ purchase_id: 1, tag: sample.entitlementTag, quantity: 1, kind: "term", starts_at: 1, ends_at: null },
  order_reference: "",
};

function many(count: number): AuthorizationCode["licenses"] {
  const [license] = sample.authorizationCode.licenses;
  if (license === undefined) throw new Error("the sample authorizes something");
  const uuidOf = (at: number) => String(at).padStart(12, "0");
  return Array.from({ length: count }, (_, at) => ({
    ...license,
    entitlement_tag: license.entitlement_tag.replace(/.{12}$/, uuidOf(at)),
  }));
}

const authorizeAnswerWith = (seconds: number) => ({
  ...sample.answerDataSamples.AUTHORIZE,
  renew_after_seconds: seconds,
});

function idText(characters: number): string {
  let text = "";
  for (let id = 1_000; text.length < characters - 14; id += 2) text += `${id},`;
  return text + "9".repeat(characters - text.length);
}

function policyWith(value: number): string {
  const days = { value, source: "account" };
  const { classes } = sample.policy;
  return JSON.stringify({
    ...sample.policy,
    classes: { ...classes, export: { ...classes.export, first_report_days: days } },
  });
}

function withCertificates(count: number): unknown {
  return { ...object, signature: { ...object.signature, certificates: Array(count).fill("AAAA") } };
}

describe("limits", () => {
  it("are all named here", () => {
    assert.deepEqual([...Object.keys(probes), ...namedOnly].sort(), Object.keys(limits).sort());
  });

  for (const [name, [code, take]] of Object.entries(probes)) {
    const limit = limits[name as keyof typeof limits];
    it(`${name}: ${limit} is taken, one more is ${code}`, async () => {
      take(limit);
      await assertRefused(code, () => take(limit + 1));
    });
  }

  it("have the documented figures: 3 145 728 bytes a message, depth 32, 40 and 10 000 reports, one hour", () => {
    assert.equal(limits.messageBytesMax, 3_145_728);
    assert.equal(limits.jsonDepthMax, 32);
    assert.equal(limits.reportsPerDeviceMessageMax, 40);
    assert.equal(limits.reportsPerRelayMessageMax, 10_000);
    assert.equal(limits.clockToleranceMs, 3_600_000);
  });

  it("of a file hold before anything of it is read", async () => {
    await assertRefused("message_too_large", () => decodeLicenseFile(Buffer.alloc(limits.fileBytesMax + 1)));
  });
});
