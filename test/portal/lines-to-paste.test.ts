// What the portal and its alerts tell somebody to type is a command that exists.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { commands } from "@countersign/manager/commands";

const root = join(import.meta.dirname, "../..");
const folders = ["packages/portal/src", "packages/manager/src/alerts", "packages/manager/src/http"];

function textsIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.(test|docs)\.ts$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
}

test("every command of the manager that is named there is one", () => {
  const named = folders.flatMap(textsIn).flatMap((text) => {
    const found = text.replace(/\s+/g, " ").matchAll(/countersign manager ([a-z-]+)(?: ([a-z]+))?/g);
    return [...found].map(([, group = "", name]) => ({ group, name }));
  });
  assert.ok(named.length > 6, `${named.length}`);
  for (const { group, name } of named) {
    const command = commands.find((one) => one.name === group);
    assert.ok(command, `countersign manager ${group}`);
    if (command.subcommands === undefined || name === undefined) continue;
    assert.ok(
      command.subcommands.some((one) => one.name === name),
      `countersign manager ${group} ${name}`,
    );
  }
});
