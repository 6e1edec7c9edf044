// Classic messages: what only they refuse. Round trips, order of acceptance and single bytes are tested for every type alike.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { classicIdCertificateMs, classicIdRenewalMs, classicRenewAfterSeconds } from "../classic-timers.ts";
import { authorizedLicensesMax } from "../limits.ts";
import { decodeRequestData, type UnverifiedRequest } from "../request.ts";
import { check } from "../schema.ts";
import { assertRefused } from "../test-support/expectations.ts";
import { answerDataSamples, exportTag, requestDataSamples, sudi } from "../test-support/samples.ts";
import { type ClassicRequestType, classicRequestTypes, messageTable } from "./message-table.ts";

function read(requestType: ClassicRequestType, change: object): unknown {
  const data = { ...requestDataSamples[requestType], ...change };
  return decodeRequestData({
    header: { sudi } as UnverifiedRequest["header"],
    requestType,
    signedText: null,
    signature: null,
    data,
  });
}

const { AUTHORIZE: asked, RENEW_ID: renewal, CONVERSION: conversion } = requestDataSamples;
const [converting] = conversion.device_list;
const [legacy] = converting?.licenses ?? [];
const [renewed] = renewal.device_list;
const manyTags = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    entitlement_tag: exportTag.replace(/.{4}$/, String(at).padStart(4, "0")),
    count: 1,
  }));

const refused: readonly [string, ClassicRequestType, object][] = [
  ["a renewal without an identity", "RENEW_ID", { product_instance_identifier: "" }],
  ["an authorization without an identity", "AUTHORIZE", { product_instance_identifier: "" }],
  ["a deregistration without an identity", "DEREGISTER", { product_instance_identifier: "" }],
  ["a registration without a token", "REGISTER", { token: "" }],
  ["a registration without a device", "REGISTER", { device_list: [] }],
  ["a renewal without a certificate request", "RENEW_ID", { device_list: [{ ...renewed, csr: "" }] }],
  ["a renewal that names no certificate", "RENEW_ID", { device_list: [{ ...renewed, id_cert_sn: "" }] }],
  ["nothing of an entitlement", "AUTHORIZE", { entitlements: [{ entitlement_tag: exportTag, count: 0 }] }],
  ["a tag twice", "AUTHORIZE", { entitlements: [...asked.entitlements, ...asked.entitlements] }],
  ["a conversion without an identity", "CONVERSION", { product_instance_identifier: "" }],
  ["a conversion of no licence", "CONVERSION", { device_list: [{ ...converting, licenses: [] }] }],
  ["a licence to convert twice", "CONVERSION", { device_list: [{ ...converting, licenses: [legacy, legacy] }] }],
  ["none of a licence", "CONVERSION", { device_list: [{ ...converting, licenses: [{ ...legacy, count: 0 }] }] }],
  ["more entitlements than the limit", "AUTHORIZE", { entitlements: manyTags(authorizedLicensesMax + 1) }],
];

describe("a classic message", () => {
  for (const [what, type, change] of refused) {
    it(`is refused with ${what}`, () => assertRefused("payload_invalid", () => read(type, change)));
  }

  it("may ask for as many entitlements as the limit, and for none: that gives all back", () => {
    read("AUTHORIZE", { entitlements: manyTags(authorizedLicensesMax) });
    read("AUTHORIZE", { entitlements: [] });
  });

  it("is signed, but for the registration", () => {
    assert.deepEqual(
      classicRequestTypes.filter((type) => messageTable[type].mustSign),
      ["RENEW_ID", "AUTHORIZE", "DEREGISTER", "CONVERSION"],
    );
  });
});

describe("an authorization", () => {
  const answer = answerDataSamples.AUTHORIZE;
  const [short, enough] = answer.entitlements;
  const take = (change: object) => check(messageTable.AUTHORIZE.answer, { ...answer, ...change }, "payload_invalid");

  it("[BET-34] says of each tag out of compliance how many are short, and of no other", async () => {
    take({});
    for (const wrong of [
      { ...short, shortfall: 0 },
      { ...enough, shortfall: 1 },
    ])
      await assertRefused("payload_invalid", () => take({ entitlements: [wrong] }));
  });

  it("is refused with a tag twice, and where it is asked for again at once", async () => {
    await assertRefused("payload_invalid", () => take({ entitlements: [short, short] }));
    await assertRefused("payload_invalid", () => take({ renew_after_seconds: 0 }));
  });

  it("is renewed after 30 days, or after half a day while something is short; the certificate at half its year", () => {
    assert.deepEqual(classicRenewAfterSeconds, { authorized: 2_592_000, outOfCompliance: 43_200 });
    assert.ok(classicIdRenewalMs < classicIdCertificateMs / 2 + 86_400_000 && classicIdRenewalMs === 180 * 86_400_000);
  });
});
