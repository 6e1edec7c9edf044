import assert from "node:assert/strict";
import { test } from "node:test";
import { SessionLines } from "./session-lines.ts";

test("who is logged in has a line of their own, the first that is free, and is idle since the last key", () => {
  let now = 0;
  const lines = new SessionLines(() => now);
  const console = lines.take({ user: "console" });
  const ada = lines.take({ user: "ada", address: "192.0.2.1" });
  const bob = lines.take({ user: "bob", address: "192.0.2.2" });
  now = 61_900;
  bob.typed();
  now = 65_000;
  assert.deepEqual(lines.users(console), [
    { line: "con 0", user: "console", location: null, idleSeconds: 0, isAsking: true },
    { line: "vty 0", user: "ada", location: "192.0.2.1", idleSeconds: 65, isAsking: false },
    { line: "vty 1", user: "bob", location: "192.0.2.2", idleSeconds: 3, isAsking: false },
  ]);
  ada.leave();
  ada.leave();
  lines.take({ user: "eve", address: "192.0.2.3" });
  assert.deepEqual(
    lines.users(null).map(({ line, user, isAsking }) => [line, user, isAsking]),
    [
      ["con 0", "console", false],
      ["vty 0", "eve", false],
      ["vty 1", "bob", false],
    ],
  );
});
