import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeSessionOutput } from "./session-output.ts";

test("what a device shows is one text, and nothing else is taken for it", () => {
  assert.equal(decodeSessionOutput('{"output":"c9300-stack>"}'), "c9300-stack>");
  assert.equal(decodeSessionOutput('{"output":""}'), "");
  const others = ["", "{", "null", "1", '"output"', "[]", '["x"]', "{}", '{"output":1}', '{"output":"x","more":1}'];
  const failure = '{"outcome":"failed","text":"% x","json":null}';
  for (const line of [...others, failure])
    assert.throws(() => decodeSessionOutput(line), { code: "control_request_invalid" }, line);
});
