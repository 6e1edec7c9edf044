import assert from "node:assert/strict";
import { test } from "node:test";
import { onOtherPage, placeOf, readSearch } from "./place.ts";

test("an address says what it may say; numbers are texts, and what is not known is left out", () => {
  const given = { account: "Example Corp", va: "", open: 12, filter: true, sort: "-name", other: "x", show: { a: 1 } };
  assert.deepEqual(readSearch(given), { account: "Example Corp", open: "12", filter: "true", sort: "-name" });
});

test("the account goes along to another page, and what belongs to the page does not", () => {
  const search = { account: "Example Corp", va: "Lab", filter: "edge", open: "1" };
  assert.deepEqual(onOtherPage(search), { account: "Example Corp", va: "Lab" });
  assert.deepEqual(onOtherPage({}, { open: "1" }), { open: "1" });
  assert.deepEqual(placeOf(search), { smartAccount: "Example Corp", virtualAccount: "Lab" });
  assert.deepEqual(placeOf({}), {});
});
