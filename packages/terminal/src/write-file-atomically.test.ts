import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { writeFileAtomically } from "./write-file-atomically.ts";

test("a file is replaced as a whole, with the rights that are asked for, and nothing else stays", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-atomic-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "file");
  writeFileSync(path, "before", { mode: 0o644 });

  await t.test("for its owner only where nothing is said", async () => {
    await writeFileAtomically(path, "after");
    assert.equal(readFileSync(path, "utf8"), "after");
    assert.equal(statSync(path).mode & 0o777, 0o600);
    await writeFileAtomically(path, "for all", 0o644);
    assert.equal(statSync(path).mode & 0o077 & ~0o044, 0);
    assert.deepEqual(readdirSync(folder), ["file"]);
  });

  await t.test("by many at the same time, each one's whole", async () => {
    const texts = ["a", "b", "c", "d"].map((letter) => letter.repeat(100_000));
    await Promise.all(texts.map((text) => writeFileAtomically(path, text)));
    assert.ok(texts.includes(readFileSync(path, "utf8")));
    assert.deepEqual(readdirSync(folder), ["file"]);
  });

  await t.test("or not at all: what it cannot replace stays, and its own draft goes", async () => {
    mkdirSync(join(folder, "taken", "by-something"), { recursive: true });
    await assert.rejects(writeFileAtomically(join(folder, "taken"), "text"), { syscall: "rename" });
    assert.deepEqual(readdirSync(folder), ["file", "taken"]);
  });
});
