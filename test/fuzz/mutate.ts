// Makes hostile inputs out of valid ones. Every choice comes from the seed, so that an input is repeated by its number.

import type { SeededRandomness } from "@countersign/simulation";
import type { Grammar } from "./fuzz-target.ts";
import { regraftJson } from "./regraft-json.ts";

const inputBytesMax = 256 * 1024;

/** Pieces that mean something in each grammar, and that parsers are known to stumble over. */
const pieces: Readonly<Record<Grammar, readonly string[]>> = {
  json: [
    ...['{"__proto__":{"polluted":1}}', '{"a":1,"a":2}', "[".repeat(200), '{"a":'.repeat(100), "1e999", "-0", "1E400"],
    ...[
      "123456789012345678901234567890",
      '"\\ud800"',
      '"\\u0000"',
      "\ufeff",
      "null",
      "true",
      "{}",
      "[]",
      '""',
      "\\",
      '"',
    ],
    ...['"constructor":{"prototype":{}}', "/*", "NaN", "Infinity", "0x10", "01", "\u2028", ","],
  ],
  xml: [
    ...[
      '<!DOCTYPE x [<!ENTITY a "b">]>',
      "&a;",
      "&lt;",
      "&#0;",
      "&#x110000;",
      "<![CDATA[",
      "]]>",
      "<!--",
      "-->",
      "<?x?>",
    ],
    ...[
      '<!ENTITY % p SYSTEM "file:///etc/passwd">',
      "<smartLicense>",
      "</smartLicense>",
      "<data>",
      "</data>",
      "<RUMReport>",
    ],
    ...['<a xmlns:x="y">', "<x:y/>", "\u0000", "\uffff", "<", ">", '"', "&", "<data>".repeat(500), '{"payload":"'],
  ],
  csv: [
    ...[
      ",",
      ",,,",
      '"',
      '""',
      '"""',
      '","',
      '"\n"',
      "\r\n",
      "\n\n",
      "\r",
      ";",
      "\t",
      "\ufeff",
      "\u0000",
      "=1+1",
      "-0",
      "1e9",
      "+5",
    ],
    ...[
      "99999999999999999999",
      "2031-02-30",
      "0000-00-00",
      "tag",
      "quantity",
      "__proto__",
      "a,".repeat(2000),
      '"'.repeat(999),
    ],
  ],
  der: ["\u0030\u0080", "\u0030\u0084", "\u0003\u0000", "\u0002\u0001", "\u0006\u0003", "\u0000\u0000"],
  words: [
    ..."show license all|license smart trust idtoken|force|local|all|?| |\t|\"|'|!|,|;|\r\n|\n|\r".split("|"),
    ...[
      "\u0000",
      "\u202e",
      "%",
      "%00",
      "%zz",
      "=",
      "999999999999999999999",
      "-1",
      "1e9",
      "../".repeat(3),
      "a".repeat(300),
    ],
    ...[
      "tag,quantity\n",
      "regid.",
      ",1.0_",
      "PID:",
      ",SN:",
      "__proto__",
      "constructor",
      "|",
      "1-",
      "-9",
      "1-99999999999999",
    ],
  ],
};

type Change = (input: Buffer, randomness: SeededRandomness, grammar: Grammar, others: readonly Buffer[]) => Buffer;

const flipBit: Change = (input, randomness) => {
  const copy = Buffer.from(input);
  const at = randomness.nextBelow(Math.max(1, copy.length));
  if (copy.length > 0) copy[at] = (copy[at] ?? 0) ^ (1 << randomness.nextBelow(8));
  return copy;
};

const overwriteByte: Change = (input, randomness) => {
  const copy = Buffer.from(input);
  const extremes = [0x00, 0x01, 0x7f, 0x80, 0x84, 0xc0, 0xf5, 0xff];
  if (copy.length > 0) copy[randomness.nextBelow(copy.length)] = randomness.pick(extremes);
  return copy;
};

const cutOut: Change = (input, randomness) => {
  const from = randomness.nextBelow(input.length + 1);
  const to = Math.min(input.length, from + 1 + randomness.nextBelow(Math.max(1, input.length >> 2)));
  return Buffer.concat([input.subarray(0, from), input.subarray(to)]);
};

const cutShort: Change = (input, randomness) => input.subarray(0, randomness.nextBelow(input.length + 1));

const repeatPart: Change = (input, randomness) => {
  const from = randomness.nextBelow(input.length + 1);
  const part = input.subarray(from, from + 1 + randomness.nextBelow(64));
  const times = 1 + randomness.nextBelow(50);
  return Buffer.concat([input.subarray(0, from), ...Array.from({ length: times }, () => part), input.subarray(from)]);
};

const insertNoise: Change = (input, randomness) =>
  insertAt(input, randomness, Buffer.from(randomness.nextBytes(1 + randomness.nextBelow(16))));

const insertPiece: Change = (input, randomness, grammar) =>
  insertAt(input, randomness, Buffer.from(randomness.pick(pieces[grammar]), grammar === "der" ? "latin1" : "utf8"));

const splice: Change = (input, randomness, _grammar, others) => {
  const other = randomness.pick(others);
  const from = randomness.nextBelow(other.length + 1);
  return Buffer.concat([input.subarray(0, randomness.nextBelow(input.length + 1)), other.subarray(from)]);
};

const regraft: Change = (input, randomness, grammar) =>
  grammar === "json" ? regraftJson(input, randomness) : insertPiece(input, randomness, grammar, []);

const changes: readonly Change[] = [
  ...[flipBit, overwriteByte, cutOut, cutShort, repeatPart, insertNoise, insertPiece, splice],
  // The grammar-aware ones come deeper into a parser, so they get more of the runs.
  ...[regraft, regraft, regraft, regraft, insertPiece, insertPiece],
];

function insertAt(input: Buffer, randomness: SeededRandomness, part: Buffer): Buffer {
  const at = randomness.nextBelow(input.length + 1);
  const until = randomness.nextBelow(2) === 0 ? at : Math.min(input.length, at + part.length);
  return Buffer.concat([input.subarray(0, at), part, input.subarray(until)]);
}

/** One hostile input: a seed of the target with one to four changes. */
export function mutate(seeds: readonly Buffer[], grammar: Grammar, randomness: SeededRandomness): Buffer {
  let input = randomness.pick(seeds);
  for (let left = 1 + randomness.nextBelow(4); left > 0; left -= 1) {
    input = randomness.pick(changes)(input, randomness, grammar, seeds).subarray(0, inputBytesMax);
  }
  return input;
}
