// Bytes that are JSON, and bytes that are not (spec/protocol.md, section 2).

import { jsonDepthMax } from "@countersign/protocol";
import { accepted, base64Of, refused, type Vector, type VectorFile } from "./vector.ts";

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const taken: readonly (readonly [name: string, text: string, value: unknown])[] = [
  [
    "every kind of value",
    ' {"a":[1,-2.5e3,true,false,null,"x"],"":{}} ',
    { a: [1, -2500, true, false, null, "x"], "": {} },
  ],
  ["escapes and a surrogate pair", '"\\u0041\\n\\/\\ud83d\\ude00\\""', 'A\n/\u{1f600}"'],
  ["whole numbers in other spellings", "[1.0,1e3,12.5e1]", [1, 1000, 125]],
  [
    "integers beyond 2^53 as text",
    "[9007199254740991,9007199254740992,-12345678901234567890]",
    [9007199254740991, "9007199254740992", "-12345678901234567890"],
  ],
  ["brackets inside a string", `["${"[{".repeat(jsonDepthMax)}\\"}"]`, [`${"[{".repeat(jsonDepthMax)}"}`]],
  ["the permitted depth", nested(jsonDepthMax), JSON.parse(nested(jsonDepthMax))],
];
const wrong: readonly (readonly [name: string, code: string, bytes: string | Uint8Array])[] = [
  ["one deeper than permitted", "json_too_deep", nested(jsonDepthMax + 1)],
  ["a member twice", "duplicate_member", '{"a":1,"b":2,"a":1}'],
  ["a member twice, once escaped", "duplicate_member", '{"a":1,"\\u0061":2}'],
  ["a member twice, further in", "duplicate_member", '[{"x":{"y":1,"y":{}}}]'],
  ["__proto__ twice", "duplicate_member", '{"__proto__":1,"__proto__":2}'],
  ["nothing", "invalid_json", ""],
  ["a byte order mark", "invalid_json", "\ufeff{}"],
  ["text after the value", "invalid_json", "{} {}"],
  ["a comma too many", "invalid_json", "[1,]"],
  ["a leading zero", "invalid_json", "[01]"],
  ["not a number", "invalid_json", "[NaN]"],
  ["infinity", "invalid_json", "[-Infinity]"],
  ["a number beyond every double", "invalid_json", "[1e400]"],
  ["an integer beyond every double", "invalid_json", `[-${"9".repeat(400)}]`],
  ["a control character in a string", "invalid_json", '"\u0001"'],
  ["half of a surrogate pair", "invalid_json", '["\\ud800"]'],
  ["half of a surrogate pair in a name", "invalid_json", '{"\\udc00":1}'],
  ["an overlong UTF-8 sequence", "invalid_utf8", Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
  ["a surrogate in UTF-8", "invalid_utf8", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ["a UTF-8 sequence cut off", "invalid_utf8", Buffer.from([0x22, 0xe2, 0x82])],
];

export function jsonTexts(): VectorFile {
  const good = taken.map(
    ([name, text, value]): Vector => ({ name, kind: "json", bytes: base64Of(text), expected: accepted({ value }) }),
  );
  const bad = wrong.map(
    ([name, code, bytes]): Vector => ({ name, kind: "json", bytes: base64Of(bytes), expected: refused(code) }),
  );
  return { file: "json.json", about: "Bytes to text to JSON: section 2, steps 2 and 3.", vectors: [...good, ...bad] };
}
