// Tables for people: as wide as the terminal, never wider; what does not fit is cut with an ellipsis, widest column first.

export type Column<Row> = {
  readonly title: string;
  readonly value: (row: Row) => string;
  /** Numbers stand at the right. */
  readonly align?: "left" | "right";
  /** A column that must stay whole, such as an id to copy. */
  readonly keep?: boolean;
};

const gap = "  ";
const narrowest = 4;

/** `width` in characters. Nothing is cut where there is none: no terminal, or one that does not know its size and says 0. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width?: number): string {
  const cells = rows.map((row) => columns.map((column) => oneLine(column.value(row))));
  const widths = shrinkToWidth(columns, naturalWidths(columns, cells), width);
  const line = (texts: readonly string[]) =>
    texts
      .map((text, i) => pad(text, widths[i] ?? 0, columns[i]?.align))
      .join(gap)
      .trimEnd();
  const header = line(columns.map((column) => column.title));
  return [header, ...cells.map(line)].map((text) => `${text}\n`).join("");
}

/** Names come from outside: what moves the cursor, or turns the direction of writing, must not reach a terminal. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ");
}

function naturalWidths<Row>(columns: readonly Column<Row>[], cells: readonly (readonly string[])[]): number[] {
  return columns.map((column, i) => Math.max(column.title.length, ...cells.map((row) => row[i]?.length ?? 0)));
}

function shrinkToWidth<Row>(columns: readonly Column<Row>[], natural: number[], width: number | undefined): number[] {
  if (width === undefined || width === 0) return natural;
  const widths = [...natural];
  let excess = widths.reduce((sum, each) => sum + each, gap.length * (widths.length - 1)) - width;
  while (excess > 0) {
    const widest = widestCuttable(columns, widths);
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function widestCuttable<Row>(columns: readonly Column<Row>[], widths: readonly number[]): number {
  let widest = -1;
  for (const [i, width] of widths.entries()) {
    if (columns[i]?.keep !== true && width > narrowest && width > (widths[widest] ?? 0)) widest = i;
  }
  return widest;
}

function pad(text: string, width: number, align: "left" | "right" = "left"): string {
  const cut = text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
  return align === "right" ? cut.padStart(width) : cut.padEnd(width);
}
