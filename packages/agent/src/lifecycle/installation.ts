// Who the installation is at this moment: its members, the one that is active, and the one in whose name it speaks.

import { assert, formatUdi, type HaRole, type Udi } from "@countersign/protocol";
import type { ReportFacts } from "./effect.ts";
import type { AgentState, Member, MemberTrust } from "./state.ts";

export function activeMember(state: AgentState): Member {
  const active = state.installation.members.find((member) => member.role === "Active");
  assert(active !== undefined, "an installation has an active member");
  return active;
}

export function trustOf(state: AgentState, udi: Udi): MemberTrust {
  return state.trust.members[formatUdi(udi)] ?? { status: "none" };
}

export type Speaker = { readonly member: Member; readonly trust: Extract<MemberTrust, { status: "installed" }> };

/** In whose name signed messages go out: the active device, else any with trust; null without trust. */
export function speakerOf(state: AgentState): Speaker | null {
  const active = activeMember(state);
  for (const member of [active, ...state.installation.members]) {
    const trust = trustOf(state, member.udi);
    if (trust.status === "installed") return { member, trust };
  }
  return null;
}

/** What a report says of the installation, as it is now. */
export function reportFacts(state: AgentState): ReportFacts {
  const { members, productTag, softwareVersion } = state.installation;
  return {
    udi: activeMember(state).udi,
    members: members.map(({ udi, role }) => ({ udi, role })),
    productTag,
    softwareVersion,
  };
}

/** Two supervisors of one chassis share a UDI: one member, and Active if one of them is. Exactly one member is Active. */
export function uniteSlots(
  slots: readonly { readonly udi: Udi; readonly role: HaRole }[],
): readonly { readonly udi: Udi; readonly role: HaRole }[] {
  const byUdi = new Map<string, { udi: Udi; role: HaRole }>();
  for (const { udi, role } of slots) {
    const known = byUdi.get(formatUdi(udi));
    if (known === undefined || role === "Active") byUdi.set(formatUdi(udi), { udi, role });
  }
  const members = [...byUdi.values()];
  assert(
    members.filter((member) => member.role === "Active").length === 1,
    "exactly one member of an installation is active",
  );
  return members;
}

/** Known members keep their number, new ones get the next. */
export function numberMembers(
  members: readonly { readonly udi: Udi; readonly role: HaRole }[],
  known: readonly Member[],
  nextTrustId: number,
): readonly Member[] {
  const numbers = new Map(known.map((member) => [formatUdi(member.udi), member.trustId]));
  let next = nextTrustId;
  return members.map(({ udi, role }) => ({ udi, role, trustId: numbers.get(formatUdi(udi)) ?? next++ }));
}
