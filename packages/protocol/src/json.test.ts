import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decodeText, parseJson } from "./json.ts";
import { jsonDepthMax, messageBytesMax } from "./limits.ts";
import { assertRefused } from "./test-support/expectations.ts";

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const longIntegerAsText = (_name: string, value: unknown) =>
  typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(`${value}`) ? `${value}` : value;

describe("bytes become text", () => {
  it("up to the limit, and not one byte more", async () => {
    assert.equal(decodeText(Buffer.alloc(messageBytesMax, "a"), messageBytesMax).length, messageBytesMax);
    await assertRefused("message_too_large", () => decodeText(Buffer.alloc(messageBytesMax + 1, "a"), messageBytesMax));
  });

  for (const [what, bytes] of [
    ["a lone continuation byte", [0x22, 0x80, 0x22]],
    ["an overlong form", [0x22, 0xc0, 0xaf, 0x22]],
    ["half of a surrogate pair", [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ["a sequence cut off", [0x22, 0xe2, 0x82]],
    ["a code point beyond Unicode", [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]],
  ] as const) {
    it(`refuses ${what}`, () => assertRefused("invalid_utf8", () => decodeText(Buffer.from(bytes), 100)));
  }

  it("refuses a byte order mark as what it is not: JSON", async () => {
    const text = decodeText(Buffer.from("\ufeff{}"), 100);
    await assertRefused("invalid_json", () => parseJson(text));
  });
});

describe("text becomes JSON", () => {
  it("reads what JSON.parse reads, whatever the value, but for integers beyond 2^53", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6, stringUnit: "binary" }), (value) => {
        assert.deepEqual(parseJson(JSON.stringify(value)), JSON.parse(JSON.stringify(value), longIntegerAsText));
      }),
    );
  });

  it("refuses what JSON.parse refuses, with one code", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\u01.e- tn') }), (text) => {
        try {
          JSON.parse(text);
        } catch {
          assert.throws(() => parseJson(text), { name: "ProtocolError" });
        }
      }),
    );
  });

  it("to the permitted depth, and not one deeper", async () => {
    parseJson(nested(jsonDepthMax));
    parseJson(`${'{"a":'.repeat(jsonDepthMax)}0${"}".repeat(jsonDepthMax)}`);
    await assertRefused("json_too_deep", () => parseJson(nested(jsonDepthMax + 1)));
    await assertRefused("json_too_deep", () => parseJson(`${'{"a":'.repeat(jsonDepthMax + 1)}0`));
    await assertRefused("json_too_deep", () => parseJson("[".repeat(1_000_000)));
  });

  it("counts brackets inside strings as text", () => {
    const text = nested(jsonDepthMax + 10);
    assert.equal(parseJson(JSON.stringify(text)), text);
    assert.deepEqual(parseJson(JSON.stringify({ [`${text}\\"`]: '\\":{' })), { [`${text}\\"`]: '\\":{' });
  });

  for (const text of [
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"a":{"b":1,"b":{}}}',
    '[{"a":{"x":1,"y":2},"a":0}]',
    '{"__proto__":1,"__proto__":2}',
    '{"":0,"":0}',
  ]) {
    it(`refuses a member named twice in ${text}`, () => assertRefused("duplicate_member", () => parseJson(text)));
  }

  it("keeps __proto__ an ordinary member that changes no object", () => {
    const value = parseJson('{"__proto__":{"isAdmin":true},"a":1}') as Record<string, unknown>;
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.deepEqual(Object.keys(value), ["__proto__", "a"]);
    assert.equal(value.isAdmin, undefined);
  });

  it("keeps integers beyond 2^53 digit by digit, as strings", () => {
    assert.deepEqual(
      parseJson(
        '[9007199254740991,9007199254740992,-9007199254740993,18446744073709551615,{"a":12345678901234567890}]',
      ),
      [
        9007199254740991,
        "9007199254740992",
        "-9007199254740993",
        "18446744073709551615",
        { a: "12345678901234567890" },
      ],
    );
  });

  it("leaves other huge numbers numbers, which no schema takes", () => {
    const parsed = parseJson("[1e300,1e30,12345678901234567890.5,12345678901234567890e0]") as unknown[];
    assert.deepEqual(new Set(parsed.map((value) => typeof value)), new Set(["number"]));
  });

  it("refuses a number that is infinity to some readers", async () => {
    await assertRefused("invalid_json", () => parseJson("[1e400]"));
    await assertRefused("invalid_json", () => parseJson(`-${"9".repeat(400)}`));
  });

  it("refuses half of a surrogate pair in a value and in a name, however it is nested", async () => {
    for (const text of ['"\\ud800"', '{"a":["\\udc00x"]}', '{"\\ud800":1}', '"\\ude00\\ud83d"']) {
      await assertRefused("invalid_json", () => parseJson(text), text);
    }
    assert.equal(parseJson('"\\ud83d\\ude00"'), "\u{1f600}");
  });

  for (const text of ["", " ", "{", '"', '"a', '{"a":1}}', '{"a":1} x', "{'a':1}", "[1,]", "nul", "01", '"\u0001"']) {
    it(`refuses ${JSON.stringify(text)}`, () => assertRefused("invalid_json", () => parseJson(text)));
  }
});
