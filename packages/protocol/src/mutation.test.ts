// Every single altered byte of every signed thing is refused. Each byte of the whole text is changed, two ways: what
// the signature does not cover (names of members, serial numbers, certificates) must give itself away otherwise.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { verifyAccountInfo } from "./account-info.ts";
import { verifyAcknowledgement } from "./acknowledgement.ts";
import { verifyAuthorizationCode } from "./authorization-code.ts";
import { verifyConversion } from "./conversion.ts";
import { decodeLicenseFile, encodeLicenseFile } from "./files/smart-license-file.ts";
import { udiOf } from "./identity.ts";
import { parseJson } from "./json.ts";
import { verifyTreeHead } from "./ledger/tree-head.ts";
import { requestTypes } from "./messages/message-table.ts";
import { verifyPolicy } from "./policy.ts";
import {
  decodeManagerObject,
  decodeSignedReport,
  type ManagerObject,
  managerObjectTypes,
  signReport,
  verifyReport,
} from "./signed-object.ts";
import { testNow } from "./test-support/certificates.ts";
import { assertEveryByteCounts } from "./test-support/expectations.ts";
import {
  acceptAnswer,
  acceptRequest,
  anchors,
  answerBody,
  builtinSigner,
  bytesOf,
  device,
  deviceOf,
  managerObject,
  publicKeyOf,
  reportPayload,
  requestBody,
  trustSigner,
} from "./test-support/parties.ts";
import { acknowledgement, authorizationCode, piid, policy, sudi } from "./test-support/samples.ts";
import { verifyTrustCode } from "./trust-code.ts";

const common = { anchors, now: testNow };
const publicKey = device.keys.publicKey.export({ type: "spki", format: "der" });

const accept: Readonly<Record<ManagerObject["header"]["type"], (object: ManagerObject) => Promise<unknown>>> = {
  ack: (object) =>
    verifyAcknowledgement({
      object,
      ...common,
      productInstanceIdentifier: piid,
      udi: udiOf(sudi),
      newestSequence: acknowledgement.sequence,
    }),
  policy: (object) => verifyPolicy({ object, ...common, installedVersion: policy.policy_version }),
  conversion: (object) => verifyConversion({ object, ...common, udi: udiOf(sudi) }),
  trust: (object) => verifyTrustCode({ object, ...common, udi: udiOf(sudi), publicKey }),
  auth: (object) =>
    verifyAuthorizationCode({
      object,
      ...common,
      productInstanceIdentifier: piid,
      udi: udiOf(sudi),
      leastSequence: authorizationCode.sequence,
    }),
  account: (object) => verifyAccountInfo({ object, ...common, productInstanceIdentifier: piid }),
  "tree-head": (object) => verifyTreeHead({ object, ...common }),
};
const acceptObjectText = (bytes: Buffer) => {
  const object = decodeManagerObject(bytes.toString());
  return accept[object.header.type](object);
};

describe("a single altered byte is refused", () => {
  for (const requestType of requestTypes) {
    it(`in a signed ${requestType} request`, async () => {
      const body = bytesOf(await requestBody(requestType));
      await acceptRequest(body);
      assert.ok((await assertEveryByteCounts(body, (mutated) => acceptRequest(mutated))) > body.length);
    });
  }

  for (const requestType of ["ID_TOKEN_TRUST", "LICENSE_USAGE"] as const) {
    it(`in the answer to ${requestType}, whose certificates travel with it`, async () => {
      const body = bytesOf(await answerBody(requestType));
      await acceptAnswer(body, requestType);
      await assertEveryByteCounts(body, (mutated) => acceptAnswer(mutated, requestType));
    });
  }

  it("in a request signed with an RSA key", async () => {
    const body = bytesOf(await requestBody("POLL_REQ", deviceOf("rsa-2048")));
    await acceptRequest(body, deviceOf("rsa-2048"));
    await assertEveryByteCounts(body, (mutated) => acceptRequest(mutated, deviceOf("rsa-2048")));
  });

  for (const type of managerObjectTypes) {
    it(`in a signed ${type} object with its chain`, async () => {
      const bytes = bytesOf(JSON.stringify(await managerObject(type)));
      await acceptObjectText(bytes);
      await assertEveryByteCounts(bytes, acceptObjectText);
    });
  }

  for (const [kind, signer] of [
    ["P-256", trustSigner()],
    ["RSA", trustSigner(deviceOf("rsa-2048"))],
  ] as const) {
    it(`in a RUM report signed with a ${kind} key`, async () => {
      const bytes = bytesOf(JSON.stringify(await signReport(reportPayload, signer)));
      const acceptReport = (mutated: Buffer) => verifyReport(decodeSignedReport(mutated.toString()), publicKeyOf);
      assert.equal(await acceptReport(bytes), "verified");
      await assertEveryByteCounts(bytes, acceptReport);
    });
  }

  it("in a RUM report with the builtin hash", async () => {
    const bytes = bytesOf(JSON.stringify(await signReport(reportPayload, builtinSigner)));
    const acceptReport = (mutated: Buffer) => verifyReport(decodeSignedReport(mutated.toString()), publicKeyOf);
    assert.equal(await acceptReport(bytes), "unverified");
    await assertEveryByteCounts(bytes, acceptReport);
  });

  it("in a licence file with a report and account information", async () => {
    const file = {
      reports: [await signReport(reportPayload, trustSigner())],
      managerObjects: [await managerObject("account")],
      systemInfo: null,
    };
    const bytes = bytesOf(encodeLicenseFile(file));
    const acceptFile = async (mutated: Buffer) => {
      const found = decodeLicenseFile(mutated);
      for (const report of found.reports) await verifyReport(report, publicKeyOf);
      for (const object of found.managerObjects) await accept[object.header.type](object);
    };
    await acceptFile(bytes);
    await assertEveryByteCounts(bytes, acceptFile);
  });

  it("and so is a payload under the name of another type", async () => {
    for (const type of managerObjectTypes) {
      const object = await managerObject(type);
      for (const other of managerObjectTypes) {
        const renamed = { ...object, header: { type: other } };
        if (other === type) await accept[other](renamed);
        else await assert.rejects(accept[other](renamed), { code: "payload_invalid" });
      }
    }
  });

  it("and so is the text written anew, with other blanks", async () => {
    const object = await managerObject("policy");
    const respaced = { ...object, payload: JSON.stringify(parseJson(object.payload), null, 1) };
    await assert.rejects(accept.policy(respaced), { code: "signature_mismatch" });
  });
});
