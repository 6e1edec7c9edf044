import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeRequest, reportsPerRelayMessageMax } from "@countersign/protocol";
import { createDevice, createDeviceKey, TestDevice } from "../test-support/core-device.ts";
import { createTestManager, operator, readAnswer, type TestManager } from "../test-support/core-manager.ts";

async function onPremises() {
  const manager = await createTestManager();
  await manager.useCases.establishPremises({ cause: operator });
  await manager.useCases.createVirtualAccount({ name: "North Lab", cause: operator });
  return manager;
}

/** Asks without a token; answers the refusal, or what the virtual account is called that the device came into. */
async function ask(manager: TestManager, device: TestDevice, tenant?: string): Promise<string | null> {
  const { token: _, ...data } = device.trustData("");
  const body = await encodeRequest("ID_TOKEN_TRUST", data, {
    ...device.identity,
    productInstanceIdentifier: "",
    key: null,
  });
  const limits = { reportsMax: reportsPerRelayMessageMax, ...(tenant === undefined ? {} : { tenant }) };
  const { answer, reply } = await manager.exchange(body, limits);
  if (reply.refusal !== null) return reply.refusal;
  const read = await readAnswer(manager, answer, "ID_TOKEN_TRUST", data.nonce);
  assert.ok(read.statusCode === "OK");
  await device.install(read.data.device_list[0]?.smart_license ?? "");
  return read.data.pool_name;
}

test("[TRU-8] on premises a device comes in without a token, into the account that its address names", async () => {
  const manager = await onPremises();
  const cases = [
    [undefined, "DEFAULT"],
    ["North Lab-1", "North Lab"],
    ["North Lab", "North Lab"],
    ["Example-1", "DEFAULT"],
    ["north lab-1", "tenant_unknown"],
    ["North Lab-2", "tenant_unknown"],
  ] as const;
  for (const [tenant, place] of cases) assert.equal(await ask(manager, createDevice(manager), tenant), place, tenant);
  await manager.useCases.createVirtualAccount({ name: "North Lab-1", cause: operator });
  const exact = await ask(manager, createDevice(manager), "North Lab-1");
  assert.equal(exact, "North Lab-1", "an account that is called so goes before the one that is meant");
  await manager.useCases.setAdmission({ change: { virtualAccount: "North Lab" }, cause: operator });
  assert.equal(await ask(manager, createDevice(manager)), "North Lab");
});

test("[TRU-8] a cloud account lets nobody in without a token, and no setting makes it one on premises", async () => {
  const manager = await createTestManager();
  assert.equal(await ask(manager, createDevice(manager)), "token_required");
  const change = { isOpen: true };
  await assert.rejects(manager.useCases.setAdmission({ change, cause: operator }), { code: "not_on_premises" });
  assert.deepEqual(await manager.useCases.showPremises({}), {
    smartAccount: "Example",
    role: "cloud",
    admission: null,
  });
  const token = await manager.useCases.createToken({ cause: operator });
  await createDevice(manager).trust(token.text);
  await assert.rejects(manager.useCases.establishPremises({ cause: operator }), { code: "input_invalid" });
});

test("a closed door, or one for other products, lets in only with a token; who is in stays, and gets the same answer", async () => {
  const manager = await onPremises();
  const device = createDevice(manager);
  await ask(manager, device);
  const { identifier, certificateSerial } = device;
  const { pid } = device.udi;
  await manager.useCases.setAdmission({ change: { productIds: ["OTHER"] }, cause: operator });
  assert.equal(await ask(manager, createDevice(manager)), "token_required");
  await manager.useCases.setAdmission({ change: { productIds: ["OTHER", pid] }, cause: operator });
  assert.equal(await ask(manager, createDevice(manager)), "DEFAULT");
  await manager.useCases.setAdmission({ change: { isOpen: false }, cause: operator });
  assert.equal(await ask(manager, createDevice(manager)), "token_required");
  assert.equal(await ask(manager, device, "North Lab-1"), "DEFAULT", "it stays where it is");
  assert.deepEqual([device.identifier, device.certificateSerial], [identifier, certificateSerial]);
  const token = await manager.useCases.createToken({ cause: operator });
  assert.equal((await createDevice(manager).trust(token.text)).reply.refusal, null);
});

test("another key for a registered UDI never comes in without a token, whatever the request says of force", async () => {
  const manager = await onPremises();
  const device = createDevice(manager);
  await ask(manager, device);
  const impostor = new TestDevice(manager, device.udi, createDeviceKey());
  const honest = impostor.trustData.bind(impostor);
  impostor.trustData = (token) => honest(token, { force: true });
  assert.equal(await ask(manager, impostor), "already_registered");
  await device.use({ reportId: 1, count: 3 });
  assert.equal(await ask(manager, impostor), "consumption_without_force");
  const { acknowledgement } = await device.use({ reportId: 2, count: 3 });
  assert.equal(acknowledgement.reports[0]?.outcome, "accepted", "the device goes on with its key");
});

test("where several accounts are on premises, an address must say which one is meant", async () => {
  const manager = await onPremises();
  await manager.useCases.createSmartAccount({ name: "Second", cause: operator });
  await manager.useCases.establishPremises({ smartAccount: "Second", cause: operator });
  assert.equal(await ask(manager, createDevice(manager)), "tenant_unknown");
  assert.equal(await ask(manager, createDevice(manager), "DEFAULT-1"), "tenant_unknown");
  assert.equal(await ask(manager, createDevice(manager), "Second-1"), "DEFAULT");
  assert.equal(await ask(manager, createDevice(manager), "North Lab-1"), "North Lab");
});
