// The line that is being typed: text, cursor, and the way through the lines of before. Pure.

import type { Key } from "./key-decoder.ts";

export type EditedLine = {
  readonly text: string;
  /** Characters before the cursor. */
  readonly cursor: number;
  /** Steps back in history; 0 is the line that is being typed. */
  readonly stepsBack: number;
  /** What was typed before going back. */
  readonly typed: string;
};

export const emptyLine: EditedLine = { text: "", cursor: 0, stepsBack: 0, typed: "" };

/** Lines that are remembered. */
export const historyLinesMax = 20;

export function lineOf(text: string): EditedLine {
  return { ...emptyLine, text, cursor: text.length };
}

/** Null for a key that does not edit. Text beyond `charactersMax` is not taken. */
export function edit(line: EditedLine, key: Key, history: readonly string[], charactersMax: number): EditedLine | null {
  const { text, cursor } = line;
  const replace = (start: number, end: number, by = ""): EditedLine => ({
    ...line,
    text: text.slice(0, start) + by + text.slice(end),
    cursor: start + by.length,
  });
  const move = (to: number): EditedLine => ({ ...line, cursor: Math.min(Math.max(to, 0), text.length) });
  switch (key.type) {
    case "text":
      return text.length + key.text.length > charactersMax ? line : replace(cursor, cursor, key.text);
    case "left":
      return move(cursor - widthBefore(text, cursor));
    case "right":
      return move(cursor + widthAfter(text, cursor));
    case "line-start":
      return move(0);
    case "line-end":
      return move(text.length);
    case "word-back":
      return move(wordStart(text, cursor));
    case "word-forward":
      return move(cursor + (/^\s*\S*/.exec(text.slice(cursor))?.[0].length ?? 0));
    case "erase-back":
      return replace(cursor - widthBefore(text, cursor), cursor);
    case "erase-forward":
      return replace(cursor, cursor + widthAfter(text, cursor));
    case "erase-to-end":
      return replace(cursor, text.length);
    case "erase-line":
      return replace(0, cursor);
    case "erase-word":
      return replace(wordStart(text, cursor), cursor);
    case "up":
      return recall(line, line.stepsBack + 1, history);
    case "down":
      return recall(line, line.stepsBack - 1, history);
    default:
      return null;
  }
}

/** Units of the character before the cursor: two for one outside the basic plane, which must not be cut in half. */
function widthBefore(text: string, cursor: number): number {
  return [...text.slice(0, cursor)].at(-1)?.length ?? 0;
}

function widthAfter(text: string, cursor: number): number {
  return [...text.slice(cursor, cursor + 2)][0]?.length ?? 0;
}

function wordStart(text: string, cursor: number): number {
  return cursor - (/\S*\s*$/.exec(text.slice(0, cursor))?.[0].length ?? 0);
}

function recall(line: EditedLine, stepsBack: number, history: readonly string[]): EditedLine {
  if (stepsBack < 0 || stepsBack > history.length) return line;
  const typed = line.stepsBack === 0 ? line.text : line.typed;
  const text = stepsBack === 0 ? typed : (history.at(-stepsBack) ?? "");
  return { text, cursor: text.length, stepsBack, typed };
}

/** The newest at the end; a line that repeats the newest is not kept twice. */
export function remember(history: readonly string[], text: string): readonly string[] {
  if (text.trim() === "" || history.at(-1) === text) return history;
  return [...history, text].slice(-historyLinesMax);
}
