import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Answer,
  type AuthorizationCode,
  type AuthorizationWish,
  confirmationCodeOf,
  decodeLicenseFile,
  decodeSmartLicense,
  encodeLicenseFile,
  returnCodeOf,
  sudiOf,
  verifyAuthorizationCode,
} from "@countersign/protocol";
import {
  createDevice,
  createTrustedDevice,
  plusTag,
  productTag,
  type TestDevice,
} from "../test-support/core-device.ts";
import { createTestManager, operator, type TestManager } from "../test-support/core-manager.ts";

const exportTag = plusTag.replace("EDGE_PLUS", "EDGE_HSEC");
const enforced = (count: number) => ({ entitlement_tag: plusTag, license_class: "enforced" as const, count });
const exported = { entitlement_tag: exportTag, license_class: "export" as const, count: 1 };
type Keys = AuthorizationWish["keys"];
type Told = { readonly sequence: number; readonly payload: string };

function wishOf(device: TestDevice, keys: Keys, more: Partial<AuthorizationWish> = {}): AuthorizationWish {
  const { identifier: product_instance_identifier, udi } = device;
  return {
    ...{ sudi: sudiOf(udi), product_instance_identifier, mode: "add", keys },
    ...{ confirm_code: "", remove_code: "", ...more },
  };
}

async function ask(device: TestDevice, keys: Keys, more: Partial<AuthorizationWish> = {}) {
  const { answer } = await device.send("AUTHORIZATION_REQUEST", {
    ...device.base(),
    ...{ hostname: "edge-1", software_tag_identifier: productTag, device_list: [wishOf(device, keys, more)] },
  });
  return entryOf(answer);
}

function entryOf(answer: Answer<"AUTHORIZATION_REQUEST">) {
  assert.equal(answer.statusCode, "OK", answer.statusMessage);
  return answer.data.device_list[0] ?? assert.fail("the device is not answered");
}

/** The code, verified as its device does. */
async function codeOf(device: TestDevice, smartLicense: string): Promise<Told & { readonly code: AuthorizationCode }> {
  const [object] = decodeSmartLicense(smartLicense);
  assert.ok(object);
  const { anchors, clock } = device.manager;
  const code = await verifyAuthorizationCode({
    ...{ object, anchors, now: clock.now(), productInstanceIdentifier: device.identifier },
    ...{ udi: device.udi, leastSequence: 0 },
  });
  return { sequence: code.sequence, payload: object.payload, code };
}

const given = async (device: TestDevice, keys: Keys, more: Partial<AuthorizationWish> = {}) =>
  codeOf(device, (await ask(device, keys, more)).smart_license);

async function confirm(device: TestDevice, { sequence, payload }: Told) {
  const own = { sudi: sudiOf(device.udi), product_instance_identifier: device.identifier, sequence };
  const device_list = [{ ...own, confirm_code: confirmationCodeOf(payload) }];
  return entryOf((await device.send("AUTHORIZATION_CONFIRM", { ...device.base(), device_list })).answer);
}

async function giveBack(device: TestDevice, { sequence, payload }: Told) {
  const own = { sudi: sudiOf(device.udi), product_instance_identifier: device.identifier, sequence };
  const device_list = [{ ...own, return_code: returnCodeOf(payload) }];
  return entryOf((await device.send("AUTHORIZATION_RETURN", { ...device.base(), device_list })).answer);
}

async function openManager(purchased = 5): Promise<{ manager: TestManager; device: TestDevice }> {
  const manager = await createTestManager();
  if (purchased > 0)
    await manager.useCases.addPurchase({ purchase: { tag: plusTag, quantity: purchased }, cause: operator });
  return { manager, device: await createTrustedDevice(manager) };
}

const statesOf = async ({ useCases }: TestManager) =>
  (await useCases.listAuthorizations({})).map(({ sequence, state }) => [sequence, state]);
const eventsOf = async ({ useCases }: TestManager) =>
  (await useCases.listEvents({ limit: 1000 }))
    .map(({ kind }) => kind)
    .filter((kind) => kind.startsWith("authorization"));

test("a code is asked for, confirmed and given back; each may be repeated and is one event", async () => {
  const { manager, device } = await openManager();
  const first = await given(device, [enforced(2)]);
  assert.deepEqual(first.code.licenses, [enforced(2)]);
  assert.equal((await given(device, [enforced(2)])).payload, first.payload, "a repetition gives the same code");
  assert.equal((await given(device, [enforced(1)])).payload, first.payload, "fewer are covered already");
  for (const _ of [1, 2]) assert.equal((await confirm(device, first)).status_code, "OK");
  assert.deepEqual(await statesOf(manager), [[1, "confirmed"]]);
  for (const _ of [1, 2]) assert.equal((await giveBack(device, first)).status_code, "OK");
  assert.equal(
    (await confirm(device, first)).code,
    "authorization_withdrawn",
    "a late confirmation does not bring it back",
  );
  assert.deepEqual(await statesOf(manager), [[1, "returned"]]);
  const kinds = ["authorization_returned", "authorization_confirmed", "authorization_generated"];
  assert.deepEqual(await eventsOf(manager), kinds);
  assert.equal((await given(device, [enforced(2)])).sequence, 2, "after a return there is a new code");
});

test("[I8] a restored manager gives codes above those that it has forgotten, which a device may have given back", async () => {
  const { manager, device } = await openManager();
  const [instance] = await manager.useCases.listProductInstances({});
  assert.ok(instance);
  const { smartAccountId } =
    (await manager.storage.read.trust.findInstanceByIdentifier(device.identifier)) ?? assert.fail();
  // As a restore leaves it: no code is known, and the sequence goes on from the time of the restore.
  const nextSequence = manager.clock.now();
  await manager.storage.inTransaction(async ({ trust }) => {
    const installation = await trust.findInstallation(smartAccountId, instance.installationId);
    await trust.putInstallation({ ...(installation ?? assert.fail()), nextSequence });
  });
  const first = await given(device, [enforced(1)]);
  assert.equal(first.sequence, nextSequence);
  await giveBack(device, first);
  assert.equal((await given(device, [enforced(1)])).sequence, nextSequence + 1);
});

test("what is added is beside what there was, what replaces is in its place; the one before ends", async () => {
  const { manager, device } = await openManager();
  const other = { ...enforced(1), entitlement_tag: plusTag.replace("PLUS", "MORE") };
  await manager.useCases.addPurchase({ purchase: { tag: other.entitlement_tag, quantity: 1 }, cause: operator });
  await given(device, [enforced(1)]);
  const both = await given(device, [other]);
  assert.deepEqual(new Set(both.code.licenses), new Set([enforced(1), other]));
  assert.deepEqual((await given(device, [other], { mode: "replace" })).code.licenses, [other]);
  assert.deepEqual(await statesOf(manager), [
    [3, "generated"],
    [2, "replaced"],
    [1, "replaced"],
  ]);
});

test("a device that installs an old code late is told what counts now when it confirms it", async () => {
  const { manager, device } = await openManager();
  const first = await given(device, [enforced(1)]);
  const second = await given(device, [enforced(2)]);
  const answered = await confirm(device, first);
  assert.deepEqual([answered.status_code, answered.code], ["OK", ""]);
  assert.equal((await codeOf(device, answered.smart_license)).payload, second.payload);
  assert.deepEqual(await statesOf(manager), [
    [2, "generated"],
    [1, "replaced"],
  ]);
  assert.equal((await confirm(device, second)).smart_license, "");
  await giveBack(device, second);
  assert.equal((await confirm(device, first)).code, "authorization_withdrawn");
});

test("a wish that does not name the confirmed code is late, or of a device that forgot: it is given that code again", async () => {
  const { manager, device } = await openManager();
  const first = await given(device, [enforced(3)]);
  await confirm(device, first);
  for (const mode of ["add", "replace"] as const)
    assert.equal((await given(device, [enforced(1)], { mode })).payload, first.payload, mode);
  assert.deepEqual(await statesOf(manager), [[1, "confirmed"]]);
  const confirm_code = confirmationCodeOf(first.payload);
  const second = await given(device, [enforced(1)], { mode: "replace", confirm_code });
  assert.deepEqual(second.code.licenses, [enforced(1)]);
  const licenses = [{ tag: plusTag, licenseClass: "enforced", count: 2 }] as const;
  await confirm(device, second);
  const instance = { instance: device.identifier, cause: operator };
  const made = await manager.useCases.generateAuthorization({ ...instance, mode: "replace", licenses });
  assert.deepEqual(made.licenses, licenses, "an administrator sees what is in force");
});

test("enforced licences must have been bought; what a device gives back, or loses, is free for another", async () => {
  const { manager, device } = await openManager(3);
  const other = await createTrustedDevice(manager);
  const first = await given(device, [enforced(2)]);
  const refused = await ask(other, [enforced(2)]);
  assert.deepEqual([refused.status_code, refused.code], ["FAILED", "authorization_not_purchased"]);
  assert.equal(refused.smart_license, "");
  assert.ok((await eventsOf(manager)).includes("authorization_refused"));
  assert.equal((await given(device, [enforced(3)])).sequence, 2, "its own count does not stand in its way");
  assert.equal((await giveBack(device, first)).status_code, "OK", "one that a newer code ended is given back too");
  await manager.useCases.removeProductInstance({ instance: device.identifier, cause: operator });
  assert.deepEqual((await given(other, [enforced(3)])).code.licenses, [enforced(3)]);
  assert.deepEqual(await statesOf(manager), [
    [1, "generated"],
    [2, "withdrawn"],
    [1, "replaced"],
  ]);
});

test("export-controlled functions need the permission that came with trust, and no purchase", async () => {
  const { manager, device } = await openManager(0);
  assert.equal((await ask(device, [exported])).code, "authorization_export_not_allowed");
  const allowed = createDevice(manager);
  await allowed.trust((await manager.useCases.createToken({ exportControlAllowed: true, cause: operator })).text);
  assert.deepEqual((await given(allowed, [exported])).code.licenses, [exported]);
});

test("codes move with their installation, and count where it is", async () => {
  const { manager, device } = await openManager(2);
  const { useCases } = manager;
  await useCases.createVirtualAccount({ name: "Branch", cause: operator });
  await given(device, [enforced(2)]);
  await useCases.transferProductInstance({ instance: device.identifier, virtualAccount: "Branch", cause: operator });
  assert.equal((await useCases.listAuthorizations({ virtualAccount: "Branch" })).length, 1);
  const other = await createTrustedDevice(manager);
  assert.deepEqual((await given(other, [enforced(2)])).code.licenses, [enforced(2)]);
  assert.equal((await ask(device, [enforced(3)])).code, "authorization_not_purchased", "nothing was bought there");
});

test("a return that was never heard does not block, and a confirmation may ride on the next request", async () => {
  const { manager, device } = await openManager(2);
  const first = await given(device, [enforced(2)]);
  await ask(device, [enforced(2)], { confirm_code: confirmationCodeOf(first.payload) });
  assert.deepEqual(await statesOf(manager), [[1, "confirmed"]]);
  const next = await given(device, [enforced(1)], { remove_code: returnCodeOf(first.payload) });
  assert.deepEqual(next.code.licenses, [enforced(1)], "what was given back is not added to");
  assert.deepEqual(await statesOf(manager), [
    [2, "generated"],
    [1, "returned"],
  ]);
});

test("one device cannot ask, confirm or give back for another installation, or with other digits", async () => {
  const { manager, device } = await openManager();
  const other = await createTrustedDevice(manager);
  const code = await given(device, [enforced(1)]);
  const own = device.identifier;
  const { answer } = await other.send("AUTHORIZATION_RETURN", {
    ...other.base(),
    device_list: [
      {
        ...{ sudi: sudiOf(device.udi), product_instance_identifier: own, sequence: 1 },
        return_code: returnCodeOf(code.payload),
      },
    ],
  });
  assert.equal(entryOf(answer).code, "authorization_of_other_installation");
  assert.equal((await confirm(device, { ...code, payload: "x" })).code, "authorization_unknown");
  assert.equal((await giveBack(device, { ...code, sequence: 9 })).code, "authorization_unknown");
  assert.deepEqual(await statesOf(manager), [[1, "generated"]]);
});

test("an administrator makes the code that a device would be given, withdraws it, or takes it back by its digits", async () => {
  const { manager, device } = await openManager();
  const { useCases } = manager;
  const instance = { instance: device.identifier, cause: operator };
  const licenses = [{ tag: plusTag, licenseClass: "enforced", count: 1 }] as const;
  const made = await useCases.generateAuthorization({ ...instance, mode: "add", licenses });
  const asked = await given(device, [enforced(1)]);
  assert.equal(decodeLicenseFile(Buffer.from(made.file)).managerObjects[0]?.payload, asked.payload);
  assert.equal(made.confirmationCode, confirmationCodeOf(asked.payload));
  await useCases.withdrawAuthorization(instance);
  assert.equal((await confirm(device, asked)).code, "authorization_withdrawn");
  await assert.rejects(useCases.withdrawAuthorization(instance), { code: "authorization_unknown" });
  const next = await given(device, [enforced(1)]);
  await assert.rejects(useCases.returnAuthorization({ ...instance, returnCode: returnCodeOf(asked.payload) }), {
    code: "authorization_unknown",
  });
  const ended = await useCases.returnAuthorization({ ...instance, returnCode: returnCodeOf(next.payload) });
  assert.equal(ended.state, "returned");
  const tooMany = useCases.generateAuthorization({
    ...instance,
    mode: "add",
    licenses: [{ ...licenses[0], count: 6 }],
  });
  await assert.rejects(tooMany, { code: "authorization_refused" });
  const noTag = useCases.generateAuthorization({ ...instance, mode: "add", licenses: [{ ...licenses[0], tag: "x" }] });
  await assert.rejects(noTag, { code: "input_invalid" });
});

test("a saved request is answered with a file, and the same file again with the same codes", async () => {
  const { manager, device } = await openManager();
  const { useCases } = manager;
  const stranger = { ...wishOf(device, [enforced(1)]), product_instance_identifier: crypto.randomUUID() };
  const authorizationRequest = [wishOf(device, [enforced(1)]), stranger];
  const bytes = (wishes: readonly AuthorizationWish[]) =>
    Buffer.from(encodeLicenseFile({ reports: [], managerObjects: [], systemInfo: null, authorizationRequest: wishes }));
  const answered = await useCases.importAuthorizationRequest({ bytes: bytes(authorizationRequest), cause: operator });
  assert.deepEqual(
    answered.devices.map(({ outcome, code }) => [outcome, code]),
    [
      ["given", null],
      ["refused", "authorization_of_other_installation"],
    ],
  );
  const payloadOf = (file: string | null) =>
    decodeLicenseFile(Buffer.from(file ?? "")).managerObjects[0]?.payload ?? "";
  const payload = payloadOf(answered.file);
  const again = await useCases.importAuthorizationRequest({ bytes: bytes(authorizationRequest), cause: operator });
  assert.equal(payloadOf(again.file), payload);
  const told = wishOf(device, [], { remove_code: returnCodeOf(payload) });
  const heard = await useCases.importAuthorizationRequest({ bytes: bytes([told]), cause: operator });
  assert.deepEqual([heard.devices[0]?.outcome, heard.file], ["heard", null]);
  assert.deepEqual(await statesOf(manager), [[1, "returned"]]);
  const nothing = Buffer.from(encodeLicenseFile({ reports: [], managerObjects: [], systemInfo: "{}" }));
  await assert.rejects(useCases.importAuthorizationRequest({ bytes: nothing, cause: operator }), {
    code: "input_invalid",
  });
});
