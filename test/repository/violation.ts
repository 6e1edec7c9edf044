// What every check of the repository answers: where, what is wrong there, and what to do instead.

export interface Violation {
  /** Path from the project's root, with the line when there is one: `packages/agent/src/runtime.ts:12`. */
  readonly place: string;
  readonly problem: string;
  readonly instead: string;
}

/** A violation before it is known where it stands. */
export type Problem = Omit<Violation, "place">;

/** One line per violation, for the message of a failing test; empty when there is none. */
export function describeViolations(violations: readonly Violation[]): string {
  return violations.map(({ place, problem, instead }) => `${place}: ${problem}. Instead: ${instead}`).join("\n");
}
