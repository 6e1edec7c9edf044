import assert from "node:assert/strict";
import { lstatSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startDevice } from "../program/start-device.ts";
import { noAnswer, temporaryFolder } from "../test-support/test-device.ts";
import { addUser, removeUser } from "./add-user.ts";
import { passwordMatches, readUsers } from "./user-store.ts";

const ada = { name: "ada", privilege: 15, password: "correct horse", publicKeys: [] };

test("a password is kept as a salted hash in a file of the owner, and only it matches", async (t) => {
  const state = temporaryFolder(t);
  await addUser(state, { ...ada, privilege: 1 });
  await addUser(state, ada);
  await addUser(state, { ...ada, name: "bob" });
  const path = join(state, "users.json");
  assert.equal(lstatSync(path).mode & 0o777, 0o600);
  assert.equal(readFileSync(path, "utf8").includes(ada.password), false);
  const [first, second] = await readUsers(state);
  assert.deepEqual([first?.name, first?.privilege, second?.name], ["ada", 15, "bob"]);
  assert.notEqual(first?.password?.hash, second?.password?.hash);
  assert.equal(await passwordMatches(ada.password, first?.password ?? null), true);
  assert.equal(await passwordMatches("correct horsf", first?.password ?? null), false);
  assert.equal(await passwordMatches("", null), false);
  await removeUser(state, "ada");
  assert.deepEqual(
    (await readUsers(state)).map(({ name }) => name),
    ["bob"],
  );
});

for (const [what, change] of Object.entries({
  "a name with a blank": { name: "a b" },
  "a privilege above 15": { privilege: 16 },
  "neither password nor key": { password: null },
  "a short password": { password: "short" },
  "an unreadable key": { publicKeys: ["ssh-ed25519 nonsense"] },
})) {
  test(`${what} is refused`, async (t) => {
    const state = temporaryFolder(t);
    await assert.rejects(addUser(state, { ...ada, ...change }), { code: "user_invalid" });
    assert.deepEqual(await readUsers(state), []);
  });
}

test("a broken list of users is told, and a server without a state folder is refused", async (t) => {
  const state = temporaryFolder(t);
  writeFileSync(join(state, "users.json"), "{");
  await assert.rejects(readUsers(state), { code: "users_unreadable" });
  const memory = startDevice({ stateDirectory: null, platform: "generic", exchange: noAnswer, ssh: { port: 0 } });
  await assert.rejects(memory, { code: "ssh_needs_state" });
});
