import assert from "node:assert/strict";
import { test } from "node:test";
import { readElements, readOne, readTime } from "./der.ts";

const bytes = (hexadecimal: string) => Buffer.from(hexadecimal, "hex");

test("elements that fill the bytes exactly are read, with short and long lengths", () => {
  const elements = readElements(Buffer.concat([bytes("0201070500"), bytes("048180"), Buffer.alloc(128, 1)]));
  assert.deepEqual(
    elements.map(({ tag, content, whole }) => [tag, content.byteLength, whole.byteLength]),
    [
      [2, 1, 3],
      [5, 0, 2],
      [4, 128, 131],
    ],
  );
  assert.equal(readOne(bytes("0500"), 0x05).content.byteLength, 0);
});

test("anything that is no definite, minimal DER is refused", () => {
  const long = Buffer.concat([bytes("04817f"), Buffer.alloc(127)]);
  const padded = Buffer.concat([bytes("04820080"), Buffer.alloc(128)]);
  for (const bad of [bytes("02"), bytes("0202ff"), bytes("30800000"), bytes("1f0100"), bytes("0485010000000000")])
    assert.throws(() => readElements(bad), RangeError);
  for (const bad of [long, padded]) assert.throws(() => readElements(bad), /not minimal/);
  assert.throws(() => readOne(bytes("05000500"), 0x05), RangeError);
  assert.throws(() => readOne(bytes("0500"), 0x30), RangeError);
});

test("times of certificates are read in both forms", () => {
  const [utc, general] = ["310124230212Z", "20510124230212Z"];
  const element = (tag: number, text: string) => readOne(Buffer.from([tag, text.length, ...Buffer.from(text)]), tag);
  assert.equal(readTime(element(0x17, utc)), Date.parse("2031-01-24T23:02:12Z"));
  assert.equal(readTime(element(0x18, general)), Date.parse("2051-01-24T23:02:12Z"));
  assert.throws(() => readTime(element(0x17, "3101242302Z")), RangeError);
});
