import assert from "node:assert/strict";
import { test } from "node:test";
import { kindOfFailure } from "./failures.ts";

const failure = (code: string, more: object = {}) => Object.assign(new Error("said by the server"), { code, ...more });

test("lost races and lost servers are told from what would fail again", () => {
  for (const code of ["40001", "40P01", "23505"]) assert.equal(kindOfFailure(failure(code)), "conflict", code);
  for (const code of [
    "57P01",
    "57P02",
    "57P03",
    "08006",
    "08003",
    "25006",
    "25P03",
    "53300",
    "55P03",
    "ECONNRESET",
    "EPIPE",
  ])
    assert.equal(kindOfFailure(failure(code)), "lost", code);
  for (const code of ["42P01", "23502", "22021", "53100", "28P01", "0A000", "SQLITE_BUSY"])
    assert.equal(kindOfFailure(failure(code)), "final", code);
  assert.equal(kindOfFailure(failure("0A000", { routine: "RevalidateCachedQuery" })), "lost");
});

test("failures of the driver are known by their text, and only when they carry no code", () => {
  assert.equal(kindOfFailure(new Error("Connection terminated unexpectedly")), "lost");
  assert.equal(kindOfFailure(new Error("Query read timeout")), "lost");
  assert.equal(kindOfFailure(new Error("not wanted: Connection terminated")), "final");
  assert.equal(kindOfFailure("Connection terminated"), "final");
});
