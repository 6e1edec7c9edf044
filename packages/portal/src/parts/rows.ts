// Filter and sort of a table, as its URL says them.

export type Column<Row> = {
  readonly id: string;
  readonly title: string;
  /** What is sorted by, and what a filter looks into. */
  readonly value: (row: Row) => string | number;
  readonly isNumber?: boolean;
};

/** Every word of the filter must stand somewhere in the row. */
export function filtered<Row>(rows: readonly Row[], columns: readonly Column<Row>[], filter: string): readonly Row[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = columns
      .map(({ value }) => value(row))
      .join("\n")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export type Sort = { readonly id: string; readonly isDescending: boolean };

export function sortOf(text: string | undefined): Sort | null {
  if (text === undefined) return null;
  return text.startsWith("-") ? { id: text.slice(1), isDescending: true } : { id: text, isDescending: false };
}

/** The next state of a column's button: up, down, as it came. */
export function nextSort(current: Sort | null, id: string): string | undefined {
  if (current?.id !== id) return id;
  return current.isDescending ? undefined : `-${id}`;
}

export function sorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: Sort | null): readonly Row[] {
  const column = columns.find(({ id }) => id === sort?.id);
  if (sort === null || column === undefined) return rows;
  const direction = sort.isDescending ? -1 : 1;
  return rows.toSorted((one, other) => direction * compare(column.value(one), column.value(other)));
}

function compare(one: string | number, other: string | number): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one).localeCompare(String(other), "en", { numeric: true });
}
