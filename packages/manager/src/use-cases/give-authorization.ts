// Gives a product instance the authorization code that it asks for, and ends codes, inside a transaction. Whoever asks twice is
// given the same code; what a device tells of its last one is heard first, so that nothing half done blocks.

import {
  type AuthorizationRefusal,
  type AuthorizationWish,
  type AuthorizedLicense,
  confirmationCodeOf,
  encodeAuthorizationCode,
  formatUdi,
  returnCodeOf,
  sudiOf,
} from "@countersign/protocol";
import {
  type AuthorizationState,
  isInForce,
  isSameLicenses,
  licensesOf,
  type StoredAuthorization,
  wantedLicenses,
} from "../authorizations/authorization.ts";
import type { EventKind } from "../events/event.ts";
import type { ProductInstance } from "../trust/product-instance.ts";
import { authorizedBelow, countOf, isHeldAbove } from "./codes-on-other-floors.ts";
import type { ChangeContext } from "./installation-changes.ts";

export type GivenAuthorization =
  | { readonly outcome: "given"; readonly authorization: StoredAuthorization }
  /** Nothing was asked for; what was told has been heard. */
  | { readonly outcome: "heard" }
  | { readonly outcome: "refused"; readonly code: AuthorizationRefusal };

type Wish = Pick<AuthorizationWish, "mode" | "keys" | "remove_code"> & {
  /** Null for an administrator, who sees what is in force. */
  readonly confirm_code: string | null;
};

/**
 * A device that does not name the code which it has confirmed asked before it had it, and its message is late; or it has
 * forgotten. Either way it is given that code again, and asks for what it lacks when it has it.
 *
 * Throws `payload_invalid` for more entitlements than one code holds. */
export async function giveAuthorization(
  instance: ProductInstance,
  wish: Wish,
  context: ChangeContext,
): Promise<GivenAuthorization> {
  const { smartAccountId, instanceId } = instance;
  const before = await context.transaction.authorizations.findNewestAuthorization(smartAccountId, instanceId);
  const newest = before === undefined ? undefined : await hearLast(instance, before, wish, context);
  if (wish.keys.length === 0) return { outcome: "heard" };
  const inForce = newest !== undefined && isInForce(newest) ? newest : undefined;
  const has = inForce === undefined ? [] : licensesOf(inForce);
  if (inForce !== undefined && isAskedWithout(inForce, wish)) return { outcome: "given", authorization: inForce };
  const wanted = wantedLicenses(wish, has);
  if (inForce !== undefined && isSameLicenses(has, wanted)) return { outcome: "given", authorization: inForce };
  const code = await refusalFor(instance, wanted, has, context);
  if (code !== null) {
    await tell("authorization_refused", instance, null, { code, licenses: wanted }, context);
    return { outcome: "refused", code };
  }
  if (inForce !== undefined) await endAuthorization(instance, inForce, "replaced", context);
  const sequence = await nextCodeSequence(instance, newest?.sequence ?? 0, context);
  return { outcome: "given", authorization: await makeCode(instance, sequence, wanted, context) };
}

/**
 * Above the newest code, and above all that a manager can have given before it was restored from a backup: a restore lifts the
 * sequence of the installation that far.
 */
async function nextCodeSequence(
  { smartAccountId, installationId }: ProductInstance,
  newest: number,
  { transaction }: ChangeContext,
): Promise<number> {
  const installation = await transaction.trust.findInstallation(smartAccountId, installationId);
  return Math.max(newest + 1, installation?.nextSequence ?? 0);
}

function isAskedWithout({ state, payload }: StoredAuthorization, { confirm_code }: Wish): boolean {
  return state === "confirmed" && confirm_code !== null && confirm_code !== confirmationCodeOf(payload);
}

/** What the device says of the code in force: that it was given back, or that it arrived. */
async function hearLast(
  instance: ProductInstance,
  newest: StoredAuthorization,
  { confirm_code, remove_code }: Wish,
  context: ChangeContext,
): Promise<StoredAuthorization> {
  if (!isInForce(newest)) return newest;
  if (remove_code === returnCodeOf(newest.payload)) return endAuthorization(instance, newest, "returned", context);
  if (confirm_code === confirmationCodeOf(newest.payload)) return confirmAuthorization(instance, newest, context);
  return newest;
}

async function makeCode(
  instance: ProductInstance,
  sequence: number,
  licenses: readonly AuthorizedLicense[],
  context: ChangeContext,
): Promise<StoredAuthorization> {
  const { smartAccountId, instanceId, virtualAccountId, productInstanceIdentifier, udi } = instance;
  const payload = encodeAuthorizationCode({
    version: "1.0",
    product_instance_identifier: productInstanceIdentifier,
    sudi: sudiOf(udi),
    sequence,
    issued_at: context.now,
    licenses: [...licenses],
  });
  const made = await context.transaction.authorizations.addAuthorization({
    ...{ smartAccountId, instanceId, virtualAccountId, sequence, payload },
    ...{ state: "generated", issuedAtMs: context.now, changedAtMs: context.now },
  });
  await count(made, virtualAccountId, 1, context);
  await tell("authorization_generated", instance, null, { sequence, licenses }, context);
  return made;
}

async function count(
  { smartAccountId, payload }: StoredAuthorization,
  virtualAccountId: number,
  sign: 1 | -1,
  { transaction }: ChangeContext,
): Promise<void> {
  for (const { entitlement_tag: tag, count: licenses } of licensesOf({ payload }))
    await transaction.authorizations.changeAuthorizedTotal(smartAccountId, virtualAccountId, tag, sign * licenses);
}

/** Export-controlled functions need the permission that came with trust; enforced licences must have been bought. */
async function refusalFor(
  { smartAccountId, virtualAccountId, exportControlAllowed }: ProductInstance,
  wanted: readonly AuthorizedLicense[],
  has: readonly AuthorizedLicense[],
  { transaction, now }: ChangeContext,
): Promise<AuthorizationRefusal | null> {
  const isExport = wanted.some((license) => license.license_class === "export");
  if (isExport && !exportControlAllowed) return "authorization_export_not_allowed";
  const enforced = wanted.filter((license) => license.license_class === "enforced");
  const purchases = enforced.length === 0 ? [] : await transaction.licenses.listPurchases(smartAccountId);
  for (const { entitlement_tag: tag, count: wish } of enforced) {
    const bought = purchases
      .filter((one) => one.tag === tag && one.virtualAccountId === virtualAccountId)
      .filter(({ startsAtMs, endsAtMs }) => startsAtMs <= now && (endsAtMs === null || endsAtMs > now))
      .reduce((sum, { quantity }) => sum + quantity, 0);
    const all = await transaction.authorizations.findAuthorizedTotal(smartAccountId, virtualAccountId, tag);
    const own = has.find((license) => license.entitlement_tag === tag)?.count ?? 0;
    const below = countOf(await authorizedBelow({ smartAccountId, virtualAccountId }, transaction), tag);
    if (all - own + wish + below > bought) return "authorization_not_purchased";
    if (await isHeldAbove({ smartAccountId, tag, wish: wish - own, now }, transaction))
      return "authorization_not_purchased";
  }
  return null;
}

const endings = {
  replaced: "authorization_replaced",
  returned: "authorization_returned",
  withdrawn: "authorization_withdrawn",
} as const satisfies Partial<Record<AuthorizationState, EventKind>>;

/** Frees what the code held. Ends nothing that is not in force. */
export async function endAuthorization(
  instance: ProductInstance,
  authorization: StoredAuthorization,
  state: keyof typeof endings,
  context: ChangeContext,
): Promise<StoredAuthorization> {
  if (!isInForce(authorization)) return authorization;
  const ended = { ...authorization, state, changedAtMs: context.now };
  await context.transaction.authorizations.changeAuthorization(ended);
  await count(authorization, authorization.virtualAccountId, -1, context);
  const { sequence } = authorization;
  await tell(endings[state], instance, { sequence, state: authorization.state }, { sequence, state }, context);
  return ended;
}

export async function confirmAuthorization(
  instance: ProductInstance,
  authorization: StoredAuthorization,
  context: ChangeContext,
): Promise<StoredAuthorization> {
  if (authorization.state !== "generated") return authorization;
  const confirmed = { ...authorization, state: "confirmed" as const, changedAtMs: context.now };
  await context.transaction.authorizations.changeAuthorization(confirmed);
  const { sequence } = authorization;
  const before = { sequence, state: authorization.state };
  await tell("authorization_confirmed", instance, before, { sequence, state: "confirmed" }, context);
  return confirmed;
}

/** The code in force of a product instance; undefined for none. */
export async function authorizationInForce(
  { smartAccountId, instanceId }: Pick<ProductInstance, "smartAccountId" | "instanceId">,
  { transaction }: Pick<ChangeContext, "transaction">,
): Promise<StoredAuthorization | undefined> {
  const newest = await transaction.authorizations.findNewestAuthorization(smartAccountId, instanceId);
  return newest !== undefined && isInForce(newest) ? newest : undefined;
}

/** A code counts where its product instance is. */
export async function moveAuthorization(
  instance: Pick<ProductInstance, "smartAccountId" | "instanceId">,
  virtualAccountId: number,
  context: ChangeContext,
): Promise<void> {
  const inForce = await authorizationInForce(instance, context);
  if (inForce === undefined || inForce.virtualAccountId === virtualAccountId) return;
  await count(inForce, inForce.virtualAccountId, -1, context);
  await count(inForce, virtualAccountId, 1, context);
  await context.transaction.authorizations.changeAuthorization({ ...inForce, virtualAccountId });
}

async function tell(
  kind: EventKind,
  { smartAccountId, virtualAccountId, installationId, udi }: ProductInstance,
  before: object | null,
  after: object,
  { transaction, now: atMs, cause }: ChangeContext,
): Promise<void> {
  const named = { udi: formatUdi(udi) };
  await transaction.events.addEvents([
    {
      ...{ smartAccountId, atMs, kind, virtualAccountId, installationId, cause },
      before: before === null ? null : { ...named, ...before },
      after: { ...named, ...after },
    },
  ]);
}
