// What an operator may do, and where: grants, each a role in a place. Whoever has no grant for a place may do nothing there.

export const operatorRoles = ["administrator", "viewer"] as const;
export type OperatorRole = (typeof operatorRoles)[number];

/**
 * Both null: everything, and what belongs to the managers themselves. Without a virtual account: a whole smart account, with
 * what is the account's own, such as its policy and its ledger.
 */
export type Place = { readonly smartAccountId: number | null; readonly virtualAccountId: number | null };
export type Grant = Place & { readonly role: OperatorRole };
export type Access = readonly Grant[];

export const levels = ["read", "administer"] as const;
export type Level = (typeof levels)[number];
/** How much of the accounts a route is about, the widest last. */
export const extents = ["virtual account", "smart account", "everything"] as const;
export type Extent = (typeof extents)[number];

/** Grants that one operator has at most. */
export const grantsMax = 100;

export const everything: Place = { smartAccountId: null, virtualAccountId: null };
export const fullAccess: Access = [{ ...everything, role: "administrator" }];

const levelsOf: Readonly<Record<OperatorRole, readonly Level[]>> = {
  administrator: ["read", "administer"],
  viewer: ["read"],
};

export function isPermitted(access: Access, level: Level, place: Place): boolean {
  return access.some((grant) => isOfLevel(grant, level) && covers(grant, place));
}

/** What nobody needs to be asked about any more. */
export function isUnlimited(access: Access): boolean {
  return isPermitted(access, "administer", everything);
}

/** Whether there is a place of this extent, anywhere, where the level is permitted. Tells nothing of what exists. */
export function isPermittedSomewhere(access: Access, level: Level, extent: Extent): boolean {
  const width = extents.indexOf(extent);
  return access.some((grant) => isOfLevel(grant, level) && extents.indexOf(extentOf(grant)) >= width);
}

/** The virtual accounts of a smart account in which anything may be seen; "all" where new ones will be among them. */
export function seenVirtualAccounts(access: Access, smartAccountId: number): "all" | ReadonlySet<number> {
  if (isPermitted(access, "read", { smartAccountId, virtualAccountId: null })) return "all";
  const inside = access.filter((grant) => isOfLevel(grant, "read") && grant.smartAccountId === smartAccountId);
  return new Set(inside.flatMap(({ virtualAccountId }) => virtualAccountId ?? []));
}

export function isSmartAccountSeen(access: Access, smartAccountId: number): boolean {
  const seen = seenVirtualAccounts(access, smartAccountId);
  return seen === "all" || seen.size > 0;
}

export function isSamePlace(one: Place, other: Place): boolean {
  return one.smartAccountId === other.smartAccountId && one.virtualAccountId === other.virtualAccountId;
}

function extentOf({ smartAccountId, virtualAccountId }: Place): Extent {
  if (smartAccountId === null) return "everything";
  return virtualAccountId === null ? "smart account" : "virtual account";
}

/** A role that only a newer version knows permits nothing. */
function isOfLevel({ role }: Grant, level: Level): boolean {
  return Object.hasOwn(levelsOf, role) && levelsOf[role].includes(level);
}

function covers(grant: Place, place: Place): boolean {
  if (grant.smartAccountId === null) return true;
  if (grant.smartAccountId !== place.smartAccountId) return false;
  return grant.virtualAccountId === null || grant.virtualAccountId === place.virtualAccountId;
}
