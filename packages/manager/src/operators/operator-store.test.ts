import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ManagerError } from "../errors.ts";
import { openOperatorStore } from "./operator-store.ts";

const ports = { randomness: { bytes: randomBytes }, clock: { now: () => 1 } };

test("an operator's token works until the operator is removed, and is stored only as a hash", async () => {
  const directory = mkdtempSync(join(tmpdir(), "countersign-operators-"));
  try {
    const store = await openOperatorStore(directory, ports);
    assert.deepEqual(store.list(), []);
    const token = await store.add("ada");
    const reopened = await openOperatorStore(directory, ports);
    assert.equal(reopened.authenticate(token), "ada");
    assert.equal(reopened.authenticate(`${token}x`), null);
    assert.equal(reopened.authenticate(""), null);
    const path = join(directory, "operators.json");
    assert.equal(readFileSync(path, "utf8").includes(token), false);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    await reopened.remove("ada");
    assert.equal(reopened.authenticate(token), null);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a name that is taken, unknown or malformed is refused with its code", async () => {
  const directory = mkdtempSync(join(tmpdir(), "countersign-operators-"));
  try {
    const store = await openOperatorStore(directory, ports);
    await store.add("ada");
    const refuses = (code: string) => (error: unknown) => error instanceof ManagerError && error.code === code;
    await assert.rejects(store.add("ada"), refuses("operator_exists"));
    await assert.rejects(store.add("a\nb"), refuses("input_invalid"));
    await assert.rejects(store.remove("bob"), refuses("operator_unknown"));
  } finally {
    rmSync(directory, { recursive: true });
  }
});
