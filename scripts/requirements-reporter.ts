// A node:test reporter that keeps what a run proved: every test with its full title, its outcome and the requirement
// ids it cites. Its output is test-results/requirements.json, read by `npm run requirements` and by scripts/test.mjs.

import { isAbsolute, relative } from "node:path";
import type { TestEvent } from "node:test/reporters";
import { idsOfTitle } from "./requirement-ids.ts";

export type Outcome = "passed" | "failed" | "skipped";

export interface RecordedTest {
  /** Titles of the enclosing suites and of the test itself, outermost first. */
  readonly title: readonly string[];
  readonly file: string;
  readonly outcome: Outcome;
  /** Ids cited by the test or by a suite around it. */
  readonly requirements: readonly string[];
}

export interface RunRecord {
  /** What was asked to run; empty when it was the whole suite. */
  readonly selection: readonly string[];
  readonly counts: Record<Outcome, number>;
  readonly tests: readonly RecordedTest[];
}

/** Turns the event stream of one run into the text of one RunRecord. */
export default async function* requirementsReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const tests: RecordedTest[] = [];
  const openTitles: string[] = [];
  for await (const event of events) {
    if (event.type === "test:start") openTitles.splice(event.data.nesting, Number.POSITIVE_INFINITY, event.data.name);
    if (event.type !== "test:pass" && event.type !== "test:fail") continue;
    if (event.data.details.type === "suite") continue;
    const title = [...openTitles.slice(0, event.data.nesting), event.data.name];
    tests.push({
      title,
      file: projectPath(event.data.file ?? ""),
      outcome: outcomeOf(event),
      requirements: [...new Set(title.flatMap(idsOfTitle))],
    });
  }
  yield `${JSON.stringify(recordOf(tests, selectionOf(process.env.COUNTERSIGN_TEST_SELECTION)), undefined, 1)}\n`;
}

function outcomeOf(event: Extract<TestEvent, { type: "test:pass" | "test:fail" }>): Outcome {
  const isLeftOut = event.data.skip !== undefined || event.data.todo !== undefined;
  if (isLeftOut) return "skipped";
  return event.type === "test:pass" ? "passed" : "failed";
}

function recordOf(tests: readonly RecordedTest[], selection: readonly string[]): RunRecord {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const test of tests) counts[test.outcome] += 1;
  return { selection, counts, tests };
}

function selectionOf(text: string | undefined): readonly string[] {
  return text ? (JSON.parse(text) as readonly string[]) : [];
}

function projectPath(file: string): string {
  return isAbsolute(file) ? relative(process.cwd(), file) : file;
}
