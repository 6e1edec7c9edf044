import assert from "node:assert/strict";
import { test } from "node:test";
import { formatUdi } from "@countersign/protocol";
import { ManagerError } from "../errors.ts";
import { baseTag, createTrustedDevice } from "../test-support/core-device.ts";
import { createTestManager, operator, type TestManager } from "../test-support/core-manager.ts";
import {
  searchCharactersMax,
  searchCharactersMin,
  searchedInstancesMax,
  searchHitsDefault,
  searchHitsMax,
} from "./search-account.ts";

async function kindsFor({ useCases }: TestManager, text: string): Promise<string> {
  const { hits, isComplete } = await useCases.searchAccount({ text });
  assert.equal(isComplete, true);
  return hits.map(({ kind }) => kind).join(" ");
}

test("a text finds what it names, in every way that one writes it, and not what was removed", async () => {
  const manager = await createTestManager();
  const { useCases } = manager;
  const secret = await useCases.createToken({ description: "Floor 3", cause: operator });
  await useCases.createVirtualAccount({ name: "Floor 9", description: "top", cause: operator });
  const device = await createTrustedDevice(manager);
  await device.use({ reportId: 1, count: 3 });
  const { udi, identifier } = device;
  for (const text of [
    udi.serialNumber,
    udi.serialNumber.slice(0, 3),
    ` ${udi.serialNumber.toLowerCase()} `,
    formatUdi(udi),
    identifier,
    identifier.toUpperCase(),
    identifier.slice(0, 8),
  ])
    assert.match(await kindsFor(manager, text), /^product_instance/, text);
  const { hits } = await useCases.searchAccount({ text: "floor" });
  assert.deepEqual(
    hits.map(({ kind, title, detail }) => [kind, title, detail]),
    [
      ["virtual_account", "Floor 9", "top"],
      ["token", "Floor 3", secret.tokenId],
    ],
  );
  assert.equal(await kindsFor(manager, "edge_base"), "license");
  assert.equal(await kindsFor(manager, baseTag), "license");
  assert.equal(await kindsFor(manager, secret.tokenId), "token");
  assert.equal(await kindsFor(manager, secret.text), "", "what lets a device in is not searched");
  assert.equal(await kindsFor(manager, "PID:EDGE"), "", "half a UDI is no error");
  const [acknowledgement] = await useCases.listAcknowledgements({});
  assert.ok(acknowledgement);
  const found = (await useCases.searchAccount({ text: acknowledgement.pollId })).hits;
  assert.deepEqual(found, [
    {
      ...{ kind: "acknowledgement", id: `${acknowledgement.acknowledgementId}` },
      ...{ title: `Acknowledgement ${acknowledgement.acknowledgementId}`, detail: formatUdi(udi) },
      ...{ virtualAccount: "DEFAULT", instance: identifier },
    },
  ]);
  assert.deepEqual(
    (await useCases.searchAccount({ text: `0${acknowledgement.acknowledgementId}` })).hits.filter(
      ({ kind }) => kind === "acknowledgement",
    ),
    found,
  );
  await useCases.removeProductInstance({ instance: identifier, cause: operator });
  for (const text of [udi.serialNumber, formatUdi(udi), identifier]) assert.equal(await kindsFor(manager, text), "");
});

test("a host name is found by its start among the first devices, and the answer says when there are more", async () => {
  for (const devices of [searchedInstancesMax, searchedInstancesMax + 1]) {
    const manager = await createTestManager();
    const device = await createTrustedDevice(manager);
    const stored = await manager.storage.read.trust.findInstanceByIdentifier(device.identifier);
    assert.ok(stored);
    await manager.storage.inTransaction(async ({ trust }) => {
      await trust.changeInstanceCount(stored.smartAccountId, stored.virtualAccountId, devices - 1);
      for (let at = 2; at <= devices; at += 1)
        await trust.addInstance({
          ...{ ...stored, productInstanceIdentifier: `instance ${at}`, hostname: at === 1000 ? "Last-1" : "other" },
          udi: { pid: "EDGE", serialNumber: `ZZ${at}` },
        });
    });
    const { hits, isComplete } = await manager.useCases.searchAccount({ text: "last-" });
    assert.deepEqual(
      hits.map(({ title, detail }) => [title, detail]),
      [["Last-1", "PID:EDGE,SN:ZZ1000"]],
    );
    assert.equal(isComplete, devices <= searchedInstancesMax);
    // A whole serial number is found wherever it stands.
    const byStart = await manager.useCases.searchAccount({ text: `ZZ${devices}` });
    assert.equal(byStart.hits[0]?.detail, `PID:EDGE,SN:ZZ${devices}`);
  }
});

test("a text and a limit are as long as they may be, and a refusal says which is wrong and how", async () => {
  const manager = await createTestManager();
  const search = (length: number, limit?: number) =>
    manager.useCases.searchAccount({ text: "x".repeat(length), limit }).then(
      () => "taken",
      (error) => (error instanceof ManagerError ? `${error.code}: ${error.message}` : assert.fail(error)),
    );
  for (const length of [searchCharactersMin, searchCharactersMax]) assert.equal(await search(length), "taken");
  for (const length of [searchCharactersMin - 1, searchCharactersMax + 1])
    assert.match(
      await search(length),
      new RegExp(`^input_invalid.*text: must have 2 to 256 characters, has ${length}`),
    );
  for (const limit of [1, searchHitsMax]) assert.equal(await search(5, limit), "taken");
  for (const limit of [0, searchHitsMax + 1])
    assert.match(await search(5, limit), /^input_invalid.*limit: must be 1 to 50/);
});

test("so many of each kind are told, and whether there are more", async () => {
  const manager = await createTestManager();
  const find = async (limit?: number) => {
    const { hits, isComplete } = await manager.useCases.searchAccount({ text: "rack", limit });
    return [hits.length, isComplete];
  };
  for (let made = 1; made <= searchHitsDefault + 1; made += 1) {
    await manager.useCases.createToken({ description: `Rack ${made}`, cause: operator });
    if (made === searchHitsDefault) assert.deepEqual(await find(), [searchHitsDefault, true]);
  }
  assert.deepEqual(await find(), [searchHitsDefault, false]);
  assert.deepEqual(await find(searchHitsDefault + 1), [searchHitsDefault + 1, true]);
});
