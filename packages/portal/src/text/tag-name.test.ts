import assert from "node:assert/strict";
import { test } from "node:test";
import { tagName } from "./tag-name.ts";

test("a tag is told by the name that stands in it, and whole where there is none", () => {
  const uuid = "72051b10-f06b-4b2f-a289-9b8fde6d42b1";
  assert.equal(tagName(`regid.2031-01.com.example.EXAMPLE_A+,1.0_${uuid}`), "EXAMPLE_A+");
  for (const other of ["EXAMPLE", "", "regid.2031-01.com.example.,1.0", "a.b,c,d"]) assert.equal(tagName(other), other);
});
