// What a text names in a smart account: devices, licences, virtual accounts, tokens, acknowledgements. The work does not grow with the
// fleet: devices are found by the indexes that there are, and no further than a fixed number of rows (docs/decisions/0230).

import { formatUdi, ProtocolError, parseTag, parseUdi } from "@countersign/protocol";
import { ManagerError } from "../errors.ts";
import type { Readers } from "../storage-ports.ts";
import type { ProductInstance } from "../trust/product-instance.ts";
import { acknowledgementIdOf } from "./acknowledgement-answer.ts";
import type { Administration } from "./administer.ts";
import { findSmartAccount, virtualAccountNames } from "./find-account.ts";
import type { SearchHit, SearchResult, SearchWish } from "./use-cases.ts";

export const searchCharactersMin = 2;
export const searchCharactersMax = 256;
/** Of each kind. */
export const searchHitsDefault = 5;
export const searchHitsMax = 50;
/** How many devices one search looks at in one order. */
export const searchedInstancesMax = 1000;

type Place = {
  readonly read: Readers;
  readonly smartAccountId: number;
  readonly nameOf: (virtualAccountId: number) => string;
};
type Found = { readonly hits: readonly SearchHit[]; readonly isComplete: boolean };

/** At most `limit` of each kind. Throws `input_invalid`, `account_unknown`, `account_ambiguous`. */
export async function searchAccount(wish: SearchWish, { storage, clock }: Administration): Promise<SearchResult> {
  const { text, limit } = checkedWish(wish);
  const { read } = storage;
  const { smartAccountId } = await findSmartAccount(wish.smartAccount, read.accounts);
  const place = { read, smartAccountId, nameOf: await virtualAccountNames(smartAccountId, read.accounts) };
  const found = [
    await findInstances(text, place),
    await findLicenses(text, place, clock.now()),
    await findVirtualAccounts(text, place),
    await findTokens(text, place),
    await findAcknowledgements(text, place),
  ];
  return {
    hits: found.flatMap(({ hits }) => hits.slice(0, limit)),
    isComplete: found.every(({ hits, isComplete }) => isComplete && hits.length <= limit),
  };
}

function checkedWish({ text: given, limit = searchHitsDefault }: SearchWish) {
  const text = given.trim();
  if (text.length < searchCharactersMin || text.length > searchCharactersMax)
    throw new ManagerError(
      "input_invalid",
      `text: must have ${searchCharactersMin} to ${searchCharactersMax} characters, has ${text.length}`,
    );
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > searchHitsMax)
    throw new ManagerError("input_invalid", `limit: must be 1 to ${searchHitsMax}`);
  return { text, limit };
}

const startsWith = (value: string, text: string) => value.toLowerCase().startsWith(text.toLowerCase());
const contains = (value: string, text: string) => value.toLowerCase().includes(text.toLowerCase());

async function findInstances(text: string, { read, smartAccountId, nameOf }: Place): Promise<Found> {
  const found = new Map<number, ProductInstance>();
  const add = (instances: readonly ProductInstance[]) => {
    for (const one of instances)
      if (one.smartAccountId === smartAccountId && one.removedAtMs === null) found.set(one.instanceId, one);
  };
  const identified = await read.trust.findInstanceByIdentifier(text.toLowerCase());
  if (identified !== undefined) add([identified]);
  const udi = udiIn(text);
  if (udi !== null) add(await read.trust.findInstancesByUdi(smartAccountId, udi.pid, udi.serialNumber));
  let isComplete = true;
  for (const serialNumber of new Set([text, text.toUpperCase()])) {
    const query = { smartAccountId, virtualAccountIds: null, serialNumber, walkedMax: searchedInstancesMax };
    const walked = await read.instances.listInstancesBySerialNumber(query);
    add(walked.instances);
    isComplete &&= walked.isComplete;
  }
  const first = await firstInstances(read, smartAccountId);
  add(
    first
      .slice(0, searchedInstancesMax)
      .filter(
        (one) =>
          startsWith(one.hostname, text) ||
          startsWith(one.udi.serialNumber, text) ||
          startsWith(one.productInstanceIdentifier, text),
      ),
  );
  const hits = [...found.values()].map((one): SearchHit => {
    const name = formatUdi(one.udi);
    const detail = one.hostname === "" ? one.softwareVersion : name;
    const virtualAccount = nameOf(one.virtualAccountId);
    const title = one.hostname === "" ? name : one.hostname;
    return { kind: "product_instance", id: one.productInstanceIdentifier, title, detail, virtualAccount };
  });
  return { hits, isComplete: isComplete && first.length <= searchedInstancesMax };
}

/**
 * One more than is looked at, where there is one. Virtual account by virtual account: what is registered in one has an index, and
 * what was removed is not walked over.
 */
async function firstInstances(read: Readers, smartAccountId: number): Promise<readonly ProductInstance[]> {
  const first: ProductInstance[] = [];
  for (const { virtualAccountId, instances } of await read.accounts.listVirtualAccounts(smartAccountId)) {
    const limit = searchedInstancesMax + 1 - first.length;
    if (instances === 0 || limit === 0) continue;
    const virtualAccountIds = [virtualAccountId] as const;
    first.push(
      ...(await read.instances.listInstances({ smartAccountId, virtualAccountIds, page: { limit, after: null } })),
    );
  }
  return first;
}

/** Half a UDI is one that somebody still types. */
function udiIn(text: string) {
  try {
    return parseUdi(text);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

async function findLicenses(text: string, { read, smartAccountId, nameOf }: Place, now: number): Promise<Found> {
  const rows = await read.licenses.listBalances(smartAccountId, now);
  const hits = rows.flatMap(({ tag, virtualAccountId }): readonly SearchHit[] => {
    const { name } = parseTag(tag);
    if (!contains(tag, text) && !contains(name, text)) return [];
    return [{ kind: "license", id: tag, title: name, detail: tag, virtualAccount: nameOf(virtualAccountId) }];
  });
  return { hits, isComplete: true };
}

async function findVirtualAccounts(text: string, { read, smartAccountId }: Place): Promise<Found> {
  const accounts = await read.accounts.listVirtualAccounts(smartAccountId);
  const hits = accounts
    .filter(({ name }) => contains(name, text))
    .map(({ name, description }): SearchHit => {
      return { kind: "virtual_account", id: name, title: name, detail: description, virtualAccount: name };
    });
  return { hits, isComplete: true };
}

/** By what is shown of a token; what lets a device in is not looked at. */
async function findTokens(text: string, { read, smartAccountId, nameOf }: Place): Promise<Found> {
  const tokens = await read.tokens.listTokens(smartAccountId);
  const hits = tokens
    .filter(({ uuid, description }) => startsWith(uuid, text) || contains(description, text))
    .map(({ uuid, description, virtualAccountId }): SearchHit => {
      const virtualAccount = nameOf(virtualAccountId);
      return { kind: "token", id: uuid, title: description || uuid, detail: uuid, virtualAccount };
    });
  return { hits, isComplete: true };
}

/** By its id or its poll id, which devices show. */
async function findAcknowledgements(text: string, { read, smartAccountId, nameOf }: Place): Promise<Found> {
  if (!/^\d{1,19}$/.test(text)) return { hits: [], isComplete: true };
  const hits: SearchHit[] = [];
  for (const id of new Set([Number(text), acknowledgementIdOf(text)])) {
    if (id === undefined || !Number.isSafeInteger(id)) continue;
    const stored = await read.acknowledgements.findAcknowledgement(smartAccountId, id);
    const instance =
      stored === undefined ? undefined : await read.trust.findInstance(smartAccountId, stored.instanceId);
    if (stored === undefined || instance === undefined) continue;
    hits.push({
      ...{ kind: "acknowledgement", id: `${id}`, title: `Acknowledgement ${id}`, detail: formatUdi(instance.udi) },
      ...{ virtualAccount: nameOf(instance.virtualAccountId), instance: instance.productInstanceIdentifier },
    });
  }
  return { hits, isComplete: true };
}
