import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type AuthorizationCode,
  type AuthorizationCodeQuestion,
  confirmationCodeOf,
  encodeAuthorizationCode,
  returnCodeOf,
  verifyAuthorizationCode,
} from "./authorization-code.ts";
import { udiOf } from "./identity.ts";
import { signManagerObject } from "./signed-object.ts";
import { testNow } from "./test-support/certificates.ts";
import { assertRefused } from "./test-support/expectations.ts";
import { anchors, device, manager, managerObject } from "./test-support/parties.ts";
import { authorizationCode, otherPiid, otherSudi, piid, sudi } from "./test-support/samples.ts";

async function verify(change: Partial<AuthorizationCodeQuestion> = {}) {
  const own = { productInstanceIdentifier: piid, udi: udiOf(sudi), leastSequence: 0 };
  return verifyAuthorizationCode({ object: await managerObject("auth"), anchors, now: testNow, ...own, ...change });
}

describe("an authorization code", () => {
  it("is taken by the device it names, as often as it comes", async () => {
    assert.deepEqual(await verify(), authorizationCode);
    assert.deepEqual(await verify({ leastSequence: authorizationCode.sequence }), authorizationCode);
  });

  it("is refused for another device, or when it was given back", async () => {
    await assertRefused("identity_mismatch", () => verify({ udi: udiOf(otherSudi) }));
    await assertRefused("identity_mismatch", () => verify({ productInstanceIdentifier: otherPiid }));
    await assertRefused("authorization_replayed", () => verify({ leastSequence: authorizationCode.sequence + 1 }));
  });

  it("is refused when a device signed it, when it is another object, or of another shape", async () => {
    const byDevice = { signer: device.keys.signer, certificate: device.certificate, chain: manager.chain };
    await assertRefused("certificate_wrong_purpose", async () =>
      verify({ object: await managerObject("auth", byDevice) }),
    );
    await assertRefused("envelope_invalid", async () => verify({ object: await managerObject("account") }));
    const [license] = authorizationCode.licenses;
    for (const change of [{ licenses: [] }, { licenses: [license, license] }, { sequence: -1 }, { extra: 1 }]) {
      const payload = encodeAuthorizationCode({ ...authorizationCode, ...change } as AuthorizationCode);
      const object = await signManagerObject("auth", payload, manager);
      await assertRefused("payload_invalid", () => verify({ object }));
    }
  });

  it("has digits that a person can carry, and others for every other code", () => {
    const payload = encodeAuthorizationCode(authorizationCode);
    const next = encodeAuthorizationCode({ ...authorizationCode, sequence: 8 });
    assert.match(confirmationCodeOf(payload), /^[0-9a-f]{8}$/);
    assert.match(returnCodeOf(payload), /^([1-9A-HJ-NP-Za-km-z]{6}-){9}[1-9A-HJ-NP-Za-km-z]{3}$/);
    assert.notEqual(confirmationCodeOf(payload), confirmationCodeOf(next));
    assert.notEqual(returnCodeOf(payload), returnCodeOf(next));
  });
});
