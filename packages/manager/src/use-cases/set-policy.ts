// The reporting policy of a smart account or one of its virtual accounts: set a layer, read what is in force.
// A layer replaces the one set before at the same place; versions only grow.

import { assert } from "@countersign/protocol";
import { policyInForce, readPolicyLayer, settingsFor } from "../policies/policy-setting.ts";
import type { AccountReader, PolicyReader } from "../storage-ports.ts";
import type { Administration } from "./administer.ts";
import { findSmartAccount, findVirtualAccount, virtualAccountNames } from "./find-account.ts";
import type { By, InAccount, PolicyView } from "./use-cases.ts";

export type PolicyPlace = InAccount & { readonly virtualAccount?: string | undefined };

/** Without a virtual account the layer holds for the whole smart account. Throws `input_invalid`, `…_unknown`. */
export async function setPolicy(
  wish: PolicyPlace & { readonly layer: unknown } & By,
  { administer, clock }: Administration,
): Promise<PolicyView> {
  return administer({ act: "set_policy", cause: wish.cause }, async (transaction) => {
    const place = await findPlace(wish, transaction.accounts);
    const layer = readPolicyLayer(wish.layer, place.virtualAccountId === null ? "account" : "virtual account");
    const settings = await transaction.policies.listPolicySettings(place.smartAccountId);
    const before = settings.find((setting) => setting.virtualAccountId === place.virtualAccountId) ?? null;
    const version = await transaction.policies.nextPolicyVersion(place.smartAccountId);
    const setting = { ...place, version, setAtMs: clock.now(), layer };
    assert(before === null || version > before.version, "policy versions only grow");
    await transaction.policies.addPolicySetting(setting);
    const event = {
      ...place,
      atMs: setting.setAtMs,
      kind: "policy_set",
      installationId: null,
      cause: wish.cause,
    } as const;
    const describe = (one: typeof before) => (one === null ? null : { version: one.version, layer: one.layer });
    await transaction.events.addEvents([{ ...event, before: describe(before), after: describe(setting) }]);
    return view(place, transaction);
  });
}

export async function getPolicy(query: PolicyPlace, { storage }: Administration): Promise<PolicyView> {
  return view(await findPlace(query, storage.read.accounts), storage.read);
}

type Place = { readonly smartAccountId: number; readonly virtualAccountId: number | null };

async function findPlace({ smartAccount, virtualAccount }: PolicyPlace, accounts: AccountReader): Promise<Place> {
  const { smartAccountId } = await findSmartAccount(smartAccount, accounts);
  if (virtualAccount === undefined) return { smartAccountId, virtualAccountId: null };
  const { virtualAccountId } = await findVirtualAccount(smartAccountId, virtualAccount, accounts);
  return { smartAccountId, virtualAccountId };
}

async function view(
  place: Place,
  read: { readonly accounts: AccountReader; readonly policies: PolicyReader },
): Promise<PolicyView> {
  const settings = await read.policies.listPolicySettings(place.smartAccountId);
  const nameOf = await virtualAccountNames(place.smartAccountId, read.accounts);
  return {
    policy: policyInForce(settings, place.virtualAccountId),
    settings: settingsFor(settings, place.virtualAccountId).map(({ virtualAccountId, version, setAtMs, layer }) => ({
      virtualAccount: virtualAccountId === null ? null : nameOf(virtualAccountId),
      version,
      setAtMs,
      layer,
    })),
  };
}
