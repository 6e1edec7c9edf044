// A rule is data: what must have been seen, what must not, and what to say then.

import type { Fact, FactKind } from "./fact.ts";
import type { Step } from "./step.ts";

/** `fault`: it does not work now. `warning`: somebody must act before it stops working. `note`: explained, nothing to do. */
export const severities = ["fault", "warning", "note"] as const;
export type Severity = (typeof severities)[number];

/** A fact fits when everything that is named fits. Patterns never go back over a text they have read. */
export type Condition = {
  readonly fact: FactKind;
  readonly matches?: RegExp;
  readonly about?: RegExp;
  readonly atLeast?: number;
  readonly atMost?: number;
};

export type Rule = {
  readonly severity: Severity;
  /** What is wrong, in one line. */
  readonly title: string;
  /** Why it is so, and what it means. */
  readonly meaning: string;
  /** The documented scenarios that it stands for. */
  readonly standsFor: readonly string[];
  /** One of them is enough. */
  readonly when: readonly Condition[];
  /** And each of them. */
  readonly and?: readonly Condition[];
  /** And none of them. */
  readonly unless?: readonly Condition[];
  /** Other findings that say the same more exactly: where one of them is, this one is left out. */
  readonly yieldsTo?: readonly string[];
  readonly remedy: readonly Step[];
  readonly verify: readonly Step[];
};

export function fits(condition: Condition, fact: Fact): boolean {
  if (fact.kind !== condition.fact) return false;
  if (condition.about !== undefined && !condition.about.test(fact.about)) return false;
  if (condition.matches !== undefined && !condition.matches.test(String(fact.value))) return false;
  const { atLeast, atMost } = condition;
  if (atLeast === undefined && atMost === undefined) return true;
  if (typeof fact.value !== "number") return false;
  return fact.value >= (atLeast ?? -Infinity) && fact.value <= (atMost ?? Infinity);
}

/** The facts that make the rule speak, in their order; none when it is silent. */
export function evidenceFor(rule: Rule, facts: readonly Fact[]): readonly Fact[] {
  const meets = (condition: Condition) => facts.some((fact) => fits(condition, fact));
  const { when, and = [], unless = [] } = rule;
  if (!when.some(meets) || !and.every(meets) || unless.some(meets)) return [];
  const telling = [...when, ...and];
  return facts.filter((fact) => telling.some((condition) => fits(condition, fact)));
}
