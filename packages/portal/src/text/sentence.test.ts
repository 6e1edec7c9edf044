import assert from "node:assert/strict";
import { test } from "node:test";
import type { Alert } from "../api/answers.ts";
import { standingOf } from "./sentence.ts";

const alert = (severity: Alert["severity"]) => ({ severity }) as Alert;
const told = (alerts: readonly Alert[], instances = 342, isComplete = true) =>
  standingOf(alerts, instances, isComplete);

test("the sentence says whether anything needs somebody, and how soon", () => {
  const one = alert("critical");
  const soon = alert("warning");
  assert.deepEqual(
    [told([]), told([soon]), told([one]), told([one, one, soon, soon])].map(({ headline, mustAct }) => [
      headline,
      mustAct,
    ]),
    [
      ["Nothing needs you.", false],
      ["1 thing needs you soon.", false],
      ["1 thing needs you now.", true],
      ["2 things need you now, 2 things soon.", true],
    ],
  );
  assert.equal(told([]).detail, "342 product instances are registered here.");
  assert.equal(told([], 1).detail, "1 product instance is registered here.");
});

test("nobody is told that all is well where not all was looked at", () => {
  const { headline, detail } = told([], 1, false);
  assert.equal(headline, "No open alert was found.");
  assert.match(detail, /this may not be all/);
});
