import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Key } from "./key-decoder.ts";
import { type EditedLine, edit, emptyLine, historyLinesMax, remember } from "./line-editor.ts";
import { nothingShown, repaint, visiblePart } from "./line-painter.ts";
import { cutPage } from "./pager.ts";

const editing = [
  ...["left", "right", "up", "down", "line-start", "line-end", "word-back", "word-forward"],
  ...["erase-back", "erase-forward", "erase-to-end", "erase-line", "erase-word"],
] as const;
const text = fc.constantFrom(..."abcxyz ü€😀😁").map((letter): Key => ({ type: "text", text: letter }));
const keys = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: text },
    fc.constantFrom(...editing).map((type): Key => ({ type: type as "left" })),
  ),
);
const history = ["show license all", "configure terminal"];

function after(pressed: readonly Key[], from: EditedLine = emptyLine): EditedLine {
  return pressed.reduce((line, key) => edit(line, key, history, 200) ?? line, from);
}

/** A screen that knows only what every terminal does: characters, and backspaces that move. */
function onScreen(screen: readonly string[], column: number, written: string) {
  const cells = [...screen];
  let at = column;
  for (const character of written) {
    if (character === "\b") at -= 1;
    else {
      cells[at] = character;
      at += 1;
    }
    assert(at >= 0);
  }
  return { screen: cells, column: at };
}

test("after any keys the screen shows the line, and the cursor stands where the next character goes", () => {
  fc.assert(
    fc.property(keys, fc.constantFrom(0, 10, 24, 80), (pressed, columns) => {
      let shown = nothingShown;
      let seen: { screen: string[]; column: number } = { screen: [], column: 0 };
      let line = emptyLine;
      for (const key of pressed) {
        line = edit(line, key, history, 200) ?? line;
        const next = visiblePart(line, columns);
        seen = onScreen(seen.screen, seen.column, repaint(shown, next));
        shown = next;
        assert.equal(seen.screen.join("").trimEnd(), next.text.join("").trimEnd());
        assert.equal(seen.column, next.cursor);
        assert(columns === 0 || next.text.length < columns);
        assert(line.cursor === line.text.length || next.cursor < next.text.length);
        assert(line.text.isWellFormed(), "no character is cut in half");
      }
    }),
  );
});

test("a line that was left for history comes back as it was typed", () => {
  const typed = after([..."sh"].map((letter) => ({ type: "text", text: letter })));
  const back = after([{ type: "up" }, { type: "up" }, { type: "up" }], typed);
  assert.equal(back.text, "show license all");
  assert.equal(after([{ type: "down" }, { type: "down" }], back).text, "sh");
});

test("history keeps the newest lines and no line twice in a row", () => {
  const lines = Array.from({ length: 50 }, (_, index) => `line ${index >> 1}`);
  const kept = lines.reduce<readonly string[]>(remember, []);
  assert.equal(kept.length, historyLinesMax);
  assert.equal(new Set(kept).size, kept.length);
  assert.deepEqual(remember(kept, "  "), kept);
});

test("pages hold every line once and in order, and none is taller than the screen", () => {
  const lines = fc.array(fc.string({ maxLength: 40 }));
  fc.assert(
    fc.property(lines, fc.integer({ min: 1, max: 20 }), fc.constantFrom(0, 10, 80), (all, rows, columns) => {
      const seen: string[] = [];
      for (let rest: readonly string[] = all; rest.length > 0; ) {
        const page = cutPage(rest, rows, columns);
        seen.push(...page.shown);
        assert(page.shown.length === 1 || page.shown.length <= rows);
        rest = page.rest;
      }
      assert.deepEqual(seen, all);
    }),
  );
});
