// decode ∘ encode is the identity, for everything that has an encoded form.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decodeAccountInfo, encodeAccountInfo } from "./account-info.ts";
import { decodeAcknowledgement, encodeAcknowledgement } from "./acknowledgement.ts";
import { decodeAnswer, encodeAnswer } from "./answer.ts";
import { encodeIdToken, hashIdToken, parseIdToken } from "./id-token.ts";
import { formatTag, formatUdi, parseTag, parseUdi, sudiOf, udiOf } from "./identity.ts";
import { requestTypes } from "./messages/message-table.ts";
import { decodePolicy, encodePolicy } from "./policy.ts";
import { decodeRequest, decodeRequestData, encodeRequest, verifyRequest } from "./request.ts";
import { decodeRumReport, encodeRumReport, formatIdRanges, parseIdRanges } from "./rum-report.ts";
import {
  decodeManagerObject,
  decodeSignedReport,
  signManagerObject,
  signReport,
  verifyManagerObject,
  verifyReport,
} from "./signed-object.ts";
import * as arbitrary from "./test-support/arbitraries.ts";
import { createAuthority, createKeys, signingIdentity, testNow } from "./test-support/certificates.ts";
import { managerConnectInfo, requestDataSamples } from "./test-support/samples.ts";

const authority = createAuthority();
const manager = signingIdentity(authority.signing, authority.issuing);
const anchors = [authority.root.certificate];
const device = createKeys();
const bytesOf = (text: string) => Buffer.from(text);

/** fast-check makes some objects without a prototype; deepEqual is to compare content only. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("decoding what was encoded gives the same", () => {
  it("for RUM reports", () => {
    fc.assert(
      fc.property(arbitrary.rumReport, (report) => {
        assert.deepEqual(decodeRumReport(encodeRumReport(report)), plain(report));
      }),
    );
  });

  it("for acknowledgements", () => {
    fc.assert(
      fc.property(arbitrary.acknowledgement, (acknowledgement) => {
        assert.deepEqual(decodeAcknowledgement(encodeAcknowledgement(acknowledgement)), plain(acknowledgement));
      }),
    );
  });

  it("for policies", () => {
    fc.assert(
      fc.property(arbitrary.policy, (policy) => assert.deepEqual(decodePolicy(encodePolicy(policy)), plain(policy))),
    );
  });

  it("for account information", () => {
    fc.assert(
      fc.property(arbitrary.accountInfo, (info) =>
        assert.deepEqual(decodeAccountInfo(encodeAccountInfo(info)), plain(info)),
      ),
    );
  });

  it("[TOK-6] for ID tokens, in each spelling, with one hash", () => {
    fc.assert(
      fc.property(arbitrary.idToken, (token) => {
        const encoded = encodeIdToken(token);
        const wrapped = decodeURIComponent(encoded);
        for (const spelling of [encoded, wrapped, wrapped.replace(/\n/g, ""), ` ${wrapped.replace(/\n/g, "\r\n")} `]) {
          assert.deepEqual(plain(parseIdToken(spelling)), plain(token));
          assert.equal(hashIdToken(parseIdToken(spelling)), hashIdToken(token));
        }
      }),
    );
  });

  it("for UDIs, in the long and in the short form", () => {
    fc.assert(
      fc.property(arbitrary.sudi, (sudi) => {
        const udi = udiOf(sudi);
        assert.deepEqual(parseUdi(formatUdi(udi)), udi);
        assert.deepEqual(parseUdi(`P:${udi.pid},S:${udi.serialNumber}`), udi);
        assert.deepEqual(sudiOf(udi), plain(sudi));
      }),
    );
  });

  it("[MSG-14] for product and entitlement tags", () => {
    fc.assert(fc.property(arbitrary.tagParts, (parts) => assert.deepEqual(parseTag(formatTag(parts)), plain(parts))));
  });

  it("for ranges of report ids", () => {
    fc.assert(
      fc.property(arbitrary.ascendingIds, (ids) => {
        const ranges = parseIdRanges(formatIdRanges(ids));
        const small = ranges.filter(([from, to]) => to - from < 100);
        const all = small.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
        assert.deepEqual(all, ids);
      }),
    );
  });

  it("for signed reports, with and without trust", async () => {
    const publicKeyOf = () => device.publicKey;
    const property = fc.asyncProperty(
      arbitrary.rumReport,
      arbitrary.tag,
      arbitrary.decimalSerial,
      async (report, productTag, certificateSerial) => {
        const { sudi } = report.asset_identification.instance;
        const payload = encodeRumReport(report);
        const builtin = await signReport(payload, { kind: "builtin", sudi, productTag });
        const trusted = await signReport(payload, { kind: "trust", sudi, certificateSerial, signer: device.signer });
        assert.deepEqual(decodeSignedReport(JSON.stringify(builtin)), plain(builtin));
        assert.deepEqual(decodeSignedReport(JSON.stringify(trusted)), plain(trusted));
        assert.equal(await verifyReport(builtin, publicKeyOf), "unverified");
        assert.equal(await verifyReport(trusted, publicKeyOf), "verified");
      },
    );
    await fc.assert(property, { numRuns: 40 });
  });

  it("for objects that the manager signs", async () => {
    const types = fc.constantFrom(
      "auth" as const,
      "ack" as const,
      "policy" as const,
      "trust" as const,
      "account" as const,
    );
    const property = fc.asyncProperty(types, arbitrary.nonEmptyName, async (type, payload) => {
      const object = await signManagerObject(type, payload, manager);
      const decoded = decodeManagerObject(JSON.stringify(object));
      assert.deepEqual(decoded, object);
      await verifyManagerObject(decoded, anchors, testNow);
    });
    await fc.assert(property, { numRuns: 40 });
  });
});

describe("messages", () => {
  for (const requestType of requestTypes) {
    it(`[MSG-1] ${requestType}: the request is read back as it was sent, signed or not`, async () => {
      const property = fc.asyncProperty(
        arbitrary.requestData[requestType],
        arbitrary.connectInfo,
        fc.boolean(),
        async (data, connectInfo, isSigned) => {
          const key = isSigned ? { certificateSerial: "1048581", signer: device.signer } : null;
          const identity = {
            sudi: data.sudi,
            productInstanceIdentifier: data.product_instance_identifier,
            connectInfo,
            signingCertificateSerial: "",
            key,
          };
          const request = decodeRequest(bytesOf(await encodeRequest(requestType, data, identity)));
          assert.equal(request.requestType, requestType);
          assert.equal(request.header.nonce, data.nonce);
          assert.deepEqual(request.header.connect_info, plain(connectInfo));
          assert.deepEqual(decodeRequestData(request), plain(data));
          if (isSigned) await verifyRequest(request, device.publicKey);
          else assert.equal(request.signature, null);
        },
      );
      await fc.assert(property, { numRuns: 30 });
    });

    it(`[MSG-1] ${requestType}: the answer is read back as it was sent`, async () => {
      const property = fc.asyncProperty(
        arbitrary.answerData[requestType],
        arbitrary.nonEmptyName,
        async (data, statusMessage) => {
          const request = requestDataSamples[requestType];
          const header = decodeRequest(
            bytesOf(
              await encodeRequest(requestType, request, {
                sudi: request.sudi,
                productInstanceIdentifier: "",
                connectInfo: managerConnectInfo,
                signingCertificateSerial: "",
                key: null,
              }),
            ),
          ).header;
          const content = {
            statusCode: "OK" as const,
            statusMessage,
            retryTimeSeconds: 0,
            data,
          };
          const context = { header, productInstanceIdentifier: "", connectInfo: managerConnectInfo, now: testNow };
          const answer = await decodeAnswer(bytesOf(await encodeAnswer(content, context, manager)), {
            requestType,
            nonce: request.nonce,
            anchors,
            knownCertificate: null,
            now: testNow,
          });
          assert.equal(answer.statusCode, "OK");
          assert.deepEqual(answer.data, plain(data));
          assert.equal(answer.statusMessage, content.statusMessage);
        },
      );
      await fc.assert(property, { numRuns: 30 });
    });
  }
});
