// Which devices of an installation speak in another role than before: a switchover shows itself in the next usage report.

import { formatUdi, type HaRole, type Sudi, udiOf } from "@countersign/protocol";

export type ListedRole = { readonly sudi: Sudi; readonly role: HaRole };
/** New roles by `formatUdi`. */
export type RoleChanges = ReadonlyMap<string, HaRole>;

const none: RoleChanges = new Map();

/** Devices that are not members are passed over; of two supervisors that share a UDI the active one speaks. */
export function roleChanges(listed: readonly ListedRole[], known: ReadonlyMap<string, string>): RoleChanges {
  const spoken = new Map<string, HaRole>();
  for (const { sudi, role } of listed) {
    const udi = formatUdi(udiOf(sudi));
    if (role === "Active" || !spoken.has(udi)) spoken.set(udi, role);
  }
  const changed = [...spoken].filter(([udi, role]) => known.has(udi) && known.get(udi) !== role);
  return changed.length === 0 ? none : new Map(changed);
}
