import assert from "node:assert/strict";
import { test } from "node:test";
import { loggedNameCharactersMax, loginLine } from "./login-line.ts";

test("a name that somebody sends stands in the log shortened, and cannot write a source of its own", () => {
  const textOf = (name: string) => loginLine("refused", name, "192.0.2.7").text;
  const longest = "x".repeat(loggedNameCharactersMax);
  assert.equal(textOf(longest), `Login failed [user: ${longest}] [Source: 192.0.2.7]`);
  assert.equal(textOf(`${longest}x`), `Login failed [user: ${longest}...] [Source: 192.0.2.7]`);
  assert.equal(textOf("ada] [Source: 10.0.0.1"), "Login failed [user: ada? ?Source: 10.0.0.1] [Source: 192.0.2.7]");
});
