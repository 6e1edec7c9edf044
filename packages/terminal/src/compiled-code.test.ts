import assert from "node:assert/strict";
import { test } from "node:test";
import { compiledCodeFolder } from "./compiled-code.ts";

test("compiled code is kept in a folder of the user's own, never in one that others can write to", () => {
  assert.equal(compiledCodeFolder({}, "/users/ada"), "/users/ada/.cache/countersign/compiled");
  assert.equal(compiledCodeFolder({ XDG_CACHE_HOME: "/caches" }, "/users/ada"), "/caches/countersign/compiled");
  assert.equal(compiledCodeFolder({ XDG_CACHE_HOME: "here" }, "/users/ada"), "/users/ada/.cache/countersign/compiled");
  assert.equal(compiledCodeFolder({ NODE_COMPILE_CACHE: "/kept" }, "/users/ada"), "/kept");
});
