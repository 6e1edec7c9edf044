import assert from "node:assert/strict";
import { test } from "node:test";
import type { SearchHit } from "../api/answers.ts";
import { choicesFor, groupsOf } from "./search-choices.ts";

const hit = (kind: SearchHit["kind"], id: string, more: Partial<SearchHit> = {}): SearchHit => ({
  ...{ kind, id, title: id, detail: "", virtualAccount: "Lab", ...more },
});

test("what was found opens where it is shown, in the account that is looked at", () => {
  const hits = [
    hit("product_instance", "i"),
    hit("license", "tag"),
    hit("virtual_account", "Lab"),
    hit("token", "t"),
    hit("acknowledgement", "7", { instance: "i" }),
  ];
  const addresses = (search: object) => choicesFor("zz", hits, search).map((one) => [one.to, one.search]);
  assert.deepEqual(addresses({ account: "Example", va: "Lab", filter: "x", open: "o" }), [
    ["/instances", { account: "Example", va: "Lab", open: "i" }],
    ["/licenses", { account: "Example", va: "Lab", open: "Lab tag" }],
    ["/", { account: "Example", va: "Lab" }],
    ["/tokens", { account: "Example", va: "Lab", open: "t" }],
    ["/instances", { account: "Example", va: "Lab", open: "i" }],
  ]);
  // Looked at from another virtual account, it would not be in the list.
  assert.deepEqual(addresses({ va: "Other" })[0], ["/instances", { open: "i" }]);
  assert.deepEqual(addresses({ va: "Other" })[2], ["/", { va: "Lab" }]);
});

test("pages are found by the start of their names, and groups know where they begin", () => {
  const choices = choicesFor("PO", [hit("token", "a"), hit("token", "b")], { account: "Example", open: "x" });
  assert.deepEqual(
    groupsOf(choices).map(({ title, from, choices: inside }) => [title, from, inside.map((one) => one.title)]),
    [
      ["Tokens", 0, ["a", "b"]],
      ["Pages", 2, ["Policies"]],
    ],
  );
  assert.deepEqual(choices.at(-1)?.search, { account: "Example" });
  assert.deepEqual(choicesFor("olicies", [], {}), []);
});
