import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { AgentError } from "../agent-error.ts";
import { temporaryDirectory } from "../test-support/temporary-directory.ts";
import { lockDirectory } from "./directory-lock.ts";

const lockModule = new URL("./directory-lock.ts", import.meta.url).href;
const holdLock = `
  const { lockDirectory } = await import(${JSON.stringify(lockModule)});
  await lockDirectory(process.argv[1]);
  console.log("locked");
  setInterval(() => undefined, 60_000);
`;

async function spawnOwner(directory: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", holdLock, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  assert.ok(child.stdout);
  await once(child.stdout, "data");
  return child;
}

function isInUse(pattern: RegExp) {
  return (error: unknown) =>
    error instanceof AgentError && error.code === "directory_in_use" && pattern.test(error.message);
}

test("a second agent on one directory is refused, and told by which process", async (t) => {
  const directory = temporaryDirectory(t);
  const lock = await lockDirectory(directory);
  await assert.rejects(lockDirectory(directory), isInUse(new RegExp(`process ${process.pid}\\.`)));
  await lock.release();
});

test("a released directory can be locked again, and again", async (t) => {
  const directory = temporaryDirectory(t);
  for (let round = 0; round < 5; round += 1) {
    const lock = await lockDirectory(directory);
    await assert.rejects(lockDirectory(directory), isInUse(/./));
    await lock.release();
  }
  assert.equal((await readdir(directory)).length, 1);
});

test("another process is refused while the owner lives, and takes over at once when it was killed", async (t) => {
  const directory = temporaryDirectory(t);
  for (let round = 0; round < 3; round += 1) {
    const owner = await spawnOwner(directory);
    await assert.rejects(lockDirectory(directory), isInUse(new RegExp(`process ${owner.pid}\\.`)));
    owner.kill("SIGKILL");
    await once(owner, "exit");
  }
  const lock = await lockDirectory(directory);
  await lock.release();
});

test("of many that want a dead owner's directory at once exactly one gets it", async (t) => {
  const directory = temporaryDirectory(t);
  const owner = await spawnOwner(directory);
  owner.kill("SIGKILL");
  await once(owner, "exit");
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => lockDirectory(directory)));
  const locks = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  assert.equal(locks.length, 1);
  for (const result of results) if (result.status === "rejected") assert.ok(isInUse(/./)(result.reason));
  await locks[0]?.release();
});

test("a directory whose path is longer than a socket address can be locked", async (t) => {
  const directory = join(temporaryDirectory(t), "x".repeat(120));
  await mkdir(directory);
  const lock = await lockDirectory(directory);
  await assert.rejects(lockDirectory(directory), isInUse(/./));
  await lock.release();
  await (await lockDirectory(directory)).release();
});
