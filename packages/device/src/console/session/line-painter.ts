// Shows an edited line on a terminal with nothing but characters, blanks and backspaces, so that any terminal and any
// program at the other end understands it. A line too long for the screen is moved to the left behind a dollar sign.

import type { EditedLine } from "./line-editor.ts";

/** What stands behind the prompt, a character each, and how many of them stand before the cursor. */
export type ShownLine = { readonly text: readonly string[]; readonly cursor: number };

export const nothingShown: ShownLine = { text: [], cursor: 0 };
const columnsMin = 8;

/** `columns` is the room behind the prompt; 0 for as much as there is text. */
export function visiblePart(line: Pick<EditedLine, "text" | "cursor">, columns: number): ShownLine {
  const text = [...line.text];
  const cursor = [...line.text.slice(0, line.cursor)].length;
  const room = Math.max(columns, columnsMin);
  if (columns === 0 || text.length < room) return { text, cursor };
  // In half screens, so that the line does not move with every character.
  const step = Math.floor(room / 2);
  const start = Math.max(0, Math.ceil((cursor - room + 2) / step)) * step;
  const part = text.slice(start, start + room - 1);
  const cut = start + part.length < text.length ? [...part.slice(0, -1), "$"] : part;
  return { text: start > 0 ? ["$", ...cut.slice(1)] : cut, cursor: cursor - start };
}

/** What must be written to turn one into the other. */
export function repaint(before: ShownLine, after: ShownLine): string {
  const same = commonLength(before.text, after.text);
  if (same === before.text.length && same === after.text.length) return moved(before, after.cursor, before.text);
  const rest = after.text.slice(same).join("");
  const blanks = " ".repeat(Math.max(0, before.text.length - after.text.length));
  const written = after.text.length + blanks.length;
  return moved(before, same, before.text) + rest + blanks + "\b".repeat(written - after.cursor);
}

/** Goes to a column that is on the screen already. */
function moved(from: ShownLine, column: number, text: readonly string[]): string {
  return column < from.cursor ? "\b".repeat(from.cursor - column) : text.slice(from.cursor, column).join("");
}

function commonLength(one: readonly string[], other: readonly string[]): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}
