import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KeyDecoder } from "./key-decoder.ts";

const names = (text: string) => new KeyDecoder().decode(text).map((key) => (key.type === "text" ? key.text : key.type));

test("an end of line is one key however it is spelled", () => {
  assert.deepEqual(names("a\r\nb\nc\r\0d\r\r"), ["a", "enter", "b", "enter", "c", "enter", "d", "enter", "enter"]);
});

test("arrows, control characters and unknown sequences are told apart", () => {
  assert.deepEqual(names("\x1b[A\x1bOB\x1b[3~\x01\x1b[15~\x1b[1;5Cx?\x16?"), [
    ...["up", "down", "erase-forward", "line-start", "x", "help", "?"],
  ]);
});

test("what arrives in pieces gives the same keys", () => {
  const pieces = ["\x1b[A", "\x1b[3~", "a", "é", " ", "?", "\r", "\n", "\t", "\x7f", "\x1b", "\x16"];
  const sent = fc.array(fc.constantFrom(...pieces)).map((all) => all.join(""));
  fc.assert(
    fc.property(sent, (text) => {
      const decoder = new KeyDecoder();
      assert.deepEqual(
        [...text].flatMap((piece) => decoder.decode(piece)),
        new KeyDecoder().decode(text),
      );
    }),
  );
});
