import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnose } from "../diagnosis/diagnose.ts";
import { fact, fixtures } from "../diagnosis/rule-fixtures.test-support.ts";
import { readSession } from "../reading/read-session.ts";
import { columnsMax, renderFindings } from "./render-findings.ts";

const everything = Object.values(fixtures).map(({ speaks }) =>
  diagnose(
    speaks.flatMap((each) =>
      typeof each === "string" ? readSession(Buffer.from(each), "a/long/name/of.txt").facts : [each],
    ),
  ),
);

test("[GEN-21] what a command does stands above it, and text fits 80 columns; only a command to paste is never broken", () => {
  for (const findings of everything) {
    const lines = renderFindings(findings, { isColoured: false }).split("\n");
    const commands = new Set(
      findings.flatMap(({ remedy, verify }) => [...remedy, ...verify].map((step) => step.command)),
    );
    for (const [index, line] of lines.entries()) {
      const isCommand = commands.has(line.trim()) && line.startsWith("      ");
      assert.ok(line.length <= columnsMax || isCommand, `${line.length}: ${line}`);
      if (!isCommand || /^ {4}-|^ {6}\S/.test(lines[index - 1] ?? "")) continue;
      assert.match(lines[index - 1] ?? "", /[\])]$/, `nothing is said before: ${line}`);
    }
  }
});

test("red stands only on what somebody must act on now", () => {
  const red = "\u001b[31m";
  for (const findings of everything) {
    const faults = findings.filter(({ severity }) => severity === "fault").length;
    assert.equal(renderFindings(findings, { isColoured: true }).split(red).length - 1, faults);
    assert.ok(!renderFindings(findings, { isColoured: false }).includes("\u001b"));
  }
  assert.equal(renderFindings([], { isColoured: true }), "Nothing is wrong in what was read.\n");
});

test("evidence beyond three places is counted", () => {
  const findings = diagnose([1, 2, 3, 4, 5].map((n) => fact("last-response", `NO REPLY ${n}`)));
  assert.match(renderFindings(findings, { isColoured: false }), /NO REPLY 3\n {4}and 2 more\n/);
});
