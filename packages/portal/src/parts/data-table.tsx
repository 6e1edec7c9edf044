// A table with a filter, a sort and an open row, all of which stand in the URL. On a phone its rows are cards.

import { type ReactNode, useId } from "react";
import { useSearchState } from "../frame/navigation.ts";
import { type Column, filtered, nextSort, sorted, sortOf } from "./rows.ts";

export type ShownColumn<Row> = Column<Row> & { readonly cell?: (row: Row) => ReactNode };

type Props<Row> = {
  readonly caption: string;
  readonly rows: readonly Row[];
  readonly columns: readonly ShownColumn<Row>[];
  readonly keyOf: (row: Row) => string;
  /** What is said below the table: how many there are, and how more come. */
  readonly footer?: ReactNode;
};

export function DataTable<Row>({ caption, rows, columns, keyOf, footer }: Props<Row>) {
  const [search, change] = useSearchState();
  const filterId = useId();
  const sort = sortOf(search.sort);
  const shown = sorted(filtered(rows, columns, search.filter ?? ""), columns, sort);
  return (
    <>
      <p className="tools">
        <label htmlFor={filterId}>Filter</label>
        <input
          id={filterId}
          type="search"
          value={search.filter ?? ""}
          placeholder="any words"
          onChange={({ target }) => change({ filter: target.value }, { isReplaced: true })}
        />
        <span role="status">
          {shown.length === rows.length ? `${rows.length} shown` : `${shown.length} of ${rows.length} shown`}
        </span>
      </p>
      <table className="data">
        <caption className="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ id, title, isNumber }) => (
              <th
                key={id}
                scope="col"
                className={isNumber === true ? "number" : ""}
                aria-sort={sort?.id !== id ? "none" : sort.isDescending ? "descending" : "ascending"}
              >
                <button type="button" className="sort" onClick={() => change({ sort: nextSort(sort, id) })}>
                  {title}
                  <span aria-hidden="true">{sort?.id !== id ? "" : sort.isDescending ? " ↓" : " ↑"}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <TableRow key={keyOf(row)} row={row} rowKey={keyOf(row)} columns={columns} />
          ))}
        </tbody>
      </table>
      {footer}
    </>
  );
}

type RowProps<Row> = { readonly row: Row; readonly rowKey: string; readonly columns: readonly ShownColumn<Row>[] };

/** The first cell is the button that opens the row. */
function TableRow<Row>({ row, rowKey, columns }: RowProps<Row>) {
  const [search, change] = useSearchState();
  const isOpen = search.open === rowKey;
  return (
    <tr data-open={isOpen}>
      {columns.map(({ id, title, value, cell, isNumber }, at) => {
        const content = cell?.(row) ?? value(row);
        return (
          <td key={id} data-title={title} className={isNumber === true ? "number" : ""}>
            {at > 0 ? (
              content
            ) : (
              <button
                type="button"
                className="opens"
                aria-expanded={isOpen}
                onClick={() => change({ open: isOpen ? undefined : rowKey })}
              >
                {content}
              </button>
            )}
          </td>
        );
      })}
    </tr>
  );
}
