// Which devices of an installation are in another role than before: a usage report lists all of them, so it shows a switchover,
// and who is no longer there.

import { formatUdi, type HaRole, type Sudi, udiOf } from "@countersign/protocol";
import type { MemberRole, ProductInstance } from "./product-instance.ts";

export type ListedRole = { readonly sudi: Sudi; readonly role: HaRole };
/** New roles by `formatUdi`. */
export type RoleChanges = ReadonlyMap<string, MemberRole>;

const none: RoleChanges = new Map();

/** Devices that are not members are passed over; of two supervisors that share a UDI the active one speaks. */
export function roleChanges(listed: readonly ListedRole[], known: ReadonlyMap<string, MemberRole>): RoleChanges {
  const spoken = new Map<string, HaRole>();
  for (const { sudi, role } of listed) {
    const udi = formatUdi(udiOf(sudi));
    if (role === "Active" || !spoken.has(udi)) spoken.set(udi, role);
  }
  const changed = [...known].flatMap(([udi, before]): readonly (readonly [string, MemberRole])[] => {
    const role = spoken.get(udi) ?? "Absent";
    return role === before ? [] : [[udi, role]];
  });
  return changed.length === 0 ? none : new Map(changed);
}

/** `lastContactAtMs` is that of the installation before the message that tells the role. */
export function inRole(member: ProductInstance, role: MemberRole, lastContactAtMs: number | null): ProductInstance {
  return { ...member, role, lastListedAtMs: role === "Absent" ? (lastContactAtMs ?? member.trustedSinceMs) : null };
}

/** A device that is listed is in contact whenever its installation is; an absent one no longer. */
export function lastContactOf(member: ProductInstance, installationContactAtMs: number | null): number | null {
  return member.role === "Absent" ? (member.lastListedAtMs ?? installationContactAtMs) : installationContactAtMs;
}
