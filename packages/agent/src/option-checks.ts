// What a product gives is checked where it gives it: a report with a tag or a name that no manager reads is signed, kept and refused
// for ever.

import {
  countMax,
  devicesPerInstallationMax,
  formatUdi,
  type HaRole,
  nameCharactersMax,
  parseTag,
  type Udi,
} from "@countersign/protocol";
import { AgentError } from "./agent-error.ts";

/** Throws `option_invalid` with this name for what `parse` refuses. */
export function requireValid<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new AgentError("option_invalid", `${name}: ${cause instanceof Error ? cause.message : ""}`, { cause });
  }
}

export function requireTag(name: string, tag: string): void {
  requireValid(name, () => parseTag(tag));
}

/** A host name or a version. */
export function requireText(name: string, text: string): void {
  if (text.length > nameCharactersMax)
    throw new AgentError("option_invalid", `${name}: has more than ${nameCharactersMax} characters`);
}

export function requireCount(count: number): void {
  if (!Number.isSafeInteger(count) || count < 0 || count > countMax)
    throw new AgentError("option_invalid", `count: is no whole number from 0 to ${countMax}`);
}

export function requireMembers(name: string, members: readonly { readonly udi: Udi; readonly role: HaRole }[]): void {
  const active = members.filter((member) => member.role === "Active").length;
  if (active !== 1) throw new AgentError("option_invalid", `${name}: ${active} are Active instead of one`);
  if (members.length > devicesPerInstallationMax)
    throw new AgentError("option_invalid", `${name}: are more than ${devicesPerInstallationMax}`);
  for (const { udi } of members) requireValid(name, () => formatUdi(udi));
}
