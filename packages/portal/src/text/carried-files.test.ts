import assert from "node:assert/strict";
import { test } from "node:test";
import { acknowledgementName, verdictOf } from "./carried-files.ts";

test("what became of a file is said with its counts, and what was known is not counted twice", () => {
  const of = (accepted: number, known: number, refused: number) =>
    verdictOf({ reports: { accepted, known, refused }, refused: [], acknowledgements: 1, file: "" });
  assert.equal(of(1, 0, 0), "was taken: 1 report accepted");
  assert.equal(of(30, 2, 1), "was taken: 30 reports accepted, 2 reports known already, counted once, 1 report refused");
  assert.equal(of(0, 0, 0), "holds no report");
});

test("the acknowledgement is named after its file, and by nothing that leads elsewhere", () => {
  assert.equal(acknowledgementName("usage.xml"), "usage-ack.xml");
  assert.equal(acknowledgementName("site 7/../a.b.txt"), "site-7-..-a.b-ack.xml");
  assert.equal(acknowledgementName(".xml"), "usage-ack.xml");
});
